"""Two classes: the four counts of right and wrong, the rates made of them, and the choice of a threshold.

    precision    TP / (TP + FP)        recall       TP / (TP + FN)
    specificity  TN / (TN + FP)        F1           2 TP / (2 TP + FP + FN)

The rates are those of class 1, the positive one; those of `gradiens.functions.metrics` are means over the classes. A
ratio 0/0 counts as 0.

Book: 2.3, 3.6.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake, known

KIND = "metric"
Numbers = Float[np.ndarray, "..."]


class Counts(NamedTuple):
    """True positives, false negatives, false positives, true negatives: numbers, or arrays, one for each threshold."""

    tp: np.ndarray
    fn: np.ndarray
    fp: np.ndarray
    tn: np.ndarray

    @property
    def precision(self) -> Numbers:
        """The share of rows predicted positive that are positive."""
        return _ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> Numbers:
        """The share of positive rows predicted positive: sensitivity."""
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def specificity(self) -> Numbers:
        """The share of negative rows predicted negative."""
        return _ratio(self.tn, self.tn + self.fp)

    @property
    def accuracy(self) -> Numbers:
        """The share of rows predicted right."""
        return _ratio(self.tp + self.tn, self.tp + self.fn + self.fp + self.tn)

    @property
    def balanced_accuracy(self) -> Numbers:
        """The mean of recall and specificity."""
        return (self.recall + self.specificity) / 2

    @property
    def f1(self) -> Numbers:
        """The harmonic mean of precision and recall, 2TP / (2TP + FP + FN)."""
        return self.f_beta(1.0)

    def f_beta(self, beta: float) -> Numbers:
        """(1 + β²) TP / ((1 + β²) TP + β² FN + FP)."""
        hit = (1 + beta**2) * self.tp
        return _ratio(hit, hit + beta**2 * self.fn + self.fp)

    @property
    def matthews(self) -> Numbers:
        """(TP TN - FP FN) / √((TP + FP)(TP + FN)(TN + FP)(TN + FN))."""
        tp, fn, fp, tn = (np.asarray(count, np.float64) for count in self)
        return _ratio(tp * tn - fp * fn, np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)))


MEASURES = ("precision", "recall", "specificity", "accuracy", "balanced_accuracy", "f1", "matthews")


def counts(y: ArrayLike, y_hat: ArrayLike) -> Counts:
    """The four counts of predicted codes, 1 for positive.

    Book: 2.3.

    Raises `Mistake` when the two differ in length or hold other codes than 0 and 1.
    """
    y, y_hat = _binary(y, "y"), _binary(y_hat, "predictions")
    if y.shape != y_hat.shape:
        raise Mistake(f"one prediction for each of {len(y)} rows", len(y_hat))
    return Counts(*(np.sum((y == a) & (y_hat == b)) for a, b in ((1, 1), (1, 0), (0, 1), (0, 0))))


def counts_at(y: ArrayLike, score: ArrayLike, thresholds: ArrayLike, strict: bool = False) -> Counts:
    """The four counts for every threshold θ, predicting 1 where the score is ≥ θ, or > θ if `strict`.

    Book: 2.3, 3.6.

    Raises `Mistake` when the lengths differ, a score is NaN, or y holds other codes than 0 and 1.
    """
    y, s, θ = _binary(y, "y"), np.asarray(score, np.float64), np.asarray(thresholds, np.float64)
    if s.shape != y.shape or np.isnan(s).any():
        raise Mistake(f"one score for each of {len(y)} rows", f"shape {s.shape}, {np.isnan(s).sum()} of them NaN")
    side = "right" if strict else "left"
    below = [np.searchsorted(np.sort(s[y == k]), θ, side) for k in (0, 1)]
    tn, fn = below
    return Counts(np.sum(y == 1) - fn, fn, np.sum(y == 0) - tn, tn)


class Threshold(NamedTuple):
    """The threshold chosen, its counts, and the measure at every threshold tried."""

    theta: float
    counts: Counts
    tried: Float[np.ndarray, " T"]
    measure: Float[np.ndarray, " T"]


def choose_threshold(
    y: ArrayLike, score: ArrayLike, thresholds: ArrayLike | None = None, measure: str = "f1", strict: bool = False
) -> Threshold:
    """The threshold at which `measure` is largest, the lowest of them if tied; by default every score is tried.

    Choose it on training or validation rows: on the rows that judge it, it looks better than it is.

    Book: 2.3, 3.6.

    Raises `Mistake` for an unknown measure, no threshold, and for what `counts_at` refuses.
    """
    known("measure of two classes", measure, MEASURES)
    tried = np.unique(np.asarray(score if thresholds is None else thresholds, np.float64))
    if not len(tried):
        raise Mistake("thresholds to choose from", "none")
    found = counts_at(y, score, tried, strict)
    values = np.asarray(getattr(found, measure))
    best = int(np.argmax(values))
    return Threshold(float(tried[best]), Counts(*(count[best] for count in found)), tried, values)


def _ratio(part: ArrayLike, whole: ArrayLike) -> Numbers:
    part, whole = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    return np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=whole > 0)


def _binary(y: ArrayLike, what: str) -> np.ndarray:
    y = np.asarray(y)
    if y.ndim != 1 or not len(y) or not np.isin(y, (0, 1)).all():
        raise Mistake(f"{what} of codes 0 and 1, one or more rows", f"shape {y.shape}, values {np.unique(y)[:5]}")
    return y.astype(np.int64)
