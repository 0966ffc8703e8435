"""The hat matrix of least squares, and what its diagonal tells: leverage and the errors of leaving one out.

    P = X X⁺,   ŷ = P y,   h_i = P_ii,   y_i - ŷ_i without row i = e_i / (1 - h_i)

P is the orthogonal projection on the columns of X: symmetric, P² = P, trace P = Σ h_i = rank X.

Book: 2.4, 2.6.  Source: Golub & Van Loan (2013), sections 5.3-5.5; Allen (1974) for leaving one out.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake

Design = Float[np.ndarray, "N p"]


def hat_matrix(X: Design) -> Float[np.ndarray, "N N"]:
    """P = X X⁺.

    Book: 2.4.
    """
    U = _basis(X)
    return U @ U.T


def leverage(X: Design) -> Float[np.ndarray, "N"]:
    """h_i = P_ii in [0, 1] without forming P: how far ŷ_i follows y_i alone. 1 is a row that no other row can replace.

    Book: 2.4, 2.6.
    """
    return np.sum(_basis(X) ** 2, axis=1)


def leave_one_out_errors(X: Design, y: Float[np.ndarray, "N"]) -> Float[np.ndarray, "N"]:
    """y_i less its prediction from all other rows, e_i/(1 - h_i), from one fit.

    Book: 2.6.  Source: Allen (1974).

    Raises `Mistake` when a row has leverage 1: without it the fit is not determined there.
    """
    U, y = _basis(X), np.asarray(y, np.float64)
    if y.shape != (len(U),):
        raise Mistake(f"y of length {len(U)}", f"shape {y.shape}")
    h = np.sum(U**2, axis=1)
    if (1 - h).min() <= 1e-12:
        raise Mistake("rows of leverage below 1", f"row {int(h.argmax())} with leverage 1", "take more rows")
    return (y - U @ (U.T @ y)) / (1 - h)


def _basis(X: Design) -> Float[np.ndarray, "N r"]:
    """An orthonormal basis of the columns of X."""
    X = np.asarray(X, np.float64)
    if X.ndim != 2 or X.size == 0 or not np.isfinite(X).all() or not X.any():
        raise Mistake("a matrix X (N, p) of finite numbers, not all zero", f"shape {X.shape}")
    U, s, _ = np.linalg.svd(X, full_matrices=False)
    return U[:, s > max(X.shape) * np.finfo(float).eps * s[0]]
