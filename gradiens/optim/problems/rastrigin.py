"""RASTRIGIN: a bowl under a regular wave: a local minimum near every point of the integer lattice.

    C(θ) = Σᵢ 10 + θᵢ² - 10 cos(2π θᵢ)

Least at 0. Methods that go downhill end in the hollow where they begin.

Book: 4.1.  Source: Rastrigin (1974).
"""

from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.problems.problem import Box, Problem


class Rastrigin(Problem):
    """Σ 10 + θᵢ² - 10 cos(2π θᵢ).

    Book: 4.1.  Source: Rastrigin (1974).
    """

    d: int = knob(2, 1, 10_000, says="dimension")

    def __call__(self, theta: Float[Array, "d"]) -> Float[Array, ""]:
        """C(θ)."""
        return jnp.sum(10 + theta**2 - 10 * jnp.cos(2 * math.pi * theta))

    @property
    def box(self) -> Box:
        """[-5.12, 5.12] for all."""
        return ((-5.12, 5.12),) * self.d

    def usual(self) -> Float[np.ndarray, "d"]:
        """(0.4, -0.3, 0.4, …), in the lowest hollow."""
        return np.resize([0.4, -0.3], self.d)

    def minimisers(self) -> Float[np.ndarray, "1 d"]:
        """0, the lowest."""
        return np.zeros((1, self.d))

    def smoothness(self) -> float:
        """2 + 40 π², the curvature at 0."""
        return 2 + 40 * math.pi**2
