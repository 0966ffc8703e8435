"""The design of a regression of 0/1 outcomes: checked, with its column of ones, and in units that make it well scaled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake


class Design(NamedTuple):
    """X with its column of ones, each column divided by its `scale`, its largest size; and y of zeros and ones.

    β of the columns as they came is β of X divided by `scale`.
    """

    X: Float[np.ndarray, "N p"]
    y: Float[np.ndarray, "N"]
    scale: Float[np.ndarray, "p"]


def design(x: ArrayLike, y: ArrayLike) -> Design:
    """Of features x (N, D) and outcomes y (N,).

    Raises `Mistake` for bad shapes, outcomes other than 0 and 1, numbers not finite, or dependent columns.
    """
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if x.ndim != 2 or y.shape != (len(x),) or not len(x):
        raise Mistake("x of shape (N, D) and y of length N ≥ 1", f"x {x.shape} and y {y.shape}")
    if not np.isfinite(x).all():
        raise Mistake("finite numbers in x", "NaN or Inf")
    if not np.isin(y, (0.0, 1.0)).all():
        raise Mistake("outcomes 0 and 1", f"{np.unique(y)[:4]}")
    X = np.hstack([np.ones((len(x), 1)), x])
    scale = np.abs(X).max(axis=0)
    X = X / np.where(scale > 0, scale, 1.0)
    rank = np.linalg.matrix_rank(X)
    if rank < X.shape[1]:
        raise Mistake("independent columns, none constant", f"rank {rank} of {X.shape[1]}", "leave a column out")
    return Design(X, y, scale)
