"""The root key of a run."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
from jaxtyping import Array


def root_key(seed: int) -> Array:
    """`jax.random.key(seed)` for 0 ≤ seed < 2³², made by NumPy: a first `key` compiles a program of its own (60 ms)."""
    words: Any = np.array([0, seed], np.uint32)
    return jax.random.wrap_key_data(words, impl="threefry2x32")
