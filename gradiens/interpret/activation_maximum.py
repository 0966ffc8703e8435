"""Activation maximisation: the input that a unit answers to most, by gradient ascent with backtracking.

    φ(x) = a(x) - λ ‖x‖²
    g = ∇φ(x)
    x' = P(x + α g)      P onto the box [low, high];  α the first of 2α, α, α/2, … with φ(x') ≥ φ(x) + μ/α ‖x' - x‖²

So φ never falls. All trials of a step are made at once, in one batch; where none of them raises φ, x stays and the next step
tries smaller ones, until what the smallest promises, ‖x' - x‖²/α, is lost in the rounding of φ.

Book: 6.7.  Source: Erhan et al. (2009), section 3; Simonyan, Vedaldi & Zisserman (2014), section 2, with the penalty.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.iterate import Outcome, iterate
from gradiens.core.module import Module, knob
from gradiens.interpret.score import floating


class State(NamedTuple):
    """The input, and the step size that was taken, or tried, last."""

    x: Float[Array, "*n"]
    rate: Float[Array, ""]


class Info(NamedTuple):
    """φ before and after the step, and the rise that its smallest trial promised."""

    before: Float[Array, ""]
    value: Float[Array, ""]
    promised: Float[Array, ""]


class ActivationMaximum(Module):
    """Ascent on φ(x) = a(x) - λ ‖x‖² for one example x, run by `core.iterate`; `maximise` is the short way.

    Book: 6.7.  Source: Erhan et al. (2009), section 3.
    """

    unit: Callable[[Array], Array] = eqx.field(static=True)
    penalty: float = knob(0.01, 0.0, 1e6, "log", "penalty λ")
    rate: float = knob(1.0, 1e-12, 1e12, "log", "first step size α")
    slope: float = knob(1e-4, 0.0, 1.0, "log", "share μ of the promised rise")
    low: float = knob(-jnp.inf, says="least value of an input")
    high: float = knob(jnp.inf, says="largest value of an input")
    trials: int = knob(16, 1, 60, says="trials of a step, each half of the one before")

    def value(self, x: Float[Array, "*n"]) -> Float[Array, ""]:
        """φ(x)."""
        return self.unit(x) - jnp.asarray(self.penalty, x.dtype) * jnp.sum(x**2)

    def init(self, x: Float[Array, "*n"]) -> State:
        """Start at x, or where the box is nearest to it."""
        return State(jnp.clip(x, self.low, self.high), jnp.asarray(self.rate, x.dtype))

    def step(self, state: State, input: object = None) -> tuple[State, Info]:
        """One step up."""
        x, μ, each = state.x, self.slope, (slice(None), *[None] * state.x.ndim)
        φ, g = jax.value_and_grad(self.value)(x)
        α = jnp.maximum(2 * state.rate * 0.5 ** jnp.arange(self.trials, dtype=x.dtype), jnp.finfo(x.dtype).tiny)
        X = jnp.clip(x[None] + α[each] * g[None], self.low, self.high)
        Φ = jax.vmap(self.value)(X)
        moved = jnp.sum((X - x[None]) ** 2, axis=tuple(range(1, X.ndim)))
        promised = moved / α
        good = (φ + jnp.asarray(μ, x.dtype) * promised <= Φ) & (φ < Φ)
        first = jnp.argmax(good)
        better = jnp.any(good)
        x = jnp.where(better, X[first], x)
        info = Info(φ, jnp.where(better, Φ[first], φ), promised[-1])
        return State(x, jnp.where(better, α[first], α[-1])), info


def maximise(
    unit: Callable[[Array], Array], x: Float[Array, "*n"], steps: int = 100, **knobs: Any
) -> tuple[Float[Array, "*n"], Outcome]:
    """The input reached from x, and the outcome of the loop, whose trace holds φ before and after each step.

    Ends before `steps` where no trial raises φ any more, however small.
    Raises `Mistake` for an input that is not of floating-point numbers.

    Book: 6.7.  Source: Erhan et al. (2009), section 3.
    """
    floating(x)
    outcome = iterate(ActivationMaximum(unit, **knobs), x, steps=steps, keep=None, until=settled, quiet=True)
    return outcome.state.x, outcome


def settled(state: State, info: Info) -> Array:
    """No trial raised φ, and a smaller one could not be seen to."""
    return (info.value <= info.before) & (info.promised <= jnp.finfo(info.before.dtype).eps * jnp.abs(info.before))
