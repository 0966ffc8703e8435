"""HIMMELBLAU: four minima, all of them 0.

    C(a, b) = (a² + b - 11)² + (a + b² - 7)²

Which is reached depends on the start, in regions with tangled borders. Between them lie four saddles and one maximum.

Book: 4.1.  Source: Himmelblau (1972).
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.optim.problems.problem import Box, LeastSquares


class Himmelblau(LeastSquares):
    """Himmelblau's function.

    Book: 4.1.  Source: Himmelblau (1972).
    """

    def residuals(self, theta: Float[Array, "2"]) -> Float[Array, "2"]:
        """Two of them."""
        a, b = theta
        return jnp.stack([a**2 + b - 11, a + b**2 - 7])

    @property
    def box(self) -> Box:
        """[-5, 5] × [-5, 5]."""
        return ((-5.0, 5.0), (-5.0, 5.0))

    def usual(self) -> Float[np.ndarray, "2"]:
        """(0, 0)."""
        return np.zeros(2)

    def minimisers(self) -> Float[np.ndarray, "4 2"]:
        """All four."""
        return np.array(
            [
                [3.0, 2.0],
                [-2.8051180869527448, 3.1313125182505730],
                [-3.7793102533777470, -3.2831859912861692],
                [3.5844283403304917, -1.8481265269644034],
            ]
        )
