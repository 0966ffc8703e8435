"""Random draws, one for each picture of a batch."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int


def between(key: Array, low: Array | float, high: Array | float, x: Float[Array, "B C H W"]) -> Float[Array, "B 1 1 1"]:
    """One number a picture, uniform on [low, high), in the precision of the pictures, to be broadcast over each."""
    u = jax.random.uniform(key, (len(x), 1, 1, 1), x.dtype)
    low, high = jnp.asarray(low, x.dtype), jnp.asarray(high, x.dtype)
    return low + (high - low) * u


def whole(key: Array, low: int, high: int, x: Float[Array, "B C H W"]) -> Int[Array, " B"]:
    """One whole number a picture, uniform on low … high, both ends with."""
    return jax.random.randint(key, (len(x),), low, high + 1, jnp.int32)


def window(x: Float[Array, "B C H2 W2"], top: Int[Array, " B"], left: Int[Array, " B"], size: tuple[int, int]) -> Array:
    """Of each picture the part of `size` whose first pixel is (top, left)."""
    first = jnp.zeros((), top.dtype)
    take = lambda x, top, left: jax.lax.dynamic_slice(x, (first, top, left), (x.shape[0], *size))  # noqa: E731
    return jax.vmap(take)(x, top, left)


def inside(
    top: Int[Array, " B"], bottom: Int[Array, " B"], left: Int[Array, " B"], right: Int[Array, " B"],
    size: tuple[int, int],
) -> Array:  # fmt: skip
    """Whether a pixel lies in rows top … bottom-1 and columns left … right-1: Bool[B 1 H W]."""
    rows, columns = (jnp.arange(n, dtype=top.dtype) for n in size)
    rows, columns = rows[None, :, None], columns[None, None, :]
    top, bottom, left, right = (edge[:, None, None] for edge in (top, bottom, left, right))
    return ((top <= rows) & (rows < bottom) & (left <= columns) & (columns < right))[:, None]
