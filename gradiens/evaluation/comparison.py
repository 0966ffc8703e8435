"""Comparison of two models on the same rows: how much better the one is, with an interval.

Pairing matters: an error on a hard row is an error of both, and drops out of the difference.

    bootstrap of the rows   for any score, on one set of test rows
    corrected t             for k cross-validated differences d:  t = d̄ / √((1/k + n_test/n_train) s²),  k - 1 degrees
    McNemar                 for accuracy: of the b + c rows that one model alone gets right, is b ~ Bin(b + c, 1/2)?

Book: 2.7.  Source: Nadeau & Bengio (2003); McNemar (1947).
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake
from gradiens.evaluation.bootstrap import bootstrap_interval
from gradiens.evaluation.fitting import Score

FEW = 10  # rows below which no verdict is given: resampling so few tells nothing of how others would differ


@dataclasses.dataclass(frozen=True)
class Effect:
    """How much better ours is than theirs (positive: better), the ends of the interval, its level, and a p-value.

    The p-value is that of "no difference", or NaN where the method gives none.
    """

    difference: float
    low: float
    high: float
    level: float
    p_value: float
    rows: int

    @property
    def verdict(self) -> str:
        """beats, does not beat (theirs is better), or cannot be told from."""
        if self.rows < FEW:
            return "cannot be told from"
        return "beats" if self.low > 0 else "does not beat" if self.high < 0 else "cannot be told from"

    def __str__(self) -> str:
        return f"{self.difference:+.4g} ({self.level:.0%} interval {self.low:+.4g} to {self.high:+.4g})"


def compare(
    score: Score,
    y: Any,
    ours: np.ndarray,
    theirs: np.ndarray,
    lower: bool = False,
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
    method: str = "percentile",
) -> Effect:
    """score(ours) - score(theirs) on the same test rows, with a bootstrap interval; the other way round if `lower` is better.

    Book: 2.7.

    Raises `Mistake` for lengths that differ and what `bootstrap_interval` refuses, `Failure` where a draw has no score.
    """
    sign = -1 if lower else 1

    def gain(y: np.ndarray, ours: np.ndarray, theirs: np.ndarray) -> float:
        return sign * (score(y, ours) - score(y, theirs))

    found = bootstrap_interval(gain, y, ours, theirs, level=level, draws=draws, seed=seed, method=method)
    return Effect(found.estimate, found.low, found.high, level, float("nan"), len(np.asarray(y)))


def compare_rows(
    ours: Float[ArrayLike, " N"],
    theirs: Float[ArrayLike, " N"],
    lower: bool = False,
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> Effect:
    """The same for a score that is a mean over rows (accuracy, log loss, squared error), from its terms: much faster.

    Book: 2.7.

    Raises `Mistake` for lengths that differ.
    """
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    if ours.shape != theirs.shape:
        raise Mistake("one term for each row of both models", f"{ours.shape} and {theirs.shape}")
    d = theirs - ours if lower else ours - theirs
    found = bootstrap_interval(
        lambda a: a.mean(1), d, level=level, draws=draws, seed=seed, method="percentile", vectorised=True
    )
    return Effect(found.estimate, found.low, found.high, level, float("nan"), len(d))


def corrected_t(
    ours: Float[ArrayLike, " k"],
    theirs: Float[ArrayLike, " k"],
    train_rows: int,
    test_rows: int,
    lower: bool = False,
    level: float = 0.95,
) -> Effect:
    """The difference of two models over the same k folds or repeated splits, by the corrected resampled t-test.

    Scores of folds depend on each other through shared training rows. Plain t takes them as independent and finds
    differences that are not there; the term n_test/n_train stands for the dependence.

    Book: 2.7.  Source: Nadeau & Bengio (2003).

    Raises `Mistake` for fewer than two folds, lengths that differ, or row counts below 1.
    """
    from scipy.stats import t as student

    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    if ours.shape != theirs.shape or ours.ndim != 1 or len(ours) < 2:
        raise Mistake("scores of the same two folds or more", f"{ours.shape} and {theirs.shape}")
    if min(train_rows, test_rows) < 1 or not 0 < level < 1:
        raise Mistake("rows on both sides, a level between 0 and 1", f"{train_rows}, {test_rows}, level {level}")
    d = theirs - ours if lower else ours - theirs
    k = len(d)
    spread = np.sqrt((1 / k + test_rows / train_rows) * np.var(d, ddof=1))
    half = float(student.ppf((1 + level) / 2, k - 1) * spread)
    mean = float(d.mean())
    p = float(2 * student.sf(abs(mean) / spread, k - 1)) if spread > 0 else float(mean == 0)
    return Effect(mean, mean - half, mean + half, level, p, k * test_rows)


def mcnemar(y: ArrayLike, ours: ArrayLike, theirs: ArrayLike, level: float = 0.95) -> Effect:
    """Difference of accuracies from the rows that only one of the two predicts right: exact p-value, exact interval.

    Given b + c such rows, b is binomial with probability π; Clopper and Pearson's interval for π becomes one for the
    difference (2π - 1)(b + c)/N.

    Book: 2.7.  Source: McNemar (1947).

    Raises `Mistake` for lengths that differ.
    """
    from scipy.stats import binomtest

    y, ours, theirs = np.asarray(y), np.asarray(ours), np.asarray(theirs)
    if not y.shape == ours.shape == theirs.shape or y.ndim != 1 or not len(y):
        raise Mistake("truth and two predictions for the same rows", f"{y.shape}, {ours.shape}, {theirs.shape}")
    b, c = int(np.sum((ours == y) & (theirs != y))), int(np.sum((ours != y) & (theirs == y)))
    if not b + c:
        return Effect(0.0, 0.0, 0.0, level, 1.0, len(y))
    found = binomtest(b, b + c)
    ends = found.proportion_ci(level)
    low, high = ((2 * end - 1) * (b + c) / len(y) for end in (ends.low, ends.high))
    return Effect((b - c) / len(y), float(low), float(high), level, float(found.pvalue), len(y))
