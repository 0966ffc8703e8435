"""Four routes to the least-squares solution b = argmin ‖y - Xb‖² of a design X as it is given, no intercept added.

    normal equations:  X'X = LL',       LL' b = X'y         squares the condition number; rank p only
    QR:                X = QR,          R b = Q'y           rank p only
    SVD:               X = U diag(s) V',  b = Σ_(k ≤ r) v_k u_k'y / s_k      the shortest solution, r = rank X
    pseudo-inverse:    b = X⁺y                              the same, with X⁺ formed

r counts the singular values above max(N, p) ε s₁. Cost: N p² for the normal equations, 2 N p² for QR, more for the SVD.

Book: 2.4.  Source: Golub & Van Loan (2013), section 5.3; Penrose (1955).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Failure, Mistake, known

Design = Float[np.ndarray, "N p"]
Targets = Float[np.ndarray, "N *M"]
Solution = Float[np.ndarray, "p *M"]

ADVICE = "take the route 'svd' or 'pseudo-inverse': they give the shortest of the solutions"


def by_normal_equations(X: Design, y: Targets) -> Solution:
    """X'X b = X'y by Cholesky. Raises `Failure` when X'X is numerically singular.

    Book: 2.4.
    """
    from scipy.linalg import cho_solve, cholesky

    try:
        L = cholesky(X.T @ X, lower=True)
    except np.linalg.LinAlgError:
        raise Failure("X'X is not positive definite: columns of X depend on each other", ADVICE) from None
    return cho_solve((L, True), X.T @ y)


def by_qr(X: Design, y: Targets) -> Solution:
    """R b = Q'y with Householder's X = QR. Raises `Failure` when R is numerically singular.

    Book: 2.4.  Source: Golub & Van Loan (2013), section 5.3.
    """
    from scipy.linalg import solve_triangular

    Q, R = np.linalg.qr(X)
    diagonal = np.abs(np.diag(R))
    if len(X) < X.shape[1] or diagonal.min() <= max(X.shape) * np.finfo(float).eps * diagonal.max():
        raise Failure("R has a zero on its diagonal: columns of X depend on each other", ADVICE)
    return solve_triangular(R, Q.T @ y)


def by_svd(X: Design, y: Targets) -> Solution:
    """The shortest least-squares solution, from the singular values that are not zero.

    Book: 2.4.  Source: Golub & Van Loan (2013), section 5.5.
    """
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    r = np.count_nonzero(s > max(X.shape) * np.finfo(float).eps * s[0])
    return Vt[:r].T @ ((U[:, :r].T @ y).T / s[:r]).T


def by_pseudo_inverse(X: Design, y: Targets) -> Solution:
    """X⁺y, the shortest least-squares solution.

    Book: 2.4.  Source: Penrose (1955).
    """
    return np.linalg.pinv(X, rcond=max(X.shape) * np.finfo(float).eps) @ y


ROUTES: dict[str, Callable[[Design, Targets], Solution]] = {
    "normal equations": by_normal_equations,
    "qr": by_qr,
    "svd": by_svd,
    "pseudo-inverse": by_pseudo_inverse,
}


def solve_least_squares(
    X: Design, y: Targets, route: str = "svd", weights: Float[np.ndarray, "N"] | None = None
) -> Solution:
    """argmin Σ_i w_i (y_i - x_i'b)² by one of `ROUTES`; weights are all 1 when none are given.

    Book: 2.4.  Source: Aitken (1936) for the weights.

    Raises `Mistake` when shapes do not agree, a number is not finite, or a weight is negative; `Failure` when the route
    needs independent columns and X has not.
    """
    solve = ROUTES[known("route", route, ROUTES)]
    X, y = np.asarray(X, np.float64), np.asarray(y, np.float64)
    if X.ndim != 2 or X.size == 0 or y.shape[:1] != (len(X),):
        raise Mistake("X of shape (N, p) and y of length N ≥ 1", f"X {X.shape} and y {y.shape}")
    w = np.ones(len(X)) if weights is None else np.asarray(weights, np.float64)
    if w.shape != (len(X),) or not (w >= 0).all():
        raise Mistake(f"{len(X)} weights of at least 0", f"shape {w.shape}, least {w.min():g}")
    if not (np.isfinite(X).all() and np.isfinite(y).all() and np.isfinite(w).all()):
        raise Mistake("finite numbers in X, y and the weights", "NaN or Inf")
    root = np.sqrt(w)
    return solve(root[:, None] * X, (root * y.T).T)
