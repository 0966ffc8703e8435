"""What a matrix is: symmetric, triangular, diagonal, orthogonal, positive definite.

    symmetric          A = A'                      upper, lower       a_ij = 0 for i > j, for i < j
    orthogonal         A'A = I                     positive definite  A = A' and x'Ax > 0 for x ≠ 0

Every entry is looked at, and compared on the scale of the matrix: |difference| ≤ tolerance · max |a_ij|.

Book: 1.7.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake


class MatrixProperties(NamedTuple):
    """Yes or no; a matrix that is not square is at most upper, lower or diagonal."""

    square: bool
    symmetric: bool
    upper: bool
    lower: bool
    diagonal: bool
    orthogonal: bool
    positive_definite: bool

    def __str__(self) -> str:
        held = [name.replace("_", " ") for name, holds in self._asdict().items() if holds]
        return ", ".join(held) or "none of " + ", ".join(name.replace("_", " ") for name in self._fields)


def matrix_properties(A: ArrayLike, tolerance: float = 1e-10) -> MatrixProperties:
    """The properties of the real matrix A, each up to `tolerance` relative to its largest entry.

    Raises `Mistake` unless A has rank 2, entries, and finite numbers, or for a negative tolerance.

    Book: 1.7.
    """
    A = np.asarray(A, np.float64)
    if A.ndim != 2 or not A.size or not np.isfinite(A).all():
        raise Mistake("a matrix of finite numbers", f"shape {A.shape}")
    if not tolerance >= 0:
        raise Mistake("a tolerance of at least 0", tolerance)
    scale = np.abs(A).max()
    zero = lambda B, by=scale: bool(np.all(np.abs(B) <= tolerance * by))  # noqa: E731
    square = A.shape[0] == A.shape[1]
    symmetric = square and zero(A - A.T)
    upper, lower = zero(np.tril(A, -1)), zero(np.triu(A, 1))
    return MatrixProperties(
        square=square,
        symmetric=symmetric,
        upper=upper,
        lower=lower,
        diagonal=upper and lower,
        orthogonal=square and zero(A.T @ A - np.eye(len(A)), 1.0),
        positive_definite=symmetric and bool(np.linalg.eigvalsh((A + A.T) / 2)[0] > tolerance * scale),
    )
