"""The Wald test of several coefficients at once: whether Rβ = r.

    W = (Rb - r)' (R V R')⁻¹ (Rb - r),   p = P(χ²_q ≥ W)

b is the estimate, V its covariance, q the number of rows of R. It needs the larger model only; the likelihood-ratio test, which
needs both, is to be preferred with few rows. For one coefficient W is the square of its z.

Book: 3.1.  Source: Wald (1943).
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake


@dataclasses.dataclass(frozen=True)
class WaldTest:
    """W, its degrees of freedom q, and the p-value."""

    statistic: float
    degrees: int
    p_value: float


def wald(
    estimate: Float[np.ndarray, "p"],
    covariance: Float[np.ndarray, "p p"],
    contrasts: Float[np.ndarray, "q p"],
    value: Float[np.ndarray, "q"] | float = 0.0,
) -> WaldTest:
    """Test Rβ = r for the rows R of `contrasts` and r = `value`; rows of the identity test that coefficients are 0.

    Book: 3.1.  Source: Wald (1943).

    Raises `Mistake` for shapes that do not agree, or contrasts that depend on each other.
    """
    from scipy.stats import chi2

    b, V = np.asarray(estimate, np.float64), np.asarray(covariance, np.float64)
    R = np.atleast_2d(np.asarray(contrasts, np.float64))
    if b.ndim != 1 or V.shape != (len(b),) * 2 or R.ndim != 2 or R.shape[1] != len(b):
        raise Mistake(
            "an estimate (p,), its covariance (p, p) and contrasts (q, p)", f"{b.shape}, {V.shape}, {R.shape}"
        )
    if np.linalg.matrix_rank(R) < len(R):
        raise Mistake("contrasts that do not depend on each other", f"{len(R)} of rank {np.linalg.matrix_rank(R)}")
    off = R @ b - value
    W = float(off @ np.linalg.solve(R @ V @ R.T, off))
    return WaldTest(W, len(R), float(chi2.sf(W, len(R))))
