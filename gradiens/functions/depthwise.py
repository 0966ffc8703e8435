"""Each map filtered by a kernel of its own, as a sum of moved copies of the maps.

    z[c] = Σ_u Σ_v W[c, 0, u, v] x[c, s · + d u - p, s · + d v - p]

A matrix product has nothing to gain here: every number is met by one kernel only. XLA's convolution in groups on a CPU
takes longer than this sum for windows of 3 × 3: 40 times forwards, 10 to 20 times back to the input, twice to the kernel.

Book: 6.4.  Source: Chollet (2017).
"""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

MOST = 25  # entries of a window: each is a copy in the program


def is_depthwise(W: Float[Array, "O C k l"], groups: int) -> bool:
    """Whether each of the `groups` is one map in and out, and the window so small that the sum pays."""
    return W.ndim == 4 and groups == W.shape[0] and W.shape[1] == 1 and W.shape[2] * W.shape[3] <= MOST


def depthwise(
    W: Float[Array, "C 1 k l"],
    x: Float[Array, "*B C H W"],
    steps: Sequence[int],
    zeros: Sequence[tuple[int, int]],
    gaps: Sequence[int],
) -> Float[Array, "*B C H2 W2"]:
    """The sum, with stride, zeros (before, after) and dilation for each of the two axes."""
    x = jnp.pad(x, [*[(0, 0)] * (x.ndim - 2), *zeros])
    k = W.shape[2:]
    size = [(n - d * (k - 1) - 1) // s + 1 for n, k, s, d in zip(x.shape[-2:], k, steps, gaps)]
    terms = [
        _each_map(W[:, 0, u, v], x.ndim) * x[(..., *_moved((u, v), size, steps, gaps))]
        for u, v in np.ndindex(k[0], k[1])
    ]
    return sum(terms[1:], terms[0])


def _each_map(w: Float[Array, " C"], rank: int) -> Array:
    """A number for each map, in the rank of the maps."""
    return w[(*[None] * (rank - 3), slice(None), None, None)]


def _moved(entry: Sequence[int], size: Sequence[int], steps: Sequence[int], gaps: Sequence[int]) -> list[slice]:
    """The places of the maps that this entry of the kernel meets."""
    return [slice(d * u, d * u + s * (m - 1) + 1, s) for u, m, s, d in zip(entry, size, steps, gaps)]
