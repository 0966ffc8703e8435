"""Linear least squares with an intercept, safe when columns depend on each other.

    ŷ = x'w + b,    (w, b) = argmin 1/(2N) ‖y - Xw - b‖² + λ/2 ‖w‖²

On centred X̄, ȳ this is (X̄'X̄ + NλI) w = X̄'ȳ, and b = mean(y) - mean(x)'w. With λ = 0 and dependent columns, w is
the shortest of the minimisers: the pseudo-inverse.

Book: 2.3, 2.8.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float

from gradiens.classical.one_thread import one_thread
from gradiens.core.check import Failure, Mistake

DIRECT = (
    5e8  # N D² up to which X̄ itself is decomposed; above it X̄'X̄ is, which is faster and squares the condition number
)
ROWS = 8192  # rows at a time in X̄'X̄, so that a large X is never copied


@dataclasses.dataclass(frozen=True)
class LinearFit:
    """Weights w, intercept b and the rank of the centred X. With M targets w is (D, M) and b is (M,)."""

    w: np.ndarray
    b: np.ndarray
    rank: int

    def predict(self, x: Float[np.ndarray, "N D"]) -> np.ndarray:
        """x'w + b, for each row; (N,) or (N, M)."""
        return np.asarray(x) @ self.w + self.b


def fit_linear(x: Float[np.ndarray, "N D"], y: np.ndarray, l2: float = 0.0) -> LinearFit:
    """Linear least squares with intercept and an optional L2 penalty λ on w; y is (N,) or (N, M).

    Book: 2.3, 2.8.

    Raises `Mistake` when shapes do not agree, a number is not finite, or λ < 0.
    """
    x, y = np.asarray(x), np.asarray(y, np.float64)
    if x.ndim != 2 or len(x) != len(y) or len(x) < 1:
        raise Mistake("x of shape (N, D) and y of length N ≥ 1", f"x {x.shape} and y {y.shape}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise Mistake("finite numbers in x and y", "NaN or Inf")
    if l2 < 0:
        raise Mistake("a penalty l2 of at least 0", l2)
    n, d = x.shape
    mean_x, mean_y = x.mean(0, dtype=np.float64), y.mean(0)
    targets = (y - mean_y).reshape(n, -1)
    solve = _svd if n * d**2 <= DIRECT else _gram
    with one_thread():
        w, rank = solve(x, mean_x, targets, n * l2)
    w = w.reshape(d, *y.shape[1:])
    return LinearFit(w, mean_y - mean_x @ w, rank)


def _svd(x: np.ndarray, mean: np.ndarray, y: np.ndarray, penalty: float) -> tuple[np.ndarray, int]:
    """w = V diag(s / (s² + penalty)) U'ȳ over the singular values of X̄ above max(N, D) ε s₁, and their number."""
    u, s, vt = np.linalg.svd(x - mean, full_matrices=False)
    kept = s > (s[0] if s.size else 0.0) * max(x.shape) * np.finfo(np.float64).eps
    u, s, vt = u[:, kept], s[kept], vt[kept]
    return vt.T @ ((s / (s**2 + penalty))[:, None] * (u.T @ y)), len(s)


def _gram(x: np.ndarray, mean: np.ndarray, y: np.ndarray, penalty: float) -> tuple[np.ndarray, int]:
    """From the normal equations. Constant columns are left out: their weight is 0."""
    varies = np.flatnonzero(np.ptp(x, axis=0))
    g, xty = penalty * np.eye(len(varies)), np.zeros((len(varies), y.shape[1]))
    for i in range(0, len(x), ROWS):
        block = x[i : i + ROWS, varies] - mean[varies]
        g += block.T @ block
        xty += block.T @ y[i : i + ROWS]
    w = np.zeros((x.shape[1], y.shape[1]))
    w[varies], rank = shortest(g, xty)
    return w, rank


def shortest(g: Float[np.ndarray, "D D"], c: Float[np.ndarray, "D M"]) -> tuple[np.ndarray, int]:
    """The shortest w with G w = c, for G positive semidefinite and c in its range, and the rank of G.

    Pivoted Cholesky G = PLL'P' of rank r gives one solution w, on the first r pivots, and a basis Z of the null
    space; the shortest is w - Z (Z'Z)⁻¹ Z'w. A tenth of the time of an eigendecomposition.
    """
    from scipy.linalg import cho_solve, solve_triangular
    from scipy.linalg.lapack import dpstrf  # pyright: ignore[reportAttributeAccessIssue] - made at import

    factor, pivots, rank, info = dpstrf(g, lower=1)
    if info < 0:
        raise Failure("the Cholesky factor could not be computed", "scale the columns of x")
    order, head = pivots - 1, np.tril(factor[:rank, :rank])
    w = np.zeros_like(c)
    w[:rank] = cho_solve((head, True), c[order[:rank]])
    if rank < len(g):
        z = np.vstack([-solve_triangular(head, factor[rank:, :rank].T, lower=True, trans=1), np.eye(len(g) - rank)])
        w -= z @ np.linalg.solve(z.T @ z, z.T @ w)
    out = np.empty_like(w)
    out[order] = w
    return out, int(rank)
