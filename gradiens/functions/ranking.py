"""Rankings: precision against recall as the threshold falls, and whether a class is among the first k.

    AP = Σₙ (Rₙ - Rₙ₋₁) Pₙ     over the thresholds, from the highest to the lowest

Unlike the ROC curve, precision depends on how rare the positive class is: chance has AP equal to its share.

Book: 2.3.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake
from gradiens.functions.metric_inputs import with_chances
from gradiens.functions.two_classes import counts_at

KIND = "metric"


class PrecisionRecall(NamedTuple):
    """Precision and recall at each threshold, from the highest to the lowest; recall rises to 1."""

    precision: Float[np.ndarray, " T"]
    recall: Float[np.ndarray, " T"]
    thresholds: Float[np.ndarray, " T"]


def precision_recall_curve(y: ArrayLike, score: ArrayLike) -> PrecisionRecall:
    """Precision and recall at every score as a threshold; y is 1 for positive rows, predicted so is s ≥ threshold.

    Book: 2.3.

    Raises `Mistake` when no row is positive: recall has no meaning then.
    """
    if not np.any(np.asarray(y) == 1):
        raise Mistake("rows of the positive class", "none", "recall is a share of them")
    thresholds = np.unique(np.asarray(score, np.float64))[::-1]
    found = counts_at(y, score, thresholds)
    return PrecisionRecall(found.precision, found.recall, thresholds)


def average_precision(y: ArrayLike, score: ArrayLike) -> float:
    """AP, the precision averaged over the rises of recall; for (N, K) scores the mean of each class against the rest.

    Book: 2.3.

    Raises `Mistake` when a class has no row, a row no class, or a score is NaN.
    """
    y, s = with_chances(y, score)
    if s.ndim == 2:
        return float(np.mean([average_precision((y == k).astype(np.int64), s[:, k]) for k in range(s.shape[1])]))
    curve = precision_recall_curve(y, s)
    return float(np.sum(np.diff(curve.recall, prepend=0.0) * curve.precision))


class TopK(NamedTuple):
    """For each row the codes of the k classes of largest score, the largest first, and those scores."""

    classes: Int[np.ndarray, "N k"]
    scores: Float[np.ndarray, "N k"]


def top_k(scores: ArrayLike, k: int = 5) -> TopK:
    """The k largest of each row of scores or probabilities (N, K), the largest first; of tied classes the later first.

    Book: 1.1.

    Raises `Mistake` unless 1 ≤ k ≤ K.
    """
    s = np.asarray(scores, np.float64)
    if s.ndim != 2:
        raise Mistake("scores (N, K)", f"shape {s.shape}")
    if not 1 <= k <= s.shape[1]:
        raise Mistake(f"k between 1 and {s.shape[1]}, the number of classes", k)
    best = np.argsort(s, axis=1, kind="stable")[:, ::-1][:, :k]
    return TopK(best, np.take_along_axis(s, best, axis=1))


def top_k_accuracy(y: ArrayLike, p: ArrayLike, k: int = 5) -> float:
    """The share of rows whose class is among the k with the largest of (N, K) scores; of tied classes the later first. NaN
    if a score is NaN: it has no rank.

    Book: 1.1, 2.3.

    Raises `Mistake` unless 1 ≤ k ≤ K and there is one class code from 0 to K - 1 for each row.
    """
    y, P = with_chances(y, p)
    hit = (top_k(P, k).classes == y[:, None]).any(1)
    return float("nan") if np.isnan(P).any() else float(np.mean(hit))
