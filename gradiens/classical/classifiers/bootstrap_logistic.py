"""The bootstrap of a logistic regression: how its coefficients vary when the rows are drawn again.

    resample b: N rows drawn with replacement,   θ_b the fit to them
    standard error: the standard deviation of the θ_b;   interval: their quantiles at (1 ± level)/2

It needs no theory of the estimate, holds with a penalty too, and shows skewness that a Wald interval cannot. All resamples are
fitted together, each as a weighting of the rows by how often they were drawn.

Book: 3.1.  Source: Efron (1979).
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float, Int

from gradiens.classical.classifiers.logistic_regression import fit_logistic
from gradiens.classical.classifiers.weighted_logistic import fit_weighted_logistic
from gradiens.core.check import Failure, Mistake


@dataclasses.dataclass(frozen=True)
class BootstrapLogistic:
    """The estimate (b, w) from all rows, those of the resamples, their standard deviation, and percentile intervals."""

    estimate: Float[np.ndarray, "D1"]
    resampled: Float[np.ndarray, "B D1"]
    standard_error: Float[np.ndarray, "D1"]
    low: Float[np.ndarray, "D1"]
    high: Float[np.ndarray, "D1"]
    level: float


def draw_counts(rows: int, resamples: int, seed: int = 0) -> Int[np.ndarray, "B N"]:
    """How often each row is drawn in each resample of `rows` rows with replacement; each sums to `rows`."""
    if rows < 1 or resamples < 1:
        raise Mistake("at least one row and one resample", f"{rows} rows, {resamples} resamples")
    rng = np.random.default_rng(seed)
    drawn = rng.integers(rows, size=(resamples, rows)) + rows * np.arange(resamples)[:, None]
    return np.bincount(drawn.ravel(), minlength=resamples * rows).reshape(resamples, rows)


def bootstrap_logistic(
    x: Float[np.ndarray, "N D"],
    y: Int[np.ndarray, "N"],
    resamples: int = 200,
    l2: float = 0.0,
    level: float = 0.95,
    seed: int = 0,
) -> BootstrapLogistic:
    """Fit all rows and `resamples` resamples of them, with penalty λ/2 ‖w‖² on the weights.

    Book: 3.1.  Source: Efron (1979).

    Raises `Mistake` for what `fit_weighted_logistic` refuses or a level outside (0, 1); `Failure` where the classes are
    separated in some resample, or one class was not drawn: then it has no estimate.
    """
    if not 0 < level < 1:
        raise Mistake("a level between 0 and 1", level, "0.95 is usual")
    full = fit_logistic(x, y, 2, l2)
    at = np.append(full.b[1], full.w[:, 1])
    start = at if full.separated == "no" else None
    fits = fit_weighted_logistic(x, y, draw_counts(len(y), resamples, seed), l2, start)
    lost = int(np.sum(~fits.converged))
    if lost:
        do = (
            "give a penalty l2, or a larger one"
            if l2 == 0
            else "a class is rare: draw within the classes, or take fewer"
        )
        raise Failure(
            f"{lost} of {resamples} resamples have no estimate: their classes are separated, or one is missing", do
        )
    resampled = np.hstack([fits.b[:, None], fits.w])
    low, high = np.quantile(resampled, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return BootstrapLogistic(at, resampled, resampled.std(0, ddof=1) if resamples > 1 else 0 * at, low, high, level)
