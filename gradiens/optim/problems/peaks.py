"""PEAKS: three hills and three hollows of different depth.

    C(a, b) = 3 (1-a)² e^(-a² - (b+1)²) - 10 (a/5 - a³ - b⁵) e^(-a² - b²) - ⅓ e^(-(a+1)² - b²)

Away from the origin it is flat: a method that starts there goes nowhere.

Book: 4.1.  Source: the function `peaks` of MATLAB.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.optim.problems.problem import Box, Problem


class Peaks(Problem):
    """Sum of three bumps; minima -6.5511, -3.0498 and -0.0649.

    Book: 4.1.
    """

    def __call__(self, theta: Float[Array, "2"]) -> Float[Array, ""]:
        """C(a, b)."""
        a, b = theta
        first = 3 * (1 - a) ** 2 * jnp.exp(-(a**2) - (b + 1) ** 2)
        second = 10 * (a / 5 - a**3 - b**5) * jnp.exp(-(a**2) - b**2)
        third = jnp.exp(-((a + 1) ** 2) - b**2) / 3
        return first - second - third

    @property
    def box(self) -> Box:
        """[-2.5, 2.5] × [-2.5, 2.5]."""
        return ((-2.5, 2.5), (-2.5, 2.5))

    def usual(self) -> Float[np.ndarray, "2"]:
        """(0.5, -0.5), from which it is downhill to the lowest minimum."""
        return np.array([0.5, -0.5])

    def minimisers(self) -> Float[np.ndarray, "3 2"]:
        """All three."""
        return np.array(
            [
                [0.2282789205563691, -1.6255349574999967],
                [-1.3473962443682108, 0.2045188660970052],
                [0.2964455538468321, 0.3201962476668344],
            ]
        )

    @property
    def least(self) -> float:
        """The value at the first minimiser."""
        return -6.551133332835835
