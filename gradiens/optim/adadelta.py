"""ADADELTA: each coordinate's step is its gradient times the ratio of two running roots: of past steps, of past gradients.

    s' = γ s + (1 - γ) g²
    δ = √(u + ε) / √(s' + ε) ⊙ g
    u' = γ u + (1 - γ) δ²
    θ' = θ - α δ

Apart from ε the step δ has the unit of θ, whatever the unit of C, and the paper has α = 1. The first δ is about √(ε/(1-γ)),
and the later ones have to grow from there: ε sets the length of the first steps.

Book: 4.4.  Source: Zeiler (2012), Algorithm 1; the factor α as in PyTorch and Optax, which it equals.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.optimizer import Coordinatewise


class State(NamedTuple):
    """Running means of g² and of δ²."""

    s: Float[Array, "*d"]
    u: Float[Array, "*d"]


class Adadelta(Coordinatewise):
    """Steps in the unit of θ: past steps set the size of the next.

    Book: 4.4.  Source: Zeiler (2012).
    """

    lr: float = knob(1.0, 1e-8, 100.0, "log", "factor α of the step; 1 in the paper")
    gamma: float = knob(0.95, 0.0, 1.0, says="memory γ of both squares")
    eps: float = knob(1e-6, 1e-12, 1.0, "log", "floor ε of both roots: the size of the first steps")

    def init(self, theta: Float[Array, "*d"]) -> State:
        """No gradient seen, no step taken."""
        return State(jnp.zeros_like(theta), jnp.zeros_like(theta))

    def step(self, state: State, g: Float[Array, "*d"], theta: Float[Array, "*d"]) -> tuple[State, Float[Array, "*d"]]:
        """The mean square of gradients, the step, the mean square of steps."""
        α, γ, ε = self.lr, self.gamma, self.eps
        s = γ * state.s + (1 - γ) * g**2
        δ = jnp.sqrt(state.u + ε) / jnp.sqrt(s + ε) * g
        u = γ * state.u + (1 - γ) * δ**2
        return State(s, u), -α * δ
