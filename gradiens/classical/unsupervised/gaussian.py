"""The Gaussian density with the mean and the covariance of the data, its maximum-likelihood fit.

    log p(x) = -½ (D log 2π + log det Σ + (x - μ)'Σ⁻¹(x - μ)),   μ = mean,  Σ = 1/N Σ_i (x_i - μ)(x_i - μ)'

Book: 2.1.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Failure, Mistake


@dataclasses.dataclass(frozen=True)
class Gaussian:
    """Mean μ (D,) and covariance Σ (D, D)."""

    mean: Float[np.ndarray, "D"]
    covariance: Float[np.ndarray, "D D"]

    def log_density(self, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N"]:
        """log p(x) of each row."""
        return log_normal(x, self.mean, self.covariance)

    predict = log_density

    def transform(self, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N D"]:
        """L⁻¹(x - μ), Σ = LL': uncorrelated, with variance 1 on the data."""
        return standardised(x, self.mean, self.covariance)

    def score(self, x: Float[np.ndarray, "N D"], y: object = None) -> float:
        """The mean of log p(x)."""
        return float(np.mean(self.log_density(x)))


def fit_gaussian(x: Float[np.ndarray, "N D"], floor: float = 0.0) -> Gaussian:
    """Mean and covariance of the rows; `floor` is added to the variances.

    Book: 2.1.

    Raises `Mistake` where x is no matrix of finite numbers with at least two rows, or the floor is negative.
    """
    x = np.asarray(x, np.float64)
    if x.ndim != 2 or len(x) < 2 or not np.isfinite(x).all():
        raise Mistake("finite numbers x of shape (N, D), N ≥ 2", f"shape {x.shape}")
    if floor < 0:
        raise Mistake("a floor of at least 0", floor)
    at = x - x.mean(axis=0)
    return Gaussian(x.mean(axis=0), at.T @ at / len(x) + floor * np.eye(x.shape[1]))


def standardised(x: np.ndarray, mean: np.ndarray, covariance: np.ndarray) -> Float[np.ndarray, "N D"]:
    """L⁻¹(x - μ) of each row, Σ = LL'; a `Failure` where Σ is singular."""
    from scipy.linalg import solve_triangular

    x = np.asarray(x, np.float64)
    if x.ndim != 2 or x.shape[1] != len(mean):
        raise Mistake(f"rows of {len(mean)} numbers", f"shape {x.shape}")
    return solve_triangular(_factor(covariance), (x - mean).T, lower=True).T


def log_normal(x: np.ndarray, mean: np.ndarray, covariance: np.ndarray) -> Float[np.ndarray, "N"]:
    """log N(x; μ, Σ) of each row."""
    u = standardised(x, mean, covariance)
    log_det = 2 * np.sum(np.log(np.diag(_factor(covariance))))
    return -0.5 * (len(mean) * np.log(2 * np.pi) + log_det + np.sum(u**2, axis=1))


def _factor(covariance: np.ndarray) -> np.ndarray:
    try:
        return np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        raise Failure("the covariance is singular, so there is no density", "drop columns, or give a floor") from None
