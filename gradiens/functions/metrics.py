"""Metrics: how good predictions are on many rows. `metric(y, prediction) -> float`, the truth first; NumPy, float64.

y holds class codes 0 … K-1 or numbers. `accuracy` to `matthews` and `confusion` take predicted codes, `log_loss`, `auc`
and `brier` probabilities: (N,) of class 1, or (N, K). A class that neither occurs nor is predicted counts in no average,
and a ratio 0/0 counts as 0, as in scikit-learn. `weights` (N,) say how often each row counts: a row of weight 2 is that
row twice. Two classes at a threshold are in `two_classes`, rankings of classes and rows in `ranking`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Shaped
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake
from gradiens.functions.metric_inputs import (
    Numbers,
    Weights,
    both,
    columns,
    numbers,
    weighed,
    with_chances,
    with_probabilities,
)
from gradiens.functions.metric_inputs import row_mean as _mean

KIND = "metric"


def confusion(y: ArrayLike, y_hat: ArrayLike, classes: int = 0, weights: Weights = None) -> Shaped[np.ndarray, "K K"]:
    """The confusion matrix. Row k, column j: how many of class k were predicted as j; with weights, what they weigh."""
    y, y_hat = both(y, y_hat)
    K = max(classes, int(y.max()) + 1, int(y_hat.max()) + 1)
    w = None if weights is None else weighed(weights, len(y))
    return np.bincount(K * y + y_hat, w, minlength=K * K).reshape(K, K)


def accuracy(y: ArrayLike, y_hat: ArrayLike, weights: Weights = None) -> float:
    """The share of rows predicted right.

    Book: 2.3.
    """
    return _mean(np.equal(*both(y, y_hat)), weights)


def balanced_accuracy(y: ArrayLike, y_hat: ArrayLike, weights: Weights = None) -> float:
    """The mean over the classes that occur of the share predicted right.

    Book: 2.3.
    """
    counts = confusion(y, y_hat, weights=weights)
    rows = counts.sum(1)
    return float(np.mean(np.diag(counts)[rows > 0] / rows[rows > 0]))


def precision(y: ArrayLike, y_hat: ArrayLike, weights: Weights = None) -> float:
    """The share of rows predicted k that are k, averaged over the classes.

    Book: 2.3.
    """
    counts = confusion(y, y_hat, weights=weights)
    return _mean_ratio(np.diag(counts), counts.sum(0), counts)


def recall(y: ArrayLike, y_hat: ArrayLike, weights: Weights = None) -> float:
    """The share of class k predicted as k, averaged over the classes.

    Book: 2.3.
    """
    counts = confusion(y, y_hat, weights=weights)
    return _mean_ratio(np.diag(counts), counts.sum(1), counts)


def specificity(y: ArrayLike, y_hat: ArrayLike, weights: Weights = None) -> float:
    """The share of rows of other classes than k not predicted as k, averaged over the classes.

    Book: 2.3.
    """
    counts = confusion(y, y_hat, weights=weights)
    others = counts.sum() - counts.sum(1)
    return _mean_ratio(others - (counts.sum(0) - np.diag(counts)), others, counts)


def f1(y: ArrayLike, y_hat: ArrayLike, weights: Weights = None) -> float:
    """2TP / (2TP + FP + FN) of each class, averaged over the classes.

    Book: 2.3, 3.2.
    """
    return f_beta(y, y_hat, 1.0, weights)


def f_beta(y: ArrayLike, y_hat: ArrayLike, beta: float = 2.0, weights: Weights = None) -> float:
    """(1 + β²) TP / ((1 + β²) TP + β² FN + FP) of each class, averaged: recall counts β times as much as precision.

    Book: 2.3.
    """
    if not beta > 0:
        raise Mistake("β above 0", beta)
    counts, b = confusion(y, y_hat, weights=weights), beta**2
    return _mean_ratio((1 + b) * np.diag(counts), b * counts.sum(1) + counts.sum(0), counts)


def matthews(y: ArrayLike, y_hat: ArrayLike, weights: Weights = None) -> float:
    """The correlation of truth and prediction as indicators of the classes; 0 when one of them never changes.

    (n c - Σ tₖ pₖ) / √((n² - Σ tₖ²)(n² - Σ pₖ²)) for c rows of n right, tₖ of class k, pₖ predicted so. For two classes
    (TP TN - FP FN) / √((TP + FP)(TP + FN)(TN + FP)(TN + FN)).

    Book: 2.3.  Source: Matthews (1975); Gorodkin (2004) for more than two classes.
    """
    counts = confusion(y, y_hat, weights=weights).astype(np.float64)
    n, c, t, p = counts.sum(), np.trace(counts), counts.sum(1), counts.sum(0)
    spread = (n**2 - t @ t) * (n**2 - p @ p)
    return float((n * c - t @ p) / np.sqrt(spread)) if spread > 0 else 0.0


def log_loss(y: ArrayLike, p: ArrayLike, weights: Weights = None) -> float:
    """The mean of -log p_y, probabilities kept above the smallest step of their precision.

    Book: 3.2, 3.3.
    """
    given = np.asarray(p)
    tiny = np.finfo(given.dtype).eps if np.issubdtype(given.dtype, np.floating) else np.finfo(np.float64).eps
    y, p = with_probabilities(y, p)
    P = columns(p)
    P = P / P.sum(1, keepdims=True)
    return -_mean(np.log(np.clip(P[np.arange(len(y)), y], tiny, 1 - tiny)), weights)


def brier(y: ArrayLike, p: ArrayLike, weights: Weights = None) -> float:
    """The mean of (p - y)² for two classes, of ‖p - onehot(y)‖² for more.

    Book: 2.3.  Source: Brier (1950).
    """
    y, p = with_probabilities(y, p)
    if p.ndim == 1:
        return _mean((p - y) ** 2, weights)
    return _mean(np.sum((p - np.eye(p.shape[1])[y]) ** 2, axis=1), weights)


def auc(y: ArrayLike, score: ArrayLike, weights: Weights = None) -> float:
    """The area under the ROC curve, P(s⁺ > s⁻) + P(tie)/2; for (N, K) scores the mean of each class against the rest.

    NaN if a score is NaN: it has no rank.

    Book: 2.3.  Source: Mann & Whitney (1947).
    """
    y, s = with_chances(y, score)
    w = weighed(weights, len(y))
    if np.isnan(s).any():
        return float("nan")
    if s.ndim == 1:
        return _auc(y == 1, s, w)
    return float(np.mean([_auc(y == k, s[:, k], w) for k in range(s.shape[1])]))


def _auc(positive: np.ndarray, s: np.ndarray, w: np.ndarray) -> float:
    _, at = np.unique(s, return_inverse=True)
    up, down = (np.bincount(at, w * side) for side in (positive, ~positive))  # weight of each score on both sides
    if not up.sum() or not down.sum():
        n1 = int(positive.sum())
        raise Mistake(
            "rows of the class and rows of others", f"{n1} and {len(positive) - n1}", "the ROC curve needs both"
        )
    return float(up @ (np.cumsum(down) - down / 2) / (up.sum() * down.sum()))


class Roc(NamedTuple):
    """False and true positive rates, from (0, 0) to (1, 1), and the thresholds: positive is s ≥ threshold."""

    fpr: np.ndarray
    tpr: np.ndarray
    thresholds: np.ndarray


def roc_curve(y: ArrayLike, score: ArrayLike) -> Roc:
    """The rates at every threshold that changes them; y is 1 for positive rows.

    Raises `Mistake` when rows of class 1 or of another are missing, or a score is NaN.
    """
    y, s = with_chances(y, score)
    positive = y == 1
    if s.ndim != 1 or np.isnan(s).any() or positive.all() or not positive.any():
        got = f"{positive.sum()} of {len(y)} positive, {np.isnan(s).sum()} scores NaN, shape {s.shape}"
        raise Mistake("one score a row, positive rows and others", got, "the ROC curve needs both")
    order = np.argsort(-s, kind="stable")
    s, positive = s[order], positive[order]
    last = np.append(np.flatnonzero(s[1:] != s[:-1]), len(s) - 1)  # the last row of each run of tied scores
    tp = np.cumsum(positive)[last]
    fp = last + 1 - tp
    fpr, tpr = (np.concatenate([[0.0], n / n[-1]]) for n in (fp, tp))
    return Roc(fpr, tpr, np.concatenate([[np.inf], s[last]]))


class Calibration(NamedTuple):
    """For each bin that holds rows: mean predicted probability, share of positive rows, number of rows."""

    predicted: np.ndarray
    observed: np.ndarray
    rows: np.ndarray


def calibration_curve(y: ArrayLike, p: ArrayLike, bins: int = 10) -> Calibration:
    """Predicted probabilities against what happened, in `bins` bins of equal width; y is 1 for positive rows.

    Raises `Mistake` for fewer than one bin or what is no probability.
    """
    y, p = with_probabilities(y, p)
    if bins < 1 or p.ndim != 1 or np.isnan(p).any():
        raise Mistake("at least one bin and probabilities (N,) from 0 to 1", f"{bins} bins, shape {p.shape}")
    positive = y == 1
    at = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], p)
    rows = np.bincount(at, minlength=bins)
    held = rows > 0
    predicted, observed = (np.bincount(at, weights=w, minlength=bins)[held] / rows[held] for w in (p, positive))
    return Calibration(predicted, observed, rows[held])


def calibration_error(y: ArrayLike, p: ArrayLike, bins: int = 10) -> float:
    """The expected calibration error: |predicted - observed| of each bin, averaged by the rows in it.

    For (N, K) probabilities: the largest of each row, and how often it was right.

    Book: 2.3.  Source: Naeini, Cooper & Hauskrecht (2015).
    """
    y, p = with_chances(y, p)
    hit, sure = (y == 1, p) if p.ndim == 1 else (np.argmax(p, axis=1) == y, p.max(1))
    curve = calibration_curve(hit.astype(np.int64), sure, bins)
    return float(np.average(np.abs(curve.predicted - curve.observed), weights=curve.rows))


def mse(y: ArrayLike, y_hat: ArrayLike, weights: Weights = None) -> float:
    """mean (y - ŷ)², in the squared unit of y.

    Book: 2.3.
    """
    return _mean(_error(y, y_hat) ** 2, weights)


def rmse(y: ArrayLike, y_hat: ArrayLike, weights: Weights = None) -> float:
    """√(mean (y - ŷ)²), in the unit of y.

    Book: 2.3.
    """
    return float(np.sqrt(mse(y, y_hat, weights)))


def mae(y: ArrayLike, y_hat: ArrayLike, weights: Weights = None) -> float:
    """mean |y - ŷ|, in the unit of y.

    Book: 2.3.
    """
    return _mean(np.abs(_error(y, y_hat)), weights)


def pinball(y: ArrayLike, y_hat: ArrayLike, level: float = 0.5, weights: Weights = None) -> float:
    """mean of q (y - ŷ) where y ≥ ŷ and (1 - q)(ŷ - y) elsewhere: least when ŷ is the quantile q of y given x.

    Book: 2.3.  Source: Koenker & Bassett (1978).
    """
    if not 0 < level < 1:
        raise Mistake("a level between 0 and 1", level)
    e = _error(y, y_hat)
    return _mean(np.maximum(level * e, (level - 1) * e), weights)


def r2(y: ArrayLike, y_hat: ArrayLike, weights: Weights = None) -> float:
    """1 - Σ (y - ŷ)² / Σ (y - ȳ)²: 1 is perfect, 0 as good as the mean. A constant y gives 1 if it is hit, else 0.

    Book: 2.3.
    """
    e, y = _error(y, y_hat), numbers(y)
    w = weighed(weights, len(y))
    away: Numbers = y - y[np.argmax(w)]  # of equal numbers the mean is rounded, of zeros it is not
    left, whole = np.sum(w @ e**2), np.sum(w @ (away - np.average(away, axis=0, weights=w)) ** 2)
    return float(1 - left / whole) if whole else float(left == 0)


def _error(y: ArrayLike, y_hat: ArrayLike) -> Numbers:
    y, y_hat = numbers(y), numbers(y_hat)
    if y.shape != y_hat.shape or not y.size:
        raise Mistake(f"predictions of shape {y.shape}, one row or more", y_hat.shape)
    return y - y_hat


def _mean_ratio(part: np.ndarray, whole: np.ndarray, counts: np.ndarray) -> float:
    """The mean of part / whole over the classes that occur or are predicted."""
    ratios = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
    return float(np.mean(ratios[counts.sum(0) + counts.sum(1) > 0]))
