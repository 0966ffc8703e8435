"""What encoding returns: the stored input of a model, and what was seen on the way."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array


class Row(NamedTuple):
    """Inputs with embedded columns: numbers (N, D) float32 and codes (N, C) int32; without the N for one example."""

    numbers: Any
    codes: Any


class Encoded(NamedTuple):
    """The input of the model, notes in words, how many values of each column were unseen in training, names of rows."""

    x: Any
    notes: tuple[str, ...]
    unseen: dict[str, int]
    names: tuple[str, ...] = ()


def default_precision(x: Array) -> Array:
    """`x` in JAX's default float: float32, or float64 when x64 is on."""
    return jnp.asarray(x, jax.dtypes.canonicalize_dtype(float))
