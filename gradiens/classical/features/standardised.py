"""Standard units and back: each column less its mean, divided by its standard deviation, and what that does to a fit.

    z_j = (x_j - m_j) / s_j,   ŷ = z'w + b = x'(w/s) + b - Σ w_j m_j / s_j

The predictions are the same; gradient descent is not: on standardised columns the condition number of X'X/N is that of
their correlations. Means and deviations are those of the rows given to `of`, and of no others.

Book: 2.5.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake


@dataclasses.dataclass(frozen=True)
class Standardised:
    """Means m and standard deviations s (divisor N) of the columns; a constant column has s = 1.

    Book: 2.5.
    """

    mean: Float[np.ndarray, "p"]
    deviation: Float[np.ndarray, "p"]

    @classmethod
    def of(cls, x: Float[np.ndarray, "N p"]) -> Standardised:
        """Those of these rows. Raises `Mistake` for what is no matrix of finite numbers."""
        x = np.asarray(x, np.float64)
        if x.ndim != 2 or not len(x) or not np.isfinite(x).all():
            raise Mistake("x of shape (N, p), N ≥ 1, of finite numbers", f"shape {x.shape}")
        mean = x.mean(0)
        deviation = x.std(0)
        noise = 4 * np.finfo(float).eps * np.abs(x).max(0)  # of a constant column, rounding is all there is
        return cls(mean, np.where(deviation > noise, deviation, 1.0))

    def apply(self, x: Float[np.ndarray, "N p"]) -> Float[np.ndarray, "N p"]:
        """z for each row."""
        return (np.asarray(x, np.float64) - self.mean) / self.deviation

    def back(self, w: Float[np.ndarray, "p"], b: float = 0.0) -> tuple[Float[np.ndarray, "p"], float]:
        """Weights and intercept for x that predict as w and b do for z."""
        w = np.asarray(w, np.float64)
        if w.shape != self.mean.shape:
            raise Mistake(f"{len(self.mean)} weights", f"shape {w.shape}")
        raw = w / self.deviation
        return raw, float(b - raw @ self.mean)
