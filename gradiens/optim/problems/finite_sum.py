"""FINITE SUM: the mean of a few quadratics, each pulling to a point of its own.

    C(θ) = (1/N) Σᵢ Cᵢ(θ),   Cᵢ(θ) = cᵢ (θ₁ - xᵢ₁)² + (θ₂ - xᵢ₂)²

Least at (Σ cᵢ xᵢ₁ / Σ cᵢ, mean of the xᵢ₂). Steps along single gradients ∇Cᵢ never come to rest, unless all points are one.

Book: 4.2.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.optim.problems.problem import Box, Problem, like

WEIGHTS = (1.0, 2.0, 3.0, 2.0, 4.0)
POINTS = ((1.0, 1.0), (2.0, 0.0), (3.0, 1.0), (2.0, 3.0), (1.0, 2.0))


class FiniteSum(Problem):
    """The mean of cᵢ (θ₁ - xᵢ₁)² + (θ₂ - xᵢ₂)² over five points.

    Book: 4.2.

    Raises `Mistake` unless there is a positive weight for each point of the plane.
    """

    c: Float[np.ndarray, "N"] = eqx.field(default=WEIGHTS, converter=np.asarray)
    x: Float[np.ndarray, "N 2"] = eqx.field(default=POINTS, converter=np.asarray)

    def __check_init__(self) -> None:
        if self.c.ndim != 1 or self.x.shape != (*self.c.shape, 2) or not np.all(np.asarray(self.c) > 0):
            raise Mistake("a weight > 0 for each point (x₁, x₂)", f"shapes {self.c.shape} and {self.x.shape}")

    def terms(self, theta: Float[Array, "2"]) -> Float[Array, "N"]:
        """Cᵢ(θ)."""
        c, x = like(self.c, theta), like(self.x, theta)
        return c * (theta[0] - x[:, 0]) ** 2 + (theta[1] - x[:, 1]) ** 2

    def __call__(self, theta: Float[Array, "2"]) -> Float[Array, ""]:
        """Their mean."""
        return jnp.mean(self.terms(theta))

    @property
    def box(self) -> Box:
        """[-1, 7] × [-1, 7]."""
        return ((-1.0, 7.0), (-1.0, 7.0))

    def usual(self) -> Float[np.ndarray, "2"]:
        """(6, 6)."""
        return np.array([6.0, 6.0])

    def minimisers(self) -> Float[np.ndarray, "1 2"]:
        """The weighted mean of the x₁, the mean of the x₂."""
        return np.array([[np.average(self.x[:, 0], weights=self.c), self.x[:, 1].mean()]])

    @property
    def least(self) -> float:
        """The mean of the terms at the minimiser."""
        ((a, b),) = self.minimisers()
        return float(np.mean(self.c * (a - self.x[:, 0]) ** 2 + (b - self.x[:, 1]) ** 2))

    def smoothness(self) -> float:
        """The larger of 2 and twice the mean weight."""
        return max(2.0, 2 * float(self.c.mean()))

    def strong_convexity(self) -> float:
        """The smaller of 2 and twice the mean weight."""
        return min(2.0, 2 * float(self.c.mean()))
