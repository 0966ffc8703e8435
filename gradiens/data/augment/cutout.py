"""Cutout: a square of each picture is zero, the mean of standardised pictures.

    x'[i, j] = 0  where |i - a| and |j - b| lie within the square,  (a, b) uniform over the pixels

The square is cut off at the edges of the picture.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import Module, knob
from gradiens.data.augment.draws import inside, whole


class Cutout(Module):
    """A square at a random place is zero.

    Book: 8.6.  Source: DeVries & Taylor (2017), section 3.2: the middle anywhere, so that the square may reach over the edge.
    """

    size: int = knob(8, 1, 1024, says="side of the square in pixels")

    def __call__(self, key: Array, x: Float[Array, "B C H W"]) -> Float[Array, "B C H W"]:
        """x' = 0 in the square."""
        high, wide = x.shape[-2:]
        rows, columns = jax.random.split(key)
        top = whole(rows, 0, high - 1, x) - self.size // 2
        left = whole(columns, 0, wide - 1, x) - self.size // 2
        hole = inside(top, top + self.size, left, left + self.size, (high, wide))
        return jnp.where(hole, jnp.zeros((), x.dtype), x)
