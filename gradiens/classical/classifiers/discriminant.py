"""Linear discriminant analysis: normal classes with one covariance, and the directions that part them best.

    p(x | k) = N(x; μ_k, Σ),   Σ = Σ_k π_k Σ_k,   Σ ← (1 - s) Σ + s tr(Σ)/D I
    log p(k | x) = x'Σ⁻¹μ_k - ½ μ_k'Σ⁻¹μ_k + log π_k + constant
    directions: v with Σ_B v = λ Σ v, v'Σv = 1,   Σ_B = Σ_k π_k (μ_k - μ)(μ_k - μ)'

π, μ, Σ_k are the shares, means and covariances (divisor N_k) of the classes; s is the shrinkage. With two classes v is
Fisher's direction, and the least-squares classifier with targets ±1 has its weights along it.

Book: 2.8.  Source: Fisher (1936).
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float, Int

from gradiens.core.check import Failure, Mistake


@dataclasses.dataclass(frozen=True)
class DiscriminantFit:
    """Scores W (D, K), b (K,); shares π, means μ_k and Σ; the directions V (D, K-1), and their ratios λ of the variance
    between the classes to that within."""

    w: Float[np.ndarray, "D K"]
    b: Float[np.ndarray, "K"]
    priors: Float[np.ndarray, "K"]
    means: Float[np.ndarray, "K D"]
    covariance: Float[np.ndarray, "D D"]
    directions: Float[np.ndarray, "D R"]
    ratios: Float[np.ndarray, "R"]

    def scores(self, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N K"]:
        """log p(k | x) up to a constant of each row."""
        return np.asarray(x, np.float64) @ self.w + self.b

    def predict_proba(self, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N K"]:
        """p(k | x)."""
        from scipy.special import softmax

        return softmax(self.scores(x), axis=1)

    def predict(self, x: Float[np.ndarray, "N D"]) -> Int[np.ndarray, "N"]:
        """The most probable class of each row."""
        return np.argmax(self.scores(x), axis=1)

    def transform(self, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N R"]:
        """The coordinates (x - μ)·v along the directions, in which the classes have unit covariance."""
        return (np.asarray(x, np.float64) - self.priors @ self.means) @ self.directions


def fit_discriminant(
    x: Float[np.ndarray, "N D"], y: Int[np.ndarray, "N"], classes: int, shrinkage: float = 0.0
) -> DiscriminantFit:
    """Shares, means and the common covariance of the classes, and what follows from them.

    Book: 2.8.

    Raises `Mistake` for bad shapes, a class without rows, numbers not finite, or a shrinkage outside [0, 1]; `Failure` where
    the covariance is singular and nothing is shrunk.
    """
    from scipy.linalg import cho_factor, cho_solve, eigh

    x, y = _checked(x, y, classes, shrinkage)
    priors = np.bincount(y, minlength=classes) / len(y)
    means = np.stack([x[y == k].mean(0) for k in range(classes)])
    within = x - means[y]
    Σ = within.T @ within / len(x)
    Σ = (1 - shrinkage) * Σ + shrinkage * np.trace(Σ) / len(Σ) * np.eye(len(Σ))
    deviation = np.sqrt(np.diag(Σ))
    units = np.where(deviation > 0, deviation, 1.0)
    if np.linalg.matrix_rank(Σ / np.outer(units, units), hermitian=True) < len(Σ):
        raise Failure(
            "the covariance within the classes is singular", "give a shrinkage, such as 0.01, or fewer columns"
        )
    w = cho_solve(cho_factor(Σ), means.T)
    b = -np.sum(means.T * w, axis=0) / 2 + np.log(priors)
    apart = np.sqrt(priors)[:, None] * (means - priors @ means)
    most = min(classes - 1, len(Σ))
    λ, v = eigh(apart.T @ apart, Σ, subset_by_index=[len(Σ) - most, len(Σ) - 1])
    return DiscriminantFit(w, b, priors, means, Σ, v[:, ::-1], λ[::-1])


def _checked(x: np.ndarray, y: np.ndarray, classes: int, shrinkage: float) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.asarray(x, np.float64), np.asarray(y)
    if x.ndim != 2 or y.shape != (len(x),) or not len(x):
        raise Mistake("x of shape (N, D) and y of length N ≥ 1", f"x {x.shape} and y {y.shape}")
    if not np.isfinite(x).all():
        raise Mistake("finite numbers in x", "NaN or Inf")
    if not 0 <= shrinkage <= 1:
        raise Mistake("a shrinkage between 0 and 1", shrinkage)
    if classes < 2 or set(np.unique(y)) != set(range(classes)):
        raise Mistake(f"class codes 0 … {classes - 1} of two or more classes, each present", np.unique(y)[:12])
    return x, y
