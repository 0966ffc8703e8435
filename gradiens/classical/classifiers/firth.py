"""Firth's logistic regression: finite estimates whatever the classes do.

    max ℓ(β) + ½ log det J(β),    ℓ = Σ y log p + (1 - y) log(1 - p),   J = X' diag(p(1 - p)) X
    U*(β) = X'(y - p + h (½ - p)) = 0,    h = diag(Ω^½ X J⁻¹ X' Ω^½),   Ω = diag(p(1 - p))

The penalty (Jeffreys' prior) removes the first-order bias of maximum likelihood, and goes to -∞ as the weights grow, so
that the maximum exists where the classes are separated too. In a table of counts it adds ½ to every cell.

Book: 3.1.  Source: Firth (1993).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from gradiens.classical.classifiers.binary_design import design
from gradiens.classical.coefficients import CoefficientTable
from gradiens.core.check import Failure

STEPS = 200


@dataclasses.dataclass(frozen=True)
class FirthFit:
    """Intercept b and weights w, the covariance J⁻¹ of (b, w), ℓ and ℓ + ½ log det J at the maximum, and the steps taken."""

    w: Float[np.ndarray, "D"]
    b: float
    covariance: Float[np.ndarray, "D1 D1"]
    log_likelihood: float
    penalised: float
    iterations: int

    def scores(self, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N"]:
        """b + w·x of each row."""
        return np.asarray(x, np.float64) @ self.w + self.b

    def predict_proba(self, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N"]:
        """P(y = 1) of each row."""
        from scipy.special import expit

        return expit(self.scores(x))

    def predict(self, x: Float[np.ndarray, "N D"]) -> Int[np.ndarray, "N"]:
        """1 where the probability exceeds ½, else 0."""
        return (self.scores(x) > 0).astype(np.int64)

    def table(self, names: Sequence[str] = (), level: float = 0.95) -> CoefficientTable:
        """The coefficients with standard errors, Wald tests and intervals, the intercept first."""
        named = ("intercept", *(names or (f"x{j}" for j in range(1, len(self.w) + 1))))
        return CoefficientTable.of(np.append(self.b, self.w), self.covariance, None, named, level)


def fit_firth(x: Float[np.ndarray, "N D"], y: Int[np.ndarray, "N"], tolerance: float = 1e-10) -> FirthFit:
    """By scoring steps J⁻¹U*, halved until the penalised likelihood rises, from β = 0 until U* is 0.

    Book: 3.1.

    Raises `Mistake` for bad shapes, outcomes other than 0 and 1, numbers not finite, or dependent columns.
    """
    X, y, scale = design(x, y)
    beta = np.zeros(X.shape[1])
    value = _penalised(X, y, beta)
    for t in range(STEPS):
        J, U = _equations(X, y, beta)
        if np.abs(U).max() <= tolerance * len(y):
            V = np.linalg.inv(J) / np.outer(scale, scale)
            value += float(np.log(scale).sum())  # log det J in the units of x
            return FirthFit((beta / scale)[1:], float(beta[0]), V, _likelihood(X, y, beta), value, t)
        step, size = np.linalg.solve(J, U), 1.0
        trial = _penalised(X, y, beta + size * step)
        while not trial >= value - 1e-12 * abs(value) and size > 1e-10:
            size /= 2
            trial = _penalised(X, y, beta + size * step)
        beta, value = beta + size * step, trial
    raise Failure(f"Firth's equations were not solved in {STEPS} steps", "scale the columns of x")


def _equations(X: np.ndarray, y: np.ndarray, beta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """J and U*."""
    from scipy.special import expit

    p = expit(X @ beta)
    ω = p * (1 - p)
    J = X.T @ (ω[:, None] * X)
    h = ω * np.einsum("nd,dn->n", X, np.linalg.solve(J, X.T))
    return J, X.T @ (y - p + h * (0.5 - p))


def _likelihood(X: np.ndarray, y: np.ndarray, beta: np.ndarray) -> float:
    return -float(np.sum(np.logaddexp(0, np.where(y == 1, -1.0, 1.0) * (X @ beta))))


def _penalised(X: np.ndarray, y: np.ndarray, beta: np.ndarray) -> float:
    """ℓ + ½ log det J."""
    from scipy.special import expit

    p = expit(X @ beta)
    sign, half = np.linalg.slogdet(X.T @ ((p * (1 - p))[:, None] * X))
    return _likelihood(X, y, beta) + half / 2 if sign > 0 else -np.inf
