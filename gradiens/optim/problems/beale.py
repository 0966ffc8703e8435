"""BEALE: a valley that turns flat, with walls like the sixth power.

    C(a, b) = (3/2 - a + a b)² + (9/4 - a + a b²)² + (21/8 - a + a b³)²

Least at (3, 1/2), where it is 0. Along b = 1 with a growing it falls, too: to no minimum.

Book: 4.1.  Source: Beale (1958); Moré, Garbow & Hillstrom (1981), problem 5.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.optim.problems.problem import Box, LeastSquares


class Beale(LeastSquares):
    """Beale's function.

    Book: 4.1.  Source: Beale (1958).
    """

    def residuals(self, theta: Float[Array, "2"]) -> Float[Array, "3"]:
        """Three of them."""
        a, b = theta
        return jnp.stack([1.5 - a + a * b, 2.25 - a + a * b**2, 2.625 - a + a * b**3])

    @property
    def box(self) -> Box:
        """[-4.5, 4.5] × [-4.5, 4.5]."""
        return ((-4.5, 4.5), (-4.5, 4.5))

    def usual(self) -> Float[np.ndarray, "2"]:
        """(1, 1)."""
        return np.array([1.0, 1.0])

    def minimisers(self) -> Float[np.ndarray, "1 2"]:
        """(3, 1/2)."""
        return np.array([[3.0, 0.5]])
