"""Reduction on a plateau: the step size becomes smaller when a watched loss has not become lower for some epochs.

    C < best          best = C, wait = 0;  else wait = wait + 1
    wait = patience   scale = factor · scale, wait = 0

Unlike a schedule it needs no plan of how many steps there will be; the loss tells when.

Book: 5.8.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from gradiens.core.module import Module, knob
from gradiens.optim.schedules import Schedule, Step


class State(NamedTuple):
    """The lowest loss, the epochs since, the factor of the step size."""

    best: Float[Array, ""]
    wait: Int[Array, ""]
    scale: Float[Array, ""]


class Plateau(Module):
    """When the step size becomes smaller, and by how much.

    Book: 5.8.
    """

    factor: float = knob(0.1, 0.0, 1.0, says="factor of the step size at each reduction")
    patience: int = knob(3, 1, None, says="epochs without a lower loss before it")

    def init(self) -> State:
        """No loss seen, the step size as it is."""
        real = jax.dtypes.canonicalize_dtype(float)
        return State(jnp.full((), jnp.inf, real), jnp.int32(0), jnp.ones((), real))

    def step(self, state: State, loss: Float[Array, ""]) -> State:
        """The state after an epoch with this loss."""
        C = jnp.asarray(loss, state.best.dtype)
        wait = jnp.where(state.best > C, 0, state.wait + 1)
        reduce = wait >= self.patience
        scale = jnp.where(reduce, self.factor * state.scale, state.scale)
        return State(jnp.fmin(C, state.best), jnp.where(reduce, 0, wait), scale)


class _Scaled(Schedule):
    """A schedule, or none, times a factor that is given."""

    schedule: Schedule | None = None
    scale: Any = 1.0

    def __call__(self, t: Step) -> Float[Array, ""]:
        """Scale times the factor of step t."""
        return self.scale * (1 if self.schedule is None else self.schedule(t))


class Reduced(Module):
    """An algorithm of epochs with a `descent`, such as `Epochs`, whose step size is reduced on plateaus.

    `loss(info)` is what is watched: of what the algorithm tells of an epoch, for example the validation loss.

    Book: 5.8.
    """

    epochs: Any
    plateau: Plateau
    loss: Callable[[Any], Array] = eqx.field(static=True)

    def init(self, *start: Any) -> tuple[Any, State]:
        """The algorithm's state, and that of the rule."""
        return self.epochs.init(*start), self.plateau.init()

    def step(self, state: tuple[Any, State], input: Any) -> tuple[tuple[Any, State], tuple[Any, Array]]:
        """An epoch with the step size as it is; what the algorithm tells, and the factor it ran with."""
        inner, rule = state
        descent = self.epochs.descent
        scaled = dataclasses.replace(descent, schedule=_Scaled(schedule=descent.schedule, scale=rule.scale))
        inner, info = dataclasses.replace(self.epochs, descent=scaled).step(inner, input)
        return (inner, self.plateau.step(rule, self.loss(info))), (info, rule.scale)
