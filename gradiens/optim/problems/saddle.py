"""SADDLE: a stationary point that is no minimum, between two that are.

    C(a, b) = a² - b² + b⁴/4

∇C = 0 at 0, where the Hessian is diag(2, -2). A method of gradients that starts on the line b = 0 ends there, plain Newton near
it too; the minima lie at (0, ±√2).

Book: 4.1.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Array, Float

from gradiens.optim.problems.problem import Box, Problem


class Saddle(Problem):
    """a² - b² + b⁴/4.

    Book: 4.1.
    """

    def __call__(self, theta: Float[Array, "2"]) -> Float[Array, ""]:
        """C(a, b)."""
        a, b = theta
        return a**2 - b**2 + b**4 / 4

    @property
    def box(self) -> Box:
        """[-2, 2] × [-2, 2]."""
        return ((-2.0, 2.0), (-2.0, 2.0))

    def usual(self) -> Float[np.ndarray, "2"]:
        """(1, 0.01), all but on the line that leads to the saddle."""
        return np.array([1.0, 0.01])

    def minimisers(self) -> Float[np.ndarray, "2 2"]:
        """(0, √2) and (0, -√2)."""
        return np.array([[0.0, 2**0.5], [0.0, -(2**0.5)]])

    @property
    def least(self) -> float:
        """-1."""
        return -1.0
