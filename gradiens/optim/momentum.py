"""Momentum: descent along a running mean of the gradients.

    v' = β v + (1 - β) g
    θ' = θ - α v'

Book: 4.3.  Source: Polyak (1964). His heavy ball v = β v + g with step α is this with step α / (1-β).
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.optimizer import Coordinatewise


class State(NamedTuple):
    """The running mean of g."""

    v: Float[Array, "*d"]


class Momentum(Coordinatewise):
    """Running mean of the gradients: what alternates cancels, what agrees adds up. β = 0 is gradient descent.

    Book: 4.3.  Source: Polyak (1964).
    """

    lr: float = knob(0.1, 1e-8, 100.0, "log", "step size α")
    beta: float = knob(0.9, 0.0, 1.0, says="memory β of the mean")

    def init(self, theta: Float[Array, "*d"]) -> State:
        """At rest."""
        return State(jnp.zeros_like(theta))

    def step(self, state: State, g: Float[Array, "*d"], theta: Float[Array, "*d"]) -> tuple[State, Float[Array, "*d"]]:
        """The mean, the update."""
        α, β = self.lr, self.beta
        v = β * state.v + (1 - β) * g
        return State(v), -α * v
