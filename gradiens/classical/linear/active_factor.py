"""The Cholesky factor of G_AA for a support A that gains and loses members.

    R'R = G_AA,  R upper triangular, kept packed by columns: R₁₁, R₁₂, R₂₂, R₁₃, …

A coordinate j that enters appends one column, r = R⁻ᵀ G_Aj with √(G_jj - r'r) below it; one that leaves costs the columns
after its own. So a system costs k² and not k³, and the factor is as exact as one made at once.

Source: Efron, Hastie, Johnstone & Tibshirani (2004), section 7, for the use; Golub & Van Loan (2013), section 4.2.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float, Int

from gradiens.core.check import Failure

JITTER = (
    1e-12  # of G_jj, the least square of a new diagonal entry: of dependent columns w then runs along the null space
)
AT_ONCE = 16  # new columns, and an eighth of all, from which the factor is made at once
TINY = np.finfo(np.float64).tiny


@dataclasses.dataclass(frozen=True)
class Quadratic:
    """G = X'X/N + κI and c = X'y/N. X'X/N itself is kept when it is `dense`; of a wide X only what is asked for is formed."""

    x: Float[np.ndarray, "N p"]
    c: Float[np.ndarray, "p"]
    kappa: float = 0.0
    dense: Float[np.ndarray, "p p"] | None = None

    def columns(self, rows: np.ndarray, columns: np.ndarray) -> Float[np.ndarray, "k m"]:
        """G at these rows and columns."""
        ridge = self.kappa * (rows[:, None] == columns)
        if self.dense is not None:
            return self.dense[np.ix_(rows, columns)] + ridge
        return self.x[:, rows].T @ self.x[:, columns] / len(self.x) + ridge

    def times(self, w: Float[np.ndarray, "p"]) -> Float[np.ndarray, "p"]:
        """Gw."""
        if self.dense is not None:
            return w @ self.dense + self.kappa * w
        A = np.flatnonzero(w)
        return self.x.T @ (self.x[:, A] @ w[A]) / len(self.x) + self.kappa * w


class Factor:
    """R for the support that was asked for last; `solve` follows the next one from there."""

    def __init__(self, problem: Quadratic):
        self.problem = problem
        self.active = np.zeros(0, np.intp)
        self.packed = np.zeros(0)

    def solve(self, active: Int[np.ndarray, "k"], right: Float[np.ndarray, "k"]) -> Float[np.ndarray, "k"]:
        """z with G_AA z = right."""
        from scipy.linalg.lapack import dpptrs  # pyright: ignore[reportAttributeAccessIssue] - made at import

        self._follow(active)
        z, info = dpptrs(len(active), self.packed[: _size(len(active))], right)
        if info or not np.isfinite(z).all():
            raise Failure("the columns in the lasso's support are no basis", "leave out columns that repeat others")
        return z

    def _follow(self, active: Int[np.ndarray, "k"]) -> None:
        """Keep the columns before the first difference, append the others."""
        both = min(len(active), len(self.active))
        differs = np.flatnonzero(active[:both] != self.active[:both])
        kept = int(differs[0]) if differs.size else both
        self.active = active
        many = len(active) - kept >= max(AT_ONCE, len(active) // 8)
        if kept == len(active) or (many and self._at_once()):
            return
        if len(self.packed) < _size(len(active)):
            grown = np.zeros(2 * _size(len(active)))
            grown[: _size(kept)] = self.packed[: _size(kept)]
            self.packed = grown
        new = self.problem.columns(active, active[kept:])
        for k, g in enumerate(new.T, kept):
            self._append(k, g)

    def _append(self, k: int, g: Float[np.ndarray, "k1"]) -> None:
        """Column k, from G's column over the support."""
        from scipy.linalg.blas import dtpsv  # pyright: ignore[reportAttributeAccessIssue] - made at import

        column = self.packed[_size(k) : _size(k + 1)]
        if k:
            column[:k] = dtpsv(k, self.packed[: _size(k)], g[:k], trans=1)
        column[k] = np.sqrt(max(g[k] - column[:k] @ column[:k], JITTER * g[k], TINY))

    def _at_once(self) -> bool:
        """The whole factor; False where G_AA is numerically singular."""
        from scipy.linalg.lapack import dpotrf, dtrttp  # pyright: ignore[reportAttributeAccessIssue] - made at import

        block = self.problem.columns(self.active, self.active)
        R, info = dpotrf(block)
        if info or np.diag(R).min() ** 2 <= JITTER * np.diag(block).max():
            return False
        self.packed, _ = dtrttp(R)
        return True


def _size(k: int) -> int:
    """Entries of k packed columns."""
    return k * (k + 1) // 2
