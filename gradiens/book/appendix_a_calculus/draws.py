"""Random numbers of the appendix: NumPy's, from the key of the run, since a few of them are not worth a compilation."""

from __future__ import annotations

import jax
import numpy as np
from jaxtyping import Array


def generator(key: Array) -> np.random.Generator:
    """A generator that depends on the key alone."""
    return np.random.default_rng(np.asarray(jax.random.key_data(key)))
