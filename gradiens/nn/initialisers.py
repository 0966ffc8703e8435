"""How the weights of a layer begin: `initialiser(key, shape) -> array`, shape (out, in, …), in the default float dtype.

The variance decides whether signals keep their size from layer to layer: with independent weights,
Var z[l] = n_in Var(w) E[a²], so Var(w) = 1/n_in keeps a linear layer's signal and 2/n_in that of a relu layer.

Book: 5.5.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from gradiens.core.check import Mistake, known

KIND = "initialiser"

Initialiser = Callable[[Array, tuple[int, ...]], Array]


def named(name: str | Initialiser) -> Initialiser:
    """The initialiser of that name, or the function itself; a `Mistake` with the nearest name when there is none."""
    if not isinstance(name, str):
        return name
    here: dict[str, Initialiser] = {
        k: f for k, f in globals().items() if "Book:" in (getattr(f, "__doc__", None) or "")
    }
    return here[known("initialiser", name, here)]


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


def glorot_normal(key: Array, shape: tuple[int, ...]) -> Array:
    """Independent N(0, 2 / (n_in + n_out)): Glorot's variance, normal.

    Book: 5.5.  Source: Glorot & Bengio (2010).
    """
    n_in, n_out = fans(shape)
    return math.sqrt(2 / (n_in + n_out)) * jax.random.normal(key, shape)


def lecun(key: Array, shape: tuple[int, ...]) -> Array:
    """Independent N(0, 1 / n_in), for linear and selu layers.

    Book: 5.5.  Source: Klambauer et al. (2017).
    """
    n_in, _ = fans(shape)
    return math.sqrt(1 / n_in) * jax.random.normal(key, shape)


def fan_in_uniform(key: Array, shape: tuple[int, ...]) -> Array:
    """Uniform on [-r, r], r = 1/√n_in: variance 1 / (3 n_in), so signals shrink from layer to layer.

    Book: 6.5.
    """
    r = 1 / math.sqrt(fans(shape)[0])
    return jax.random.uniform(key, shape, minval=-r, maxval=r)


def he(key: Array, shape: tuple[int, ...]) -> Array:
    """Independent N(0, 2 / n_in), for relu layers.

    Book: 5.5.  Source: He et al. (2015).
    """
    n_in, _ = fans(shape)
    return math.sqrt(2 / n_in) * jax.random.normal(key, shape)


def orthogonal(key: Array, shape: tuple[int, ...]) -> Array:
    """Uniform among the matrices with orthonormal rows, or columns where there are more rows: W W' = 1 or W' W = 1.

    The weight of a window is such a matrix (out × in k …), written as one row a unit. A square W keeps the length of every
    signal and of every gradient.

    Book: 5.5.  Source: Saxe et al. (2014).
    """
    if len(shape) < 2:
        raise Mistake("a matrix or a filter, (out, in, …)", f"shape {shape}", "use zeros or normal for a vector")
    rows, columns = shape[0], math.prod(shape[1:])
    Q, R = jnp.linalg.qr(jax.random.normal(key, (max(rows, columns), min(rows, columns))))
    Q = Q * jnp.sign(jnp.diag(R))[None]  # else Q depends on the signs that the algorithm happens to give R
    return jnp.reshape(Q if rows >= columns else Q.T, shape)


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """`(n_in, n_out)` of a weight of shape (out, in, …); axes behind the second (a filter's window) count for both."""
    window = math.prod(shape[2:])
    return max(1, shape[1] * window), max(1, shape[0] * window)
