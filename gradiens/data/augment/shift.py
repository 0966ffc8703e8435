"""Pictures moved by whole pixels: a window of the picture with a border around it.

    x'[i, j] = x̃[i + a, j + b],   a, b uniform on 0 … 2p,   x̃ = x with p pixels around it

The border continues the edge (`shift`), or is zero, the mean of standardised pictures (`crop`). a = b = p is the identity.
"""

from __future__ import annotations

from typing import Literal

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.core.module import Module, knob
from gradiens.data.augment.draws import whole, window


class Shift(Module):
    """Moved up, down, left and right by at most so many pixels; what comes in continues the edge.

    Book: 8.6.
    """

    pixels: int = knob(4, 0, 256, says="farthest way in pixels")

    def __call__(self, key: Array, x: Float[Array, "B C H W"]) -> Float[Array, "B C H W"]:
        """x'[i, j] = x̃[i + a, j + b]."""
        return _moved(key, x, self.pixels, "edge")


class Crop(Module):
    """A window of the size of the picture, from the picture with a border of zeros around it.

    Book: 8.6.  Source: He, Zhang, Ren & Sun (2016), section 4.2: 4 pixels on each side.
    """

    padding: int = knob(4, 0, 256, says="width of the border in pixels")

    def __call__(self, key: Array, x: Float[Array, "B C H W"]) -> Float[Array, "B C H W"]:
        """x'[i, j] = x̃[i + a, j + b]."""
        return _moved(key, x, self.padding, "constant")


def _moved(key: Array, x: Array, p: int, mode: Literal["edge", "constant"]) -> Array:
    size = x.shape[2], x.shape[3]
    if p >= min(size):
        raise Mistake(f"a shift or border below the {min(size)} pixels of a picture", p)
    padded = jnp.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), mode=mode)
    rows, columns = jax.random.split(key)
    a, b = whole(rows, 0, 2 * p, x), whole(columns, 0, 2 * p, x)
    return window(padded, a, b, size)
