"""Pooling against aliasing: the maximum at every place first, then a blur, and only then every second place.

    y = (B ⋆ maxpool_{k, stride 1}(x))↓2,   B = (1, 2, 1)'(1, 2, 1) / 16

Max pooling at a stride may change altogether when its input moves by one place, because it samples what is finer than its
stride; the blur takes the finest away. A shift by the stride still moves the output by one.

Book: 6.1.  Source: Zhang (2019), section 3.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.core.module import Module
from gradiens.functions.convolution import convolve
from gradiens.functions.pooling import max_pool

BLUR = 3  # the side of B


class BlurPool(Module):
    """Maxima of windows side by side at every place, blurred, every s-th kept: ⌈(H - k + 1) / s⌉ places.

    Book: 6.1.  Source: Zhang (2019).
    """

    window: int = eqx.field(static=True, default=2)
    stride: int = eqx.field(static=True, default=2)

    def __check_init__(self) -> None:
        if min(self.window, self.stride) < 1:
            raise Mistake("a window and a stride of at least 1", (self.window, self.stride))

    @classmethod
    def example(cls, key: Array) -> tuple[BlurPool, Array]:
        """Windows of 2 × 2, and maps for them."""
        return cls(), jax.random.normal(key, (2, 5, 6))

    def __call__(self, x: Float[Array, "C H W"], key: Array | None = None) -> Float[Array, "C H2 W2"]:
        """The pooled maps of one example."""
        y = _with_edges(_with_edges(max_pool(x, self.window, 1), -2), -1)
        B = np.broadcast_to(np.outer([1, 2, 1], [1, 2, 1]) / 16, (len(x), 1, BLUR, BLUR))
        return convolve(jnp.asarray(B, x.dtype), y, self.stride, groups=len(x))


def _with_edges(y: Array, axis: int) -> Array:
    """The first and the last place twice: at a border the blur sees what is there."""
    n = y.shape[axis]
    first, last = (jax.lax.slice_in_dim(y, i, i + 1, axis=axis) for i in (0, n - 1))
    return jnp.concatenate([first, y, last], axis)
