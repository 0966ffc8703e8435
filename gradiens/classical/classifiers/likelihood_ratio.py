"""The likelihood-ratio test of a smaller model inside a larger one.

    Λ = 2 (log L₁ - log L₀),   p = P(χ²_d ≥ Λ)

d is the number of parameters that the larger model has more. Λ is the drop of the deviance, and χ² with d degrees of
freedom in the limit of many rows where the smaller model is true.

Book: 3.1, 3.4.  Source: Wilks (1938).
"""

from __future__ import annotations

import dataclasses
from typing import Protocol

from gradiens.core.check import Mistake


class Likelihood(Protocol):
    """A fitted model that knows its likelihood: `LogisticInference`, `BinomialFit`, …"""

    @property
    def log_likelihood(self) -> float:
        """log L at the maximum."""
        ...

    @property
    def parameters(self) -> int:
        """The number of free parameters."""
        ...


@dataclasses.dataclass(frozen=True)
class LikelihoodRatio:
    """Λ, its degrees of freedom d, and the p-value."""

    statistic: float
    degrees: int
    p_value: float


def likelihood_ratio_test(small: Likelihood, large: Likelihood) -> LikelihoodRatio:
    """Whether the larger model fits better than chance would make it; both fitted to the same rows by maximum likelihood.

    Book: 3.1, 3.4.

    Raises `Mistake` where the second model is not larger, or its likelihood is lower, so that the first cannot be a
    part of it.
    """
    from scipy.stats import chi2

    degrees = large.parameters - small.parameters
    if degrees < 1:
        raise Mistake("more parameters in the second model", f"{small.parameters} and {large.parameters}")
    statistic = 2 * (large.log_likelihood - small.log_likelihood)
    if statistic < -1e-8 * max(1.0, abs(large.log_likelihood)):
        raise Mistake("a higher likelihood of the larger model", f"one lower by {-statistic / 2:.3g}",
                      "fit both to the same rows, the columns of the first among those of the second")  # fmt: skip
    statistic = max(statistic, 0.0)
    return LikelihoodRatio(statistic, degrees, float(chi2.sf(statistic, degrees)))
