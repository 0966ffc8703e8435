"""ADAGRAD: each coordinate's step divided by the root of the sum of all its squared gradients.

    s' = s + g²
    θ' = θ - α g / (√s' + ε)

A coordinate's rate α / (√s + ε) never increases. On convex costs with gradients seen one after the other, and θ kept in a
box of side D, the regret after T steps is at most (D²/(2α) + α) Σᵢ √s_T,ᵢ: small where gradients are sparse.

Book: 4.4.  Source: Duchi, Hazan & Singer (2011), diagonal form, whose δ is ε. PyTorch has this form; Optax starts s at 0.1
and has g / √(s + ε), the same at ε = 0 and a start of 0.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.optimizer import Coordinatewise


class State(NamedTuple):
    """The sum of g²."""

    s: Float[Array, "*d"]


class Adagrad(Coordinatewise):
    """Steps that shrink like 1/√t where gradients keep coming, and stay long where they are rare.

    Book: 4.4.  Source: Duchi, Hazan & Singer (2011).
    """

    lr: float = knob(0.01, 1e-8, 100.0, "log", "step size α")
    eps: float = knob(1e-10, 0.0, 1.0, "log", "floor ε of the denominator")

    def init(self, theta: Float[Array, "*d"]) -> State:
        """No gradient seen."""
        return State(jnp.zeros_like(theta))

    def step(self, state: State, g: Float[Array, "*d"], theta: Float[Array, "*d"]) -> tuple[State, Float[Array, "*d"]]:
        """The sum of squares, the update."""
        α, ε = self.lr, self.eps
        s = state.s + g**2
        return State(s), -α * g / (jnp.sqrt(s) + ε)
