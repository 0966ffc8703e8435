"""Exponential growth, fitted by least squares on the logarithm.

    y = K exp(α t),    log y = log K + α t + e        doubling time = log 2 / α

What has been created up to t, ∫ y dt from -∞, is the stored volume (K/α) exp(α t): at any time it is y/α.

Book: 1.4.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from gradiens.classical.linear.linear_regression import LinearRegression, fit_linear_regression
from gradiens.core.check import Mistake


@dataclasses.dataclass(frozen=True)
class ExponentialGrowth:
    """The regression of log y on t, with its standard errors, and what follows from it."""

    regression: LinearRegression

    @property
    def rate(self) -> float:
        """α."""
        return float(self.regression.b[1])

    @property
    def scale(self) -> float:
        """K, the value at t = 0."""
        return float(np.exp(self.regression.b[0]))

    @property
    def doubling_time(self) -> float:
        """log 2 / α; negative where the fit falls, which then is minus its half-life."""
        return float(np.log(2) / self.rate)

    def predict(self, t: ArrayLike) -> Float[np.ndarray, "*n"]:
        """K exp(α t)."""
        return self.scale * np.exp(self.rate * np.asarray(t, np.float64))

    def stored(self, t: ArrayLike) -> Float[np.ndarray, "*n"]:
        """(K/α) exp(α t), the integral up to t; a `Mistake` where the fit does not grow."""
        if not self.rate > 0:
            raise Mistake("a fit that grows", f"the rate {self.rate:g}", "the integral from -∞ is not finite")
        return self.predict(t) / self.rate


def fit_exponential_growth(t: Float[np.ndarray, "N"], y: Float[np.ndarray, "N"]) -> ExponentialGrowth:
    """Least squares of log y on t, at 3 times or more.

    Raises `Mistake` where a y is not positive, or t and y do not fit a regression.

    Book: 1.4.
    """
    t, y = np.asarray(t, np.float64), np.asarray(y, np.float64)
    if t.ndim != 1 or t.shape != y.shape:
        raise Mistake("times (N,) and values (N,)", f"{t.shape} and {y.shape}")
    if not np.all(y > 0):
        raise Mistake("values above 0", f"{y.min():g}", "zeros and negative numbers have no logarithm")
    if len(np.unique(t)) < 2:
        raise Mistake("two different times or more", f"{np.unique(t).tolist()}")
    return ExponentialGrowth(fit_linear_regression(t[:, None], np.log(y), names=("t",)))
