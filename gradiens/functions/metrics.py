"""Metrics: how good predictions are on many rows. `metric(y, prediction) -> float`, the truth first; NumPy, float64.

y holds class codes 0 … K-1 or numbers. `accuracy` to `f1` and `confusion` take predicted codes, `log_loss`, `auc` and
`brier` probabilities: (N,) of class 1, or (N, K). A class that neither occurs nor is predicted counts in no average,
and a ratio 0/0 counts as 0, as in scikit-learn.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake

KIND = "metric"

Codes = Int[np.ndarray, " N"]
Numbers = Float[np.ndarray, "N ..."]


def confusion(y: ArrayLike, y_hat: ArrayLike, classes: int = 0) -> Int[np.ndarray, "K K"]:
    """The confusion matrix. Row k, column j: how many of class k were predicted as j."""
    y, y_hat = _codes(y), _codes(y_hat)
    K = max(classes, int(y.max()) + 1, int(y_hat.max()) + 1)
    return np.bincount(K * y + y_hat, minlength=K * K).reshape(K, K)


def accuracy(y: ArrayLike, y_hat: ArrayLike) -> float:
    """The share of rows predicted right.

    Book: 2.3.
    """
    return float(np.mean(_codes(y) == _codes(y_hat)))


def balanced_accuracy(y: ArrayLike, y_hat: ArrayLike) -> float:
    """The mean over the classes that occur of the share predicted right.

    Book: 2.3.
    """
    counts = confusion(y, y_hat)
    rows = counts.sum(1)
    return float(np.mean(np.diag(counts)[rows > 0] / rows[rows > 0]))


def precision(y: ArrayLike, y_hat: ArrayLike) -> float:
    """The share of rows predicted k that are k, averaged over the classes.

    Book: 2.3.
    """
    counts, found = _present(y, y_hat)
    return _mean_ratio(np.diag(counts), counts.sum(0), found)


def recall(y: ArrayLike, y_hat: ArrayLike) -> float:
    """The share of class k predicted as k, averaged over the classes.

    Book: 2.3.
    """
    counts, found = _present(y, y_hat)
    return _mean_ratio(np.diag(counts), counts.sum(1), found)


def f1(y: ArrayLike, y_hat: ArrayLike) -> float:
    """2TP / (2TP + FP + FN) of each class, averaged over the classes.

    Book: 2.3, 3.2.
    """
    counts, found = _present(y, y_hat)
    return _mean_ratio(2 * np.diag(counts), counts.sum(0) + counts.sum(1), found)


def log_loss(y: ArrayLike, p: ArrayLike) -> float:
    """The mean of -log p_y, probabilities kept above the smallest step of their precision.

    Book: 3.2, 3.3.
    """
    given = np.asarray(p)
    tiny = np.finfo(given.dtype).eps if np.issubdtype(given.dtype, np.floating) else np.finfo(np.float64).eps
    y, P = _codes(y), _columns(p)
    P = P / P.sum(1, keepdims=True)
    return float(-np.mean(np.log(np.clip(P[np.arange(len(y)), y], tiny, 1 - tiny))))


def brier(y: ArrayLike, p: ArrayLike) -> float:
    """The mean of (p - y)² for two classes, of ‖p - onehot(y)‖² for more.

    Book: 2.3.  Source: Brier (1950).
    """
    y, p = _codes(y), _float(p)
    if p.ndim == 1:
        return float(np.mean((p - y) ** 2))
    return float(np.mean(np.sum((p - np.eye(p.shape[1])[y]) ** 2, axis=1)))


def auc(y: ArrayLike, score: ArrayLike) -> float:
    """The area under the ROC curve, P(s⁺ > s⁻) + P(tie)/2; for (N, K) scores the mean of each class against the rest.

    Book: 2.3.  Source: Mann & Whitney (1947).
    """
    y, s = _codes(y), _float(score)
    if s.ndim == 1:
        return _auc(y == 1, s)
    return float(np.mean([_auc(y == k, s[:, k]) for k in range(s.shape[1])]))


def _auc(positive: np.ndarray, s: np.ndarray) -> float:
    n1 = int(positive.sum())
    n0 = len(positive) - n1
    if not n1 or not n0:
        raise Mistake("rows of the class and rows of others", f"{n1} and {n0}", "the ROC curve needs both")
    _, at, counts = np.unique(s, return_inverse=True, return_counts=True)
    rank = np.cumsum(counts) - (counts - 1) / 2  # the mean rank of tied scores
    return float((rank[at][positive].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


class Roc(NamedTuple):
    """False and true positive rates, from (0, 0) to (1, 1), and the thresholds: positive is s ≥ threshold."""

    fpr: np.ndarray
    tpr: np.ndarray
    thresholds: np.ndarray


def roc_curve(y: ArrayLike, score: ArrayLike) -> Roc:
    """The rates at every threshold that changes them; y is 1 for positive rows."""
    positive, s = _codes(y) == 1, _float(score)
    order = np.argsort(-s, kind="stable")
    s, positive = s[order], positive[order]
    last = np.append(np.flatnonzero(np.diff(s)), len(s) - 1)  # the last row of each run of tied scores
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
    """Predicted probabilities against what happened, in `bins` bins of equal width; y is 1 for positive rows."""
    positive, p = _codes(y) == 1, _float(p)
    at = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], p)
    rows = np.bincount(at, minlength=bins)
    held = rows > 0
    predicted, observed = (np.bincount(at, weights=w, minlength=bins)[held] / rows[held] for w in (p, positive))
    return Calibration(predicted, observed, rows[held])


def rmse(y: ArrayLike, y_hat: ArrayLike) -> float:
    """√(mean (y - ŷ)²), in the unit of y.

    Book: 2.3.
    """
    return float(np.sqrt(np.mean(_error(y, y_hat) ** 2)))


def mae(y: ArrayLike, y_hat: ArrayLike) -> float:
    """mean |y - ŷ|, in the unit of y.

    Book: 2.3.
    """
    return float(np.mean(np.abs(_error(y, y_hat))))


def r2(y: ArrayLike, y_hat: ArrayLike) -> float:
    """1 - Σ (y - ŷ)² / Σ (y - ȳ)²: 1 is perfect, 0 as good as the mean. A constant y gives 1 if it is hit, else 0.

    Book: 2.3.
    """
    y = _float(y)
    left, whole = np.sum(_error(y, y_hat) ** 2), np.sum((y - y.mean()) ** 2)
    return float(1 - left / whole) if whole else float(left == 0)


def _error(y: ArrayLike, y_hat: ArrayLike) -> Numbers:
    y, y_hat = _float(y), _float(y_hat)
    if y.shape != y_hat.shape:
        raise Mistake(f"predictions of shape {y.shape}", y_hat.shape)
    return y - y_hat


def _float(a: ArrayLike) -> np.ndarray:
    return np.asarray(a, np.float64)


def _codes(y: ArrayLike) -> Codes:
    y = np.asarray(y)
    if y.ndim != 1 or not len(y):
        raise Mistake("class codes of one or more rows", f"an array of shape {y.shape}", "probabilities come second")
    return y.astype(np.int64)


def _columns(p: ArrayLike) -> Float[np.ndarray, "N K"]:
    """Probabilities with one column a class."""
    p = _float(p)
    return np.stack([1 - p, p], axis=1) if p.ndim == 1 else p


def _present(y: ArrayLike, y_hat: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """The confusion matrix, and which classes occur or are predicted."""
    counts = confusion(y, y_hat)
    return counts, counts.sum(0) + counts.sum(1) > 0


def _mean_ratio(part: np.ndarray, whole: np.ndarray, found: np.ndarray) -> float:
    ratios = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
    return float(np.mean(ratios[found]))
