"""RMSprop: each coordinate of the gradient divided by its root mean square.

    s' = γ s + (1 - γ) g²
    θ' = θ - α g / (√s' + ε)

Book: 4.3, 5.8.  Source: Tieleman & Hinton (2012), lecture 6.5; the ε outside of the root as in Adam.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.optimizer import Coordinatewise


class State(NamedTuple):
    """The running mean of g²."""

    s: Float[Array, "*d"]


class RMSprop(Coordinatewise):
    """Steps of about α a coordinate, whatever the scale of its gradient; the first is α / √(1-γ), for s starts at 0.

    Book: 4.3, 5.8.  Source: Tieleman & Hinton (2012).
    """

    lr: float = knob(1e-3, 1e-8, 100.0, "log", "step size α")
    gamma: float = knob(0.9, 0.0, 1.0, says="memory γ of the square")
    eps: float = knob(1e-8, 0.0, 1.0, "log", "floor ε of the denominator")

    def init(self, theta: Float[Array, "*d"]) -> State:
        """No gradient seen."""
        return State(jnp.zeros_like(theta))

    def step(self, state: State, g: Float[Array, "*d"], theta: Float[Array, "*d"]) -> tuple[State, Float[Array, "*d"]]:
        """The mean square, the update."""
        α, γ, ε = self.lr, self.gamma, self.eps
        s = γ * state.s + (1 - γ) * g**2
        return State(s), -α * g / (jnp.sqrt(s) + ε)
