"""ROSENBROCK: a narrow curved valley with an almost flat floor.

    C(θ) = Σᵢ 100 (θᵢ₊₁ - θᵢ²)² + (1 - θᵢ)²,   i = 1 … d-1

Least at (1, …, 1); for d ≥ 4 there is another local minimum near (-1, 1, …, 1). The Hessian at (1, 1) has condition number 2508.

Book: 4.1, 4.4, 4.5.  Source: Rosenbrock (1960); the chained form is that of SciPy's `rosen`.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.problems.problem import Box, LeastSquares


class Rosenbrock(LeastSquares):
    """Σ 100 (θᵢ₊₁ - θᵢ²)² + (1 - θᵢ)².

    Book: 4.1, 4.4, 4.5.  Source: Rosenbrock (1960).
    """

    d: int = knob(2, 2, 10_000, says="dimension")

    def residuals(self, theta: Float[Array, "d"]) -> Float[Array, "n"]:
        """10 (θᵢ₊₁ - θᵢ²), then 1 - θᵢ."""
        return jnp.concatenate([10 * (theta[1:] - theta[:-1] ** 2), 1 - theta[:-1]])

    def __call__(self, theta: Float[Array, "d"]) -> Float[Array, ""]:
        """The sum as it is written."""
        return jnp.sum(100 * (theta[1:] - theta[:-1] ** 2) ** 2 + (1 - theta[:-1]) ** 2)

    @property
    def box(self) -> Box:
        """[-2.5, 2.5] for all."""
        return ((-2.5, 2.5),) * self.d

    def usual(self) -> Float[np.ndarray, "d"]:
        """(-1.2, 1, -1.2, 1, …)."""
        return np.resize([-1.2, 1.0], self.d)

    def minimisers(self) -> Float[np.ndarray, "1 d"]:
        """(1, …, 1), the lowest."""
        return np.ones((1, self.d))
