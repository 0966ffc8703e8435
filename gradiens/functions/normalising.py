"""Numbers brought to mean 0 and variance 1, or to mean square 1: what layer, group, instance and RMS normalisation share.

standardised  (x - m) / √(v + ε),  m and v the mean and the variance over the axes (divided by their number)
rescaled      x / √(q + ε),        q the mean of x² over the axes
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float


def standardised(x: Float[Array, "*n"], eps: float | Array, axes: int | tuple[int, ...] | None = None) -> Array:
    """(x - m) / √(v + ε) over `axes` (None: all): the same for x and for a x + c, a > 0, up to ε."""
    kept = axes is not None
    m = jnp.mean(x, axis=axes, keepdims=kept)
    v = jnp.mean((x - m) ** 2, axis=axes, keepdims=kept)
    return (x - m) / jnp.sqrt(v + eps)


def rescaled(x: Float[Array, "*n"], eps: float | Array, axes: int | tuple[int, ...] | None = None) -> Array:
    """x / √(q + ε) over `axes` (None: all): the same for x and for a x, a > 0, up to ε."""
    q = jnp.mean(x**2, axis=axes, keepdims=axes is not None)
    return x / jnp.sqrt(q + eps)
