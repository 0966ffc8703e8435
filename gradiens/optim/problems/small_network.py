"""SMALL NETWORK: least squares of a tanh network, where every minimum has many copies.

    C(θ) = (1/N) Σᵢ (ŷ(xᵢ) - yᵢ)²,   ŷ(x) = w₂ᵀ tanh(w₁ x + b₁) + b₂,   θ = (w₁, b₁, w₂, b₂)

The yᵢ are those of a network of this size with known weights: the least value is 0, reached at them and at their images
under the H! 2ᴴ symmetries: hidden units change places, or the signs around one of them. There are other minima and plateaus.

Book: 4.2.
"""

from __future__ import annotations

import itertools

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.optim.problems.problem import Box, LeastSquares, like

TEACHER = np.array([[1.5, -2.0, 1.0], [0.5, 1.0, -1.0], [1.0, -1.5, 2.0]])  # rows w₁, b₁, w₂; b₂ is 0.5
OFFSET = 0.5
INPUTS = np.linspace(-3, 3, 25)


class SmallNetwork(LeastSquares):
    """A network of one input, three hidden units and one output on 25 points, d = 10.

    Book: 4.2.
    """

    def predict(self, theta: Float[Array, "10"], x: Float[Array, "N"]) -> Float[Array, "N"]:
        """ŷ for all x."""
        w1, b1, w2 = theta[:9].reshape(3, 3)
        return jnp.tanh(x[:, None] * w1[None] + b1[None]) @ w2 + theta[9]

    def residuals(self, theta: Float[Array, "10"]) -> Float[Array, "25"]:
        """(ŷ(xᵢ) - yᵢ) / √N."""
        x, y = like(INPUTS, theta), like(_targets(), theta)
        return (self.predict(theta, x) - y) / len(INPUTS) ** 0.5

    def terms(self, theta: Float[Array, "10"]) -> Float[Array, "25"]:
        """(ŷ(xᵢ) - yᵢ)²."""
        return len(INPUTS) * self.residuals(theta) ** 2

    @property
    def box(self) -> Box:
        """[-2, 2] for all."""
        return ((-2.0, 2.0),) * 10

    def usual(self) -> Float[np.ndarray, "10"]:
        """Small weights, each its own."""
        return np.array([0.5, -0.6, 0.4, 0.1, 0.2, -0.1, 0.3, -0.4, 0.5, 0.0])

    def minimisers(self) -> Float[np.ndarray, "48 10"]:
        """The known weights and all their images, 3! 2³ in all."""
        images = []
        for order in itertools.permutations(range(3)):
            for signs in itertools.product([1, -1], repeat=3):
                images.append(np.append(TEACHER[:, order] * signs, OFFSET))
        return np.array(images)


def _targets() -> np.ndarray:
    w1, b1, w2 = TEACHER
    return np.tanh(INPUTS[:, None] * w1 + b1) @ w2 + OFFSET
