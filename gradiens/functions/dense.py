"""The dense product of a matrix with one vector, or with each row of a batch: the one place of this operation.

    z = W x,   Z = X W'

Book: 5.1.
"""

from __future__ import annotations

from jaxtyping import Array, Float


def product(W: Float[Array, "out in"], x: Float[Array, "*B in"]) -> Float[Array, "*B out"]:
    """W x, for x or for each row of x."""
    return W @ x if x.ndim == 1 else x @ W.T
