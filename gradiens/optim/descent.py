"""Descent: the algorithm that the loop runs, for any loss and any optimizer.

    C, g = C(θ), ∇C(θ)      (‖g‖ capped at the clip)
    θ' = θ + η(t) Δ(g)      Δ the optimizer's update, η the schedule's factor

Book: 4.1, 4.2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from gradiens.core.check import Mistake
from gradiens.core.module import Module
from gradiens.optim.clipping import clip_by_norm, norm
from gradiens.optim.optax_bridge import as_optimizer
from gradiens.optim.optimizer import Optimizer
from gradiens.optim.schedules import Schedule


class State(NamedTuple):
    """Steps taken, the parameters, the optimizer's state."""

    t: Int[Array, ""]
    theta: Any
    optimizer: Any


class Info(NamedTuple):
    """The loss at the θ that the step began with, the norm of its gradient before clipping (None: not wanted), and what the
    loss gave beside its value.
    """

    loss: Float[Array, ""]
    grad_norm: Float[Array, ""] | None
    aux: Any = None


def _cap(clip: float | Array | None) -> float | Array | None:
    """None when the clip caps nothing: then no norm is computed."""
    if isinstance(clip, float | int) and not clip >= 0:
        raise Mistake("clip of at least 0", f"{clip:g}", "0 is off")
    return None if isinstance(clip, float | int) and clip in (0, float("inf")) else clip


class Descent(Module):
    """Steps on `loss(theta, input) -> scalar` by an optimizer, ours or Optax's; with `aux`, on `loss(…) -> (scalar, aux)`.

    `theta` is any tree of arrays (None in it is skipped). `clip` caps the gradient's norm (0 or infinity: off); `watch`
    reports the norm also without a clip: one more pass over the gradient, 5-20 % of a small network's step.
    """

    loss: Callable[[Any, Any], Any] = eqx.field(static=True)
    optimizer: Optimizer = eqx.field(converter=as_optimizer)
    schedule: Schedule | None = None
    clip: float | Array | None = eqx.field(default=None, converter=_cap)
    watch: bool = eqx.field(default=False, static=True)
    aux: bool = eqx.field(default=False, static=True)

    def init(self, theta: Any) -> State:
        """No step taken."""
        return State(jnp.int32(0), theta, self.optimizer.init_tree(theta))

    def step(self, state: State, input: Any) -> tuple[State, Info]:
        """Loss and gradient, clip, update."""
        t, theta, memory = state
        value, g = jax.value_and_grad(self.loss, has_aux=self.aux)(theta, input)
        loss, aux = value if self.aux else (value, None)
        length = norm(g) if self.watch else None
        if self.clip is not None:
            g, length = clip_by_norm(g, self.clip)
        memory, update = self.optimizer.step_tree(memory, g, theta)
        if self.schedule is not None:
            factor = self.schedule(t)
            update = jax.tree.map(lambda leaf: factor.astype(leaf.dtype) * leaf, update)
        theta = jax.tree.map(jnp.add, theta, update)
        return State(t + 1, theta, memory), Info(loss, length, aux)
