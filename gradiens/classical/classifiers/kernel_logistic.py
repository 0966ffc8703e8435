"""Kernel logistic regression: a boundary of any shape, from inner products of features that are never formed.

    f_k(x) = b_k + Σᵢ α_ik k(x, xᵢ),   min 1/N Σ -ln p(y_i | x_i) + λ/2 Σ_k α_k'K α_k,   K_ij = k(xᵢ, x_j)

With K = ZZ', Z = UΛ^½ from its eigenvectors, this is softmax regression on the rows of Z with ridge λ, and α = UΛ^-½ W. Unlike
a support vector machine it gives probabilities, of any number of classes; unlike it, every row takes part.

Book: 3.4.  Source: Zhu & Hastie (2005).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from jaxtyping import Float, Int

from gradiens.classical.classifiers.logistic_regression import LogisticFit, fit_logistic
from gradiens.core.check import Mistake

Kernel = Callable[[np.ndarray, np.ndarray], np.ndarray]  # (N, D), (M, D) -> (N, M)
SMALL = 1e-10  # of the largest eigenvalue: below it a direction counts as rounding


def gaussian_kernel(gamma: float = 1.0) -> Kernel:
    """k(x, x') = exp(-γ ‖x - x'‖²).

    Book: 3.4.
    """
    if not gamma > 0:
        raise Mistake("gamma above 0", gamma)

    def kernel(x: np.ndarray, other: np.ndarray) -> np.ndarray:
        squares = np.sum(x**2, 1)[:, None] + np.sum(other**2, 1) - 2 * x @ other.T
        return np.exp(-gamma * np.maximum(squares, 0))

    return kernel


@dataclasses.dataclass(frozen=True)
class KernelLogistic:
    """The rows that were fitted, their coefficients α (N, K), intercepts b (K,), and the regression on Z they come from."""

    x: Float[np.ndarray, "N D"]
    alpha: Float[np.ndarray, "N K"]
    b: Float[np.ndarray, "K"]
    kernel: Kernel
    fit: LogisticFit

    def scores(self, x: Float[np.ndarray, "M D"]) -> Float[np.ndarray, "M K"]:
        """f(x) for each row."""
        return self.kernel(np.asarray(x, np.float64), self.x) @ self.alpha + self.b

    def predict_proba(self, x: Float[np.ndarray, "M D"]) -> Float[np.ndarray, "M K"]:
        """softmax(f(x)) for each row."""
        from scipy.special import softmax

        return softmax(self.scores(x), axis=1)

    def predict(self, x: Float[np.ndarray, "M D"]) -> Int[np.ndarray, "M"]:
        """The most probable class of each row."""
        return np.argmax(self.scores(x), axis=1)


def fit_kernel_logistic(
    x: Float[np.ndarray, "N D"],
    y: Int[np.ndarray, "N"],
    classes: int,
    kernel: Kernel,
    l2: float = 1e-3,
    **options: float,
) -> KernelLogistic:
    """Fit with penalty λ on the squared norm of f; `options` go to `fit_logistic`. The cost grows with N³.

    Book: 3.4.

    Raises `Mistake` for what `fit_logistic` refuses, λ = 0, or a kernel whose matrix is not positive semidefinite.
    """
    x = np.asarray(x, np.float64)
    if not l2 > 0:
        raise Mistake("a penalty l2 above 0", l2, "without one f would separate any classes, and grow for ever")
    if x.ndim != 2 or not np.isfinite(x).all():
        raise Mistake("x of shape (N, D) of finite numbers", f"shape {x.shape}")
    λ, U = np.linalg.eigh(kernel(x, x))
    if λ[0] < -1e-8 * λ[-1]:
        raise Mistake("a positive semidefinite kernel", f"an eigenvalue of {λ[0]:.3g}")
    kept = λ > SMALL * λ[-1]
    root, U = np.sqrt(λ[kept]), U[:, kept]
    fit = fit_logistic(U * root, y, classes, l2, **options)  # pyright: ignore[reportArgumentType]
    return KernelLogistic(x, (U / root) @ fit.w, fit.b, kernel, fit)
