"""The part of a picture in a box, brought to one size: what the second stage of a detector looks at.

    y[c, u, v] = Σ over the four pixels around (xᵤ, y_v) of their bilinear weights times x[c, ·, ·]
    xᵥ = x₁ + (v + 1/2) (x₂ - x₁)/n - 1/2,   yᵤ = y₁ + (u + 1/2) (y₂ - y₁)/n - 1/2

Pixels beyond the border count as those on it.

Book: 6.8.  Source: He et al. (2017), section 3, with one sample for each place.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

KIND = "detection"


def crop_and_resize(x: Float[Array, "C H W"], box: Float[Array, " 4"], size: int) -> Float[Array, "C size size"]:
    """The picture in the box, as size × size pixels; a function of the corners that can be differentiated.

    Book: 6.8.  Source: He et al. (2017), section 3.
    """
    along = (jnp.arange(size, dtype=x.dtype) + 0.5) / size
    left, top, right, bottom = box.astype(x.dtype)
    across = _weights(left + along * (right - left) - 0.5, x.shape[2])
    down = _weights(top + along * (bottom - top) - 0.5, x.shape[1])
    return down @ x @ across.T


def _weights(at: Float[Array, " size"], n: int) -> Float[Array, "size n"]:
    """The share of each of n pixels in the values at these places."""
    at = jnp.clip(at, 0, n - 1)
    return jnp.maximum(1 - jnp.abs(at[:, None] - jnp.arange(n, dtype=at.dtype)[None]), 0)
