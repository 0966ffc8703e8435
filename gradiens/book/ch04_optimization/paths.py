"""The paths of methods, as arrays: one in the one loop, many in one compiled program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.iterate import iterate
from gradiens.optim.cost import Cost, Point, cost_of
from gradiens.optim.minimiser import Info, Minimise, State, as_minimiser

Path = tuple[Point, Info]  # θ, C, ∇C at the start and after each step; what the steps tell


def path_of(cost: Cost, method: Any, start: Float[Array, "d"], steps: int, tolerance: float = 0.0) -> Path:
    """The path of one method, until max |gᵢ| ≤ `tolerance` or nothing changes any more."""
    algorithm = Minimise(cost, as_minimiser(method), tolerance)
    until, record = lambda state, info: state.done, lambda state, info: (state.point, info)
    outcome = iterate(algorithm, start, steps=steps, until=until, record=record, keep=None, quiet=True)
    points, infos = outcome.trace
    return _with_start(cost.at(start), points), infos


def side_by_side(cost: Cost, methods: Mapping[str, Any], start: Float[Array, "d"], steps: int) -> dict[str, Path]:
    """The paths of several methods, all of the same length, from one program."""

    @jax.jit
    def walk(cost: Cost, methods: dict[str, Any], start: Array) -> dict[str, Path]:
        return {name: _walk(cost, method, start, steps) for name, method in methods.items()}

    paths = walk(cost, dict(methods), start)
    return {name: paths[name] for name in methods}  # in the order given


def told(state: State, info: Info) -> Any:
    """What is kept of a step beside the point: what it tells."""
    return info


def paths_of(
    f: Callable[..., Any],
    method: Any,
    starts: Float[Array, "N d"],
    steps: int,
    *data: Float[Array, "N *_"],
    keep: Callable[[State, Info], Any] = told,
) -> tuple[Point, Any]:
    """The paths on N costs f(θ, *data) at once, `data` with a row for each; a knob of the method may have N values too.

    `keep(state, info)` says what is kept of a step beside its point.
    """

    def one(method: Any, start: Array, *data: Array) -> tuple[Point, Any]:
        return _walk(cost_of(f, start, data), method, start, steps, keep)

    knobs = jax.tree.map(lambda leaf: 0 if jnp.ndim(leaf) else None, method)
    return jax.jit(jax.vmap(one, (knobs, 0, *(0 for _ in data))))(method, starts, *data)


def _walk(
    cost: Cost, method: Any, start: Float[Array, "d"], steps: int, keep: Callable[[State, Info], Any] = told
) -> tuple[Point, Any]:
    """All steps: at the minimum a method stays where it is, but for rounding."""
    algorithm = Minimise(cost, as_minimiser(method), 0.0)

    def step(state, t):
        state, info = algorithm.step(state, t)
        return state, (state.point, keep(state, info))

    state = algorithm.init(start)
    points, kept = jax.lax.scan(step, state, jnp.arange(steps))[1]
    return _with_start(state.point, points), kept


def _with_start(start: Point, points: Point) -> Point:
    return jax.tree.map(lambda a, b: jnp.concatenate([jnp.asarray(a)[None], jnp.asarray(b)]), start, points)
