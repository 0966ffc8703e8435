"""Gradient descent; stochastic when g is the gradient of a minibatch.

    θ' = θ - α g

Book: 4.1, 4.2.  Source: Cauchy (1847); Robbins & Monro (1951) for the stochastic form.
"""

from __future__ import annotations

from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.optimizer import Coordinatewise


class SGD(Coordinatewise):
    """Gradient descent. On a convex C with L-Lipschitz gradient and α ≤ 1/L the gap is at most |θ₀ - θ*|² / (2 α t).

    Book: 4.1, 4.2.
    """

    lr: float = knob(0.1, 1e-8, 100.0, "log", "step size α")

    def init(self, theta: Float[Array, "*d"]) -> tuple[()]:
        """Nothing to remember."""
        return ()

    def step(self, state: tuple[()], g: Float[Array, "*d"], theta: Float[Array, "*d"]) -> tuple[tuple[()], Array]:
        """Against the gradient."""
        α = self.lr
        return (), -α * g
