"""Activation maximisation: the input that a unit answers to most, by gradient ascent with backtracking.

    φ(x) = a(x) - λ ‖x‖²
    g = ∇φ(x)
    x' = P(x + α g)      P onto the box [low, high];  α the first of 2α, α, α/2, … with φ(x') ≥ φ(x) + μ/α ‖x' - x‖²

So φ rises at every step until no trial raises it. All trials of a step are made at once, in one batch.

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


class State(NamedTuple):
    """The input, and the step size that was taken last."""

    x: Float[Array, "*n"]
    rate: Float[Array, ""]


class Info(NamedTuple):
    """φ before and after the step."""

    before: Float[Array, ""]
    value: Float[Array, ""]


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
        """Start at x."""
        return State(x, jnp.asarray(self.rate, x.dtype))

    def step(self, state: State, input: object = None) -> tuple[State, Info]:
        """One step up."""
        x, μ, each = state.x, self.slope, (slice(None), *[None] * state.x.ndim)
        φ, g = jax.value_and_grad(self.value)(x)
        α = 2 * state.rate * 0.5 ** jnp.arange(self.trials, dtype=x.dtype)
        X = jnp.clip(x[None] + α[each] * g[None], self.low, self.high)
        Φ = jax.vmap(self.value)(X)
        moved = jnp.sum((X - x[None]) ** 2, axis=tuple(range(1, X.ndim)))
        good = (φ + jnp.asarray(μ, x.dtype) / α * moved <= Φ) & (φ < Φ)
        first = jnp.argmax(good)
        better = jnp.any(good)
        x = jnp.where(better, X[first], x)
        return State(x, jnp.where(better, α[first], α[-1])), Info(φ, jnp.where(better, Φ[first], φ))


def maximise(
    unit: Callable[[Array], Array], x: Float[Array, "*n"], steps: int = 100, **knobs: Any
) -> tuple[Float[Array, "*n"], Outcome]:
    """The input reached from x, and the outcome of the loop, whose trace holds φ before and after each step.

    Ends before `steps` where no trial raises φ any more.

    Book: 6.7.  Source: Erhan et al. (2009), section 3.
    """
    outcome = iterate(ActivationMaximum(unit, **knobs), x, steps=steps, keep=None, until=settled, quiet=True)
    return outcome.state.x, outcome


def settled(state: State, info: Info) -> Array:
    """No trial raised φ."""
    return info.value <= info.before
