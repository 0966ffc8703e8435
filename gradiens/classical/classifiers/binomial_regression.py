"""Regression of a 0/1 outcome with the logit or the probit link, with all that a statistician reads from it.

    P(y = 1 | x) = g⁻¹(b + w·x),   max Σ y log μ + (1 - y) log(1 - μ),   V = (X'ΩX)⁻¹

The fit by iteratively reweighted least squares, the covariance V of the estimate from the expected information X'ΩX, the
deviance, and the deviance of the model without features.

Book: 3.1, 3.4.  Source: Nelder & Wedderburn (1972); Bliss (1934) for the probit.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.classical.classifiers.binary_design import design
from gradiens.classical.classifiers.reweighted_least_squares import Link, ReweightedLeastSquares, mean
from gradiens.classical.classifiers.separation import how_separated, in_words
from gradiens.classical.coefficients import CoefficientTable
from gradiens.core.check import Failure, Mistake, known
from gradiens.core.iterate import iterate

STEPS = 100


@dataclasses.dataclass(frozen=True)
class BinomialFit:
    """Intercept b and weights w, the covariance of (b, w), and the deviances -2 log L from step to step."""

    w: Float[np.ndarray, "D"]
    b: float
    link: Link
    covariance: Float[np.ndarray, "D1 D1"]
    deviances: Float[np.ndarray, "T"]
    null_deviance: float
    rows: int

    @property
    def deviance(self) -> float:
        """-2 log L."""
        return float(self.deviances[-1])

    @property
    def log_likelihood(self) -> float:
        """log L."""
        return -self.deviance / 2

    @property
    def parameters(self) -> int:
        """The number of coefficients."""
        return len(self.w) + 1

    def scores(self, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N"]:
        """The linear predictor b + w·x of each row."""
        return np.asarray(x, np.float64) @ self.w + self.b

    def predict_proba(self, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N"]:
        """P(y = 1) of each row."""
        with jax.enable_x64(True):
            return np.asarray(mean(jnp.asarray(self.scores(x)), self.link)[0])

    def predict(self, x: Float[np.ndarray, "N D"]) -> Int[np.ndarray, "N"]:
        """1 where the probability exceeds ½, else 0."""
        return (self.scores(x) > 0).astype(np.int64)

    def table(self, names: Sequence[str] = (), level: float = 0.95) -> CoefficientTable:
        """The coefficients with standard errors, Wald tests and intervals, the intercept first."""
        named = ("intercept", *(names or (f"x{j}" for j in range(1, len(self.w) + 1))))
        return CoefficientTable.of(np.append(self.b, self.w), self.covariance, None, named, level)


def fit_binomial(
    x: Float[np.ndarray, "N D"], y: Int[np.ndarray, "N"], link: Link = "logit", tolerance: float = 1e-9
) -> BinomialFit:
    """The maximum-likelihood fit, from β = 0 until no entry of the score exceeds `tolerance` N maxᵢ |xᵢⱼ|.

    Book: 3.1, 3.4.

    Raises `Mistake` for bad shapes, outcomes other than 0 and 1 or all alike, numbers not finite, or dependent columns;
    `Failure` where the classes are separated, so that no estimate exists.
    """
    known("link", link, ("logit", "probit"))
    X, y, scale = design(x, y)
    if y.min() == y.max():
        raise Mistake("outcomes 0 and 1, both present", f"{y[0]:g} alone")
    with jax.enable_x64(True), jax.numpy_rank_promotion("allow"):
        steps = ReweightedLeastSquares(jnp.asarray(X), jnp.asarray(y), link)
        start = np.zeros(X.shape[1])
        done = iterate(steps, start, steps=STEPS, until=_Small(tolerance * len(y)), keep=None, quiet=True)
        beta = np.asarray(done.state)
        slope, variance = map(np.asarray, mean(jnp.asarray(X @ beta), link)[1:])
    _sound(done.stopped == "until", beta, X, y)
    V = np.linalg.inv((X.T * (slope**2 / variance)) @ X) / np.outer(scale, scale)
    beta = beta / scale
    share = y.mean()
    null = -2 * len(y) * (share * np.log(share) + (1 - share) * np.log1p(-share))
    deviances = np.asarray(done.trace.deviance)
    return BinomialFit(beta[1:], float(beta[0]), link, V, deviances, float(null), len(y))


@dataclasses.dataclass(frozen=True)
class _Small:
    """Holds where the score was as good as 0 before the step."""

    most: float

    def __call__(self, beta: Any, info: Any) -> Array:
        return info.score <= self.most


def _sound(settled: bool, beta: np.ndarray, X: np.ndarray, y: np.ndarray) -> None:
    """Raise where the steps have gone nowhere, or on the way to infinity."""
    at = np.nan_to_num(np.stack([np.zeros_like(beta), beta], axis=1))
    how = how_separated(at, X[:, 1:], y.astype(np.int64))
    if how in ("quasi", "complete"):
        do = "fit_firth gives finite estimates, or give fit_logistic a penalty, such as l2=1e-4"
        raise Failure(f"the classes are {in_words(how)}: no estimate exists, and no standard error", do)
    if not settled:
        raise Failure("the reweighted least-squares steps did not settle", "fit_logistic, which halves its steps, may")
