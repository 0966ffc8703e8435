"""Clipping: a gradient longer than c is scaled back to length c.

    g' = g min(1, c / ‖g‖),  ‖g‖ over all leaves of the tree together

The direction stays, and below the cap nothing happens.

Book: 4.2, 5.5.  Source: Pascanu, Mikolov & Bengio (2013).
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


def norm(tree: Any) -> Float[Array, ""]:
    """‖g‖ = √Σ gᵢ², over all leaves."""
    precision = jax.dtypes.canonicalize_dtype(float)
    squares = (jnp.sum(leaf**2, dtype=precision) for leaf in jax.tree.leaves(tree))
    return jnp.sqrt(sum(squares, start=jnp.zeros((), precision)))


def clip_by_norm(g: Any, most: float | Array) -> tuple[Any, Float[Array, ""]]:
    """`(g', ‖g‖)`: the tree with a norm of at most `most`, and its norm before."""
    length = norm(g)
    scale = jnp.where(length > most, most / length, 1)  # at ‖g‖ = 0 the branch not taken is inf, and is not taken
    return jax.tree.map(lambda leaf: scale.astype(leaf.dtype) * leaf, g), length
