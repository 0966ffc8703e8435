"""NESTEROV MOMENTUM: momentum that looks ahead, with the gradient taken where the momentum is about to lead.

    v' = β v + (1 - β) g
    θ' = θ - α (β v' + (1 - β) g)

θ is the point that looks ahead. With a = α (1 - β) this is x' = θ - a g, θ' = x' + β (x' - x), the scheme of two
sequences with a constant factor. On a μ-strongly convex C with L-Lipschitz gradient, a = 1/L and β = (1 - √q) / (1 + √q),
q = μ/L, give C(xₖ) - C* ≤ (1 - √q)ᵏ (C(x₀) - C* + μ |x₀ - x*|² / 2); gradient descent has 1 - q in place of 1 - √q.

Book: 4.4.  Source: Nesterov (1983); Sutskever, Martens, Dahl & Hinton (2013) for the form. PyTorch and Optax have v = β v + g:
the same path when their step size is α (1-β).
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


class Nesterov(Coordinatewise):
    """Momentum that looks ahead. β = 0 is gradient descent.

    Book: 4.4.  Source: Nesterov (1983); Sutskever et al. (2013).
    """

    lr: float = knob(0.1, 1e-8, 100.0, "log", "step size α")
    beta: float = knob(0.9, 0.0, 1.0, says="memory β of the mean")

    def init(self, theta: Float[Array, "*d"]) -> State:
        """At rest."""
        return State(jnp.zeros_like(theta))

    def step(self, state: State, g: Float[Array, "*d"], theta: Float[Array, "*d"]) -> tuple[State, Float[Array, "*d"]]:
        """The mean, the update with the mean of the step to come."""
        α, β = self.lr, self.beta
        v = β * state.v + (1 - β) * g
        return State(v), -α * (β * v + (1 - β) * g)
