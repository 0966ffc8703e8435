"""Pooling: the largest or the mean of the entries in a window that moves over the last two axes of the maps.

    max        y[c, i, j] = max_{u,v < k} x[c, s i + u - p, s j + v - p]
    average    y[c, i, j] = 1/k² Σ_{u,v < k} x[c, s i + u - p, s j + v - p]

Where windows do not overlap the maps are cut into blocks, and no window has to move: the derivative of a moving maximum is
the dearest part of a small network on a CPU. The one place of these operations.

Book: 6.3.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.check import Mistake


def max_pool(
    x: Float[Array, "*B C H W"], window: int, stride: int | None = None, padding: int = 0, ceil: bool = False
) -> Float[Array, "*B C H2 W2"]:
    """The largest entry of each window, by default of windows side by side; H2 = ⌊(H + 2p - k)/s⌋ + 1, or with `ceil` ⌈…⌉ + 1.

    The padding counts as -∞. Where entries are equal, the derivative goes to the first.
    """
    s = _stride(x, window, stride, padding, ceil)
    over = [_beyond(n, window, s, padding) if ceil else 0 for n in x.shape[-2:]]
    if s == window and not padding and not any(over):
        return _largest(_blocks(x, window))
    low = -jnp.inf
    return jax.lax.reduce_window(x, np.array(low, x.dtype), jax.lax.max, *_window(x, window, s, padding, over))


@jax.custom_jvp
def _largest(blocks: Array) -> Array:
    """The largest entry of each block."""
    return jnp.max(blocks, axis=(-3, -1))


@_largest.defjvp
def _largest_jvp(at: tuple[Array], d: tuple[Array]) -> tuple[Array, Array]:
    """The change of the first largest entry.

    Its place comes from comparing the entries with each other. Comparing them with their maximum would do on paper, but a
    compiler may compute the entries twice, with last bits that differ, and then none of them is the largest.
    """
    (blocks,), (change,) = at, d
    k = blocks.shape[-1]
    rows = jnp.moveaxis(blocks, -3, -2).reshape(*blocks.shape[:-3], blocks.shape[-2], k * k)
    first = jnp.argmax(rows, axis=-1)[..., None, :, None]
    place = (k * jnp.arange(k)[:, None, None] + jnp.arange(k)[None, None, :])[(None,) * (blocks.ndim - 3)]
    return _largest(blocks), jnp.sum(jnp.where(first == place, change, 0), axis=(-3, -1))


def average_pool(
    x: Float[Array, "*B C H W"], window: int, stride: int | None = None, padding: int = 0
) -> Float[Array, "*B C H2 W2"]:
    """The mean of each window; the padding counts as zeros."""
    s = _stride(x, window, stride, padding)
    if s == window and not padding:
        return jnp.mean(_blocks(x, window), axis=(-3, -1))
    sums = jax.lax.reduce_window(x, np.array(0, x.dtype), jax.lax.add, *_window(x, window, s, padding))
    return sums / window**2


def adaptive_average_pool(x: Float[Array, "*B C H W"], size: int) -> Float[Array, "*B C size size"]:
    """Means over size × size windows that cover the maps: window i reaches from ⌊i H/size⌋ to ⌈(i + 1) H/size⌉."""
    high, wide = x.shape[-2:]
    if not 1 <= size <= min(high, wide):
        raise Mistake(f"a size between 1 and {min(high, wide)}", size)
    if size == 1:
        return jnp.mean(x, axis=(-2, -1), keepdims=True)
    return jnp.asarray(_shares(high, size, x)) @ x @ jnp.asarray(_shares(wide, size, x).T)


def _shares(n: int, size: int, x: Array) -> np.ndarray:
    """The weights (size, n) of the entries of an axis in each of its windows."""
    ends = [(i * n // size, -(-(i + 1) * n // size)) for i in range(size)]
    return np.array([[(a <= j < b) / (b - a) for j in range(n)] for a, b in ends], x.dtype)


def _blocks(x: Array, k: int) -> Array:
    """The maps cut into k × k blocks, rows and columns that fill none left out: (…, H/k, k, W/k, k)."""
    high, wide = x.shape[-2] // k, x.shape[-1] // k
    return x[..., : high * k, : wide * k].reshape(*x.shape[:-2], high, k, wide, k)


def _stride(x: Array, window: int, stride: int | None, padding: int, ceil: bool = False) -> int:
    s = window if stride is None else stride
    if min(window, s) < 1 or not 0 <= padding <= window // 2:
        raise Mistake("a window and a stride of at least 1, padding at most half the window", (window, s, padding))
    if min(pooled_size(n, window, s, padding, ceil) for n in x.shape[-2:]) < 1:
        raise Mistake(f"maps of at least {window} × {window}", f"{x.shape[-2]} × {x.shape[-1]}", "pool less, or pad")
    return s


def pooled_size(n: int, k: int, s: int, p: int = 0, ceil: bool = False) -> int:
    """Windows of k entries, with stride s, on n entries and p more at each end; with `ceil` also one that is not full, if it
    begins before the end."""
    size = (n + 2 * p - k + (s - 1 if ceil else 0)) // s + 1
    return size - (ceil and (size - 1) * s >= n + p)


def _beyond(n: int, k: int, s: int, p: int) -> int:
    """How far the last window reaches beyond the padding when none may be left out."""
    return max(0, (pooled_size(n, k, s, p, True) - 1) * s + k - n - 2 * p)


def _window(
    x: Array, k: int, s: int, p: int, over: Sequence[int] = (0, 0)
) -> tuple[tuple[int, ...], tuple[int, ...], list[tuple[int, int]]]:
    """Sizes, strides and padding of the moving window, 1 and none on the axes before the last two."""
    before = x.ndim - 2
    return (1,) * before + (k, k), (1,) * before + (s, s), [(0, 0)] * before + [(p, p + more) for more in over]
