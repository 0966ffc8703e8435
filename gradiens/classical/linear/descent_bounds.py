"""What gradient descent on least squares can be promised from the eigenvalues of X'X alone.

    C(t) = ‖y - Xt‖²/N,   ∇C = -2/N X'(y - Xt),   H = 2/N X'X,   μ = λ_min(H),  L = λ_max(H)

    error' = (I - αH) error:   converges from everywhere for 0 < α < 2/L = N/λ_max(X'X)
    contraction ρ(α) = max(|1 - αμ|, |1 - αL|), least at α = 2/(μ + L), where it is (κ - 1)/(κ + 1), κ = L/μ

Book: 2.5.  Source: Boyd & Vandenberghe (2004), section 9.3.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake


@dataclasses.dataclass(frozen=True)
class DescentBounds:
    """Gradient descent on ‖y - Xt‖²/N: the extreme eigenvalues μ and L of its Hessian, and what follows from them.

    Book: 2.5.
    """

    mu: float
    L: float

    @classmethod
    def of(cls, X: Float[np.ndarray, "N p"]) -> DescentBounds:
        """Those of a design as it is given. Raises `Mistake` for what is no matrix of finite numbers, not all zero."""
        X = np.asarray(X, np.float64)
        if X.ndim != 2 or X.size == 0 or not np.isfinite(X).all() or not X.any():
            raise Mistake("a design X (N, p) of finite numbers, not all zero", f"shape {X.shape}")
        eigenvalues = np.linalg.eigvalsh(X.T @ X) * 2 / len(X)
        return cls(max(0.0, float(eigenvalues[0])), float(eigenvalues[-1]))

    @property
    def bound(self) -> float:
        """2/L: every smaller positive rate converges, every larger one diverges from almost everywhere."""
        return 2 / self.L

    @property
    def best_rate(self) -> float:
        """2/(μ + L)."""
        return 2 / (self.mu + self.L)

    @property
    def condition(self) -> float:
        """κ = L/μ; infinite when columns depend on each other."""
        return self.L / self.mu if self.mu else float("inf")

    def contraction(self, rate: float) -> float:
        """ρ(α): the most that is left of the error after a step."""
        return max(abs(1 - rate * self.mu), abs(1 - rate * self.L))
