"""Rank and condition number of a tall design, block by block: X is read once and never copied.

    X = QR,  R'R = X'X,   rank X = #{s_k > max(N, p) ε s₁},   κ = s₁/s_r,   s the singular values of R

R of the rows so far, put above the next rows, has the R of both: Q is never formed, and nothing is squared, as in X'X.
Columns of zeros are left out at the start. κ bounds what relative errors in the data do to the solution; X'X has κ².

Book: 2.4.  Source: Golub & Van Loan (2013), sections 5.3-5.5.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Shaped

from gradiens.core.check import Mistake

ROWS = 4096  # rows a block


def triangular_factor(X: Shaped[np.ndarray, "N p"]) -> Float[np.ndarray, "k r"]:
    """R with R'R = X'X of the columns of X that are not all zero; numbers of any kind.

    Raises `Mistake` for what is no matrix of finite numbers, not all zero.
    """
    X = np.asarray(X)
    if X.ndim != 2 or X.size == 0 or X.dtype.kind not in "fiub" or not np.isfinite(X).all() or not X.any():
        raise Mistake("a matrix X (N, p) of finite numbers, not all zero", f"{X.dtype} of shape {X.shape}")
    columns = np.flatnonzero(X.any(axis=0))
    R = np.zeros((0, len(columns)))
    for i in range(0, len(X), ROWS):
        R = np.asarray(np.linalg.qr(np.vstack([R, X[i : i + ROWS, columns].astype(np.float64)]), mode="r"))
    return R


def rank(X: Shaped[np.ndarray, "N p"]) -> int:
    """The number of singular values above max(N, p) ε s₁.

    Book: 2.4.

    Raises `Mistake` as `triangular_factor` does.
    """
    return len(_nonzero(X))


def condition_number(X: Shaped[np.ndarray, "N p"]) -> float:
    """κ = s₁/s_r, over the singular values that are not zero.

    Book: 2.4.

    Raises `Mistake` as `triangular_factor` does.
    """
    s = _nonzero(X)
    return float(s[0] / s[-1])


def _nonzero(X: np.ndarray) -> Float[np.ndarray, "r"]:
    s = np.linalg.svd(triangular_factor(X), compute_uv=False)
    return s[s > max(np.shape(X)) * np.finfo(float).eps * s[0]]
