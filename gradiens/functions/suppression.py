"""Non-maximum suppression: of boxes that overlap much, the best alone is kept.

    while boxes are left:  keep the best, b;  drop b and every box with IoU(b, ·) > τ

What is kept has pairwise IoU of at most τ, and is kept again when the rule is applied to it; the best box is in it.

Book: 6.8.  Source: Felzenszwalb et al. (2010), section 3.4.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Int
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake

KIND = "detection"


def corners(boxes: ArrayLike, what: str = "boxes") -> np.ndarray:
    """Boxes as (N, 4) numbers in double precision, N = 0 too; a `Mistake` when they are none."""
    made = np.asarray(boxes, np.float64)
    made = made.reshape(0, 4) if made.size == 0 else made
    if made.ndim != 2 or made.shape[1] != 4 or not np.isfinite(made).all() or np.any(made[:, 2:] < made[:, :2]):
        want = f"{what} of shape (N, 4): left ≤ right, top ≤ bottom, no NaN"
        raise Mistake(want, f"shape {np.shape(boxes)}" if made.ndim != 2 or made.shape[1] != 4 else "others")
    return made


def overlaps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """IoU of every box of `a` (N, 4) with every box of `b` (M, 4), (N, M); by NumPy, whatever the numbers of boxes."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=-1)
    area_a, area_b = np.prod(a[:, 2:] - a[:, :2], axis=1), np.prod(b[:, 2:] - b[:, :2], axis=1)
    union = area_a[:, None] + area_b[None] - shared
    return np.divide(shared, union, out=np.zeros_like(union), where=union > 0)


def suppress(
    boxes: ArrayLike, scores: ArrayLike, threshold: float = 0.5, classes: ArrayLike | None = None
) -> Int[np.ndarray, " kept"]:
    """The indices of the boxes that are kept, the best first; equal scores in the order given.

    With `classes` a box can only drop boxes of its own class. Raises `Mistake` for a threshold outside [0, 1], or scores
    or classes that do not match the boxes.

    Book: 6.8.  Source: Felzenszwalb et al. (2010), section 3.4.
    """
    boxes, scores = corners(boxes), np.asarray(scores, np.float64)
    if scores.shape != boxes.shape[:1] or np.isnan(scores).any():
        raise Mistake(f"one score a box, {len(boxes)} numbers", f"shape {scores.shape}")
    if not 0 <= threshold <= 1:
        raise Mistake("a threshold between 0 and 1", threshold)
    rivals: Bool[np.ndarray, "N N"] = overlaps(boxes, boxes) > threshold
    if classes is not None:
        codes = np.asarray(classes)
        if codes.shape != scores.shape:
            raise Mistake(f"one class a box, {len(boxes)} codes", f"shape {codes.shape}")
        rivals &= codes[:, None] == codes[None]
    kept: list[int] = []
    left = np.ones(len(boxes), bool)
    for best in np.argsort(-scores, kind="stable"):
        if left[best]:
            kept.append(int(best))
            left &= ~rivals[best]
    return np.array(kept, np.int64)
