"""How the weights of a layer begin: `initialiser(key, shape) -> array`, shape (out, in, …), in the default float dtype.

The variance decides whether signals keep their size from layer to layer: with independent weights,
Var z[l] = n_in Var(w) E[a²], so Var(w) = 1/n_in keeps a linear layer's signal and 2/n_in that of a relu layer.

Book: 5.5.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import jax
import numpy as np
from jaxtyping import Array

KIND = "initialiser"

Initialiser = Callable[[Array, tuple[int, ...]], Array]


def zeros(key: Array, shape: tuple[int, ...]) -> Array:
    """All weights 0: right for a model without hidden layers, hopeless with them (the units stay equal for ever).

    Book: 5.5.
    """
    return jax.device_put(np.zeros(shape, jax.dtypes.canonicalize_dtype(float)))  # by NumPy: nothing to compile


def normal(key: Array, shape: tuple[int, ...], std: float = 1.0) -> Array:
    """Independent N(0, std²).

    Book: 5.5.
    """
    return std * jax.random.normal(key, shape)


def glorot(key: Array, shape: tuple[int, ...]) -> Array:
    """Uniform on [-r, r], r = √(6 / (n_in + n_out)): variance 2 / (n_in + n_out), for tanh and sigmoid layers.

    Book: 5.5.  Source: Glorot & Bengio (2010), equation 16; also called Xavier.
    """
    n_in, n_out = fans(shape)
    r = math.sqrt(6 / (n_in + n_out))
    return jax.random.uniform(key, shape, minval=-r, maxval=r)


def he(key: Array, shape: tuple[int, ...]) -> Array:
    """Independent N(0, 2 / n_in), for relu layers.

    Book: 5.5.  Source: He et al. (2015).
    """
    n_in, _ = fans(shape)
    return math.sqrt(2 / n_in) * jax.random.normal(key, shape)


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """`(n_in, n_out)` of a weight of shape (out, in, …); axes behind the second (a filter's window) count for both."""
    window = math.prod(shape[2:])
    return max(1, shape[1] * window), max(1, shape[0] * window)
