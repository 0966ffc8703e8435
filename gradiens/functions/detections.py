"""How good detections are: precision and recall over all pictures, and their average.

A detection is right when it overlaps a true box of its class by IoU ≥ τ that no better detection has taken. Ordered by
score over all pictures, TP and FP counted down to rank k of n true boxes,

    precision P_k = TP_k / (TP_k + FP_k),    recall R_k = TP_k / n
    AP  = Σ_k (R_k - R_{k-1}) max_{j ≥ k} P_j,    mAP the mean over the classes that occur

AP at 11 or 101 recalls r is the mean of max_{R_j ≥ r} P_j: PASCAL VOC 2007 and COCO. COCO also takes the mean over
τ = 0.5, 0.55, …, 0.95.

Book: 6.8.  Source: Everingham et al. (2010), section 4.2; Lin et al. (2014).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake, known
from gradiens.functions.suppression import corners, overlaps

KIND = "detection"

COCO = tuple(np.arange(10) / 20 + 0.5)  # the thresholds over which COCO takes the mean


class Found(NamedTuple):
    """What is in one picture: boxes as corners, their class codes, their scores (1 for the truth)."""

    boxes: Float[np.ndarray, "N 4"]
    classes: Int[np.ndarray, " N"]
    scores: Float[np.ndarray, " N"]

    @classmethod
    def make(cls, boxes: ArrayLike, classes: ArrayLike, scores: ArrayLike | None = None) -> Found:
        """Checked: one class and one score a box, none of them NaN."""
        boxes, classes = corners(boxes), np.asarray(classes, np.int64).reshape(-1)
        scores = np.ones(len(boxes)) if scores is None else np.asarray(scores, np.float64).reshape(-1)
        if not len(boxes) == len(classes) == len(scores):
            raise Mistake("one class and one score a box", f"{len(boxes)}, {len(classes)} and {len(scores)}")
        if np.isnan(scores).any():
            raise Mistake("scores that can be ordered", "NaN")
        return cls(boxes, classes, scores)

    def of(self, k: int) -> Found:
        """Those of class k."""
        return Found(*(part[self.classes == k] for part in self))


class PrecisionRecall(NamedTuple):
    """Down the ranks: precision, recall and score; and how many true boxes there are."""

    precision: Float[np.ndarray, " K"]
    recall: Float[np.ndarray, " K"]
    scores: Float[np.ndarray, " K"]
    truths: int


def right(found: Found, truth: Found, threshold: float = 0.5, rule: str = "coco") -> Bool[np.ndarray, " N"]:
    """Which detections of one class in one picture are right, the best score first in the queue.

    `rule` "coco": a detection takes the true box of most overlap among those still free; "voc": of all, and is wrong when
    that one is taken.

    Book: 6.8.  Source: Everingham et al. (2010), section 4.2; Lin et al. (2014).
    """
    known("rule", rule, ("coco", "voc"))
    overlap = overlaps(found.boxes, truth.boxes)
    free = np.ones(len(truth.boxes), bool)
    hit = np.zeros(len(found.boxes), bool)
    for i in np.argsort(-found.scores, kind="stable"):
        among = np.where(free, overlap[i], -1.0) if rule == "coco" else overlap[i]
        best = int(among.argmax()) if among.size else -1
        if best >= 0 and free[best] and among[best] >= threshold:
            hit[i], free[best] = True, False
    return hit


def precision_recall(
    found: Sequence[Found], truth: Sequence[Found], k: int | None = None, threshold: float = 0.5, rule: str = "coco"
) -> PrecisionRecall:
    """The curve of class k (None: of boxes of any class, whatever they are called) over pictures in the same order.

    Book: 6.8.  Source: Everingham et al. (2010), section 4.2.
    """
    if len(found) != len(truth) or not found:
        raise Mistake("detections and truth of the same pictures, one or more", f"{len(found)} and {len(truth)}")
    pairs = [(f, t) if k is None else (f.of(k), t.of(k)) for f, t in zip(found, truth, strict=True)]
    hits = np.concatenate([right(f, t, threshold, rule) for f, t in pairs])
    scores = np.concatenate([f.scores for f, _ in pairs])
    n = sum(len(t.boxes) for _, t in pairs)
    order = np.argsort(-scores, kind="stable")
    tp = np.cumsum(hits[order])
    return PrecisionRecall(tp / np.arange(1, len(tp) + 1), tp / max(n, 1), scores[order], n)


def average_precision(curve: PrecisionRecall, points: int = 0) -> float:
    """The area under the curve once precision is made to fall: exact, or at `points` recalls (11 and 101 are usual).

    NaN where there is no true box: nothing could be found.

    Book: 6.8.  Source: Everingham et al. (2010), section 4.2.
    """
    if points < 0 or points == 1:
        raise Mistake("0 (exact) or at least 2 points", points)
    if not curve.truths:
        return float("nan")
    falling = np.maximum.accumulate(curve.precision[::-1])[::-1]
    if not points:
        return float(np.sum(np.diff(curve.recall, prepend=0.0) * falling))
    at = np.searchsorted(curve.recall, np.linspace(0, 1, points), side="left")
    return float(np.mean(np.append(falling, 0.0)[at]))


def mean_average_precision(
    found: Sequence[Found],
    truth: Sequence[Found],
    thresholds: Sequence[float] = (0.5,),
    points: int = 0,
    rule: str = "coco",
) -> float:
    """mAP: the mean of AP over the classes that occur in the truth and over the thresholds of IoU.

    COCO's is `thresholds=COCO, points=101`.

    Book: 6.8.  Source: Everingham et al. (2010), section 4.2; Lin et al. (2014).
    """
    classes = sorted({int(k) for t in truth for k in t.classes})
    if not classes:
        raise Mistake("at least one true box", "none")
    curves = [precision_recall(found, truth, k, tau, rule) for k in classes for tau in thresholds]
    return float(np.mean([average_precision(curve, points) for curve in curves]))
