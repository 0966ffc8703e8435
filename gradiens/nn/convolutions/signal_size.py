"""The size of signals on their way through layers of random weights, drawn and predicted.

    z[l] = W[l] a[l-1],  a[l] = S(z[l]),  W_ij ~ N(0, c/N)
    E[z[l]²] = c E[a[l-1]²],              since Var z[l] = N Var(w) E[a[l-1]²]
    q[l] = E[S(√(c q[l-1]) Z)²],          Z ~ N(0, 1), in the limit of wide layers: what E[a[l]²] becomes

For relu q[l] = c q[l-1] / 2: c = 2 keeps the size, c = 1 halves it. For tanh and c = 1 it falls like a power of 1/l.

Book: 5.5.  Source: He et al. (2015), section 2.2; Poole et al. (2016) for the limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.functions.activations import Activation

KIND = "measure"


class Signals(NamedTuple):
    """Means of z[l]², l = 1 … L, and of a[l]², l = 0 … L, for each c."""

    z: Float[Array, "C L"]
    a: Float[Array, "C L1"]


@partial(jax.jit, static_argnames=("S", "c", "depth", "width", "dtype"))
def propagated(S: Activation, c: Sequence[float], depth: int, width: int, key: Array, dtype: Any = None) -> Signals:
    """One input of independent N(0, 1) through `depth` random layers of `width` units; the same draw for every c.

    `c` is a tuple, `dtype` the precision (the default one).

    Book: 5.5.  Source: He et al. (2015).
    """
    if min(depth, width) < 1 or not c:
        raise Mistake("at least one layer, one unit and one c", f"{depth} layers of {width}, c {c}")
    dtype = dtype or jax.dtypes.canonicalize_dtype(float)
    std = jnp.sqrt(jnp.asarray(c, dtype) / width)[:, None]
    first, *keys = jax.random.split(key, depth + 1)
    a0 = jnp.tile(jax.random.normal(first, (1, width), dtype), (len(c), 1))

    def layer(a: Array, key: Array) -> tuple[Array, tuple[Array, Array]]:
        W = jax.random.normal(key, (width, width), dtype)
        z = std * (a @ W.T)
        return S(z), (jnp.mean(z**2, axis=1), jnp.mean(S(z) ** 2, axis=1))

    _, (z, a) = jax.lax.scan(layer, a0, jnp.stack(keys))
    return Signals(z.T, jnp.concatenate([jnp.mean(a0**2, axis=1)[:, None], a.T], axis=1))


def predicted(S: Activation, c: float, depth: int, first: float = 1.0) -> Float[np.ndarray, " L1"]:
    """q[0] … q[L] from q[0] = `first`; the expectation by a Gauss-Hermite sum of 200 points.

    Book: 5.5.  Source: Poole et al. (2016).
    """
    points, weights = np.polynomial.hermite_e.hermegauss(200)
    weights, q = weights / weights.sum(), [first]
    for _ in range(depth):
        q.append(float(np.sum(weights * np.asarray(S(jnp.asarray(np.sqrt(c * q[-1]) * points))) ** 2)))
    return np.array(q)
