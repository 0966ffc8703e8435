"""The path of a method, as an array: of one problem in the one loop, of a batch of problems under `vmap`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.iterate import iterate
from gradiens.optim.cost import Cost, Point, cost_of
from gradiens.optim.minimiser import Info, Minimise, as_minimiser


def path_of(
    cost: Cost, method: Any, start: Float[Array, "d"], steps: int, tolerance: float = 0.0
) -> tuple[Point, Info]:
    """θ, C and ∇C at the start and after each step of `method`, and what the steps tell, until max |gᵢ| ≤ `tolerance`."""
    algorithm = Minimise(cost, as_minimiser(method), tolerance)
    outcome = iterate(
        algorithm,
        start,
        steps=steps,
        until=lambda s, i: s.done,
        record=lambda s, i: (s.point, i),
        keep=None,
        quiet=True,
    )
    points, infos = outcome.trace
    return _with_start(cost.at(start), points), infos


def paths_of(
    f: Callable[..., Any], method: Any, starts: Float[Array, "N d"], steps: int, *data: Float[Array, "N *_"]
) -> tuple[Point, Info]:
    """The same for N problems f(θ, *data) at once, `data` with a row for each; `method` may hold a knob for each too.

    All take all steps: a problem that is solved stays where it is, but for rounding.
    """

    def one(method: Any, start: Array, *data: Array) -> tuple[Point, Info]:
        algorithm = Minimise(cost_of(f, start, data), as_minimiser(method), 0.0)

        def step(state, t):
            state, info = algorithm.step(state, t)
            return state, (state.point, info)

        state = algorithm.init(start)
        points, infos = jax.lax.scan(step, state, jnp.arange(steps))[1]
        return _with_start(state.point, points), infos

    knobs = jax.tree.map(lambda leaf: 0 if jnp.ndim(leaf) else None, method)
    return jax.jit(jax.vmap(one, (knobs, 0, *(0 for _ in data))))(method, starts, *data)


def _with_start(start: Point, points: Point) -> Point:
    return jax.tree.map(lambda a, b: jnp.concatenate([jnp.asarray(a)[None], jnp.asarray(b)]), start, points)
