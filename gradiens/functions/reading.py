"""From scores of boxes to detections: weak ones are left out, of those that overlap the best is kept, class by class.

Book: 6.8.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake
from gradiens.functions.detections import Found
from gradiens.functions.suppression import corners, suppress

KIND = "detection"


def read_boxes(
    boxes: ArrayLike,
    scores: ArrayLike,
    least: float = 0.05,
    threshold: float = 0.5,
    most: int = 100,
    apart: bool = True,
) -> Found:
    """The detections among boxes (N, 4) with a score for each class (N, K): every class whose score is at least `least`.

    Boxes that overlap by more than `threshold` compete: those of one class, or all when not `apart`. At most `most` are kept,
    the best first.

    Book: 6.8.  Source: Girshick et al. (2014), section 2.2.
    """
    boxes, scores = corners(boxes), np.asarray(scores, np.float64)
    if scores.ndim != 2 or len(scores) != len(boxes):
        raise Mistake(f"scores of shape ({len(boxes)}, K)", f"shape {scores.shape}")
    at, k = np.nonzero(scores >= least)
    strength = scores[at, k]
    kept = suppress(boxes[at], strength, threshold, k if apart else None)[:most]
    return Found(boxes[at][kept], k[kept], strength[kept])
