"""Quantile regression: the line with the share τ of the rows below it; τ = ½ is least absolute deviations.

    min_b Σ ρ_τ(y_i - x_i'b),   ρ_τ(e) = max(τ e, (τ - 1) e)

is a linear program. Its dual, max y'a over X'a = 0 and τ - 1 ≤ a_i ≤ τ, has one equation a coefficient, and b is what
those equations are worth. Where the two objectives agree, both are optimal: a certificate. Residuals above the line have
a_i = τ, below it a_i = τ - 1. The optimum need not be unique (the median of an even number); one is given.

Book: 2.4.  Source: Koenker & Bassett (1978).
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Failure, Mistake


@dataclasses.dataclass(frozen=True)
class QuantileFit:
    """Weights w (p,), intercept b, the objective Σ ρ_τ, and how far the dual objective is below it."""

    w: Float[np.ndarray, "p"]
    b: float
    tau: float
    objective: float
    gap: float

    def predict(self, x: Float[np.ndarray, "N p"]) -> Float[np.ndarray, "N"]:
        """x'w + b, for each row."""
        return np.asarray(x, np.float64) @ self.w + self.b


def fit_quantile(
    x: Float[np.ndarray, "N p"], y: Float[np.ndarray, "N"], tau: float = 0.5, intercept: bool = True
) -> QuantileFit:
    """The τ-quantile of y as a linear function of x. p may be 0: a quantile of y.

    Book: 2.4.  Source: Koenker & Bassett (1978).

    Raises `Mistake` when shapes do not agree, a number is not finite, or τ is not between 0 and 1; `Failure` when the
    linear program was not solved.
    """
    from scipy.optimize import linprog

    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    _check(x, y, tau, intercept)
    X = np.hstack([np.ones((len(x), 1)), x]) if intercept else x
    unit = max(np.abs(y).max(), 1e-300)  # the program's tolerances are absolute
    lengths = np.abs(X).max(0)
    lengths[lengths == 0] = 1.0
    solved = linprog(-y / unit, A_eq=(X / lengths).T, b_eq=np.zeros(X.shape[1]), bounds=(tau - 1, tau), method="highs")
    if solved.x is None or solved.status:
        raise Failure(f"the linear program of the quantile was not solved: {solved.message}", "scale the columns of x")
    b = -solved.eqlin.marginals * unit / lengths
    e = y - X @ b
    objective = float(np.sum(np.maximum(tau * e, (tau - 1) * e)))
    return QuantileFit(b[int(intercept) :], float(b[0]) if intercept else 0.0, tau, objective, objective - y @ solved.x)


def fit_least_absolute(x: Float[np.ndarray, "N p"], y: Float[np.ndarray, "N"], intercept: bool = True) -> QuantileFit:
    """Least absolute deviations, the maximum likelihood under Laplace noise; `objective` is half of Σ |y - x'b|.

    Book: 2.4.  Source: Koenker & Bassett (1978).

    Raises `Mistake` and `Failure` as `fit_quantile` does.
    """
    return fit_quantile(x, y, 0.5, intercept)


def _check(x: np.ndarray, y: np.ndarray, tau: float, intercept: bool) -> None:
    if x.ndim != 2 or y.shape != (len(x),) or not len(x) or not x.shape[1] + intercept:
        raise Mistake("x of shape (N, p) and y of length N ≥ 1", f"x {x.shape} and y {y.shape}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise Mistake("finite numbers in x and y", "NaN or Inf")
    if not 0 < tau < 1:
        raise Mistake("a quantile tau between 0 and 1", tau, "0.5 is the median")
