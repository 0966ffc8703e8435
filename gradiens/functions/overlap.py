"""How well masks agree: IoU and Dice of two sets of pixels, and the mean IoU over classes.

    IoU = |A ∩ B| / |A ∪ B|,     Dice = 2 |A ∩ B| / (|A| + |B|) = 2 IoU / (1 + IoU)

Dice rises with IoU, so both name the same masks best; Dice is the F1 of the pixels. Two empty masks agree: 1.

Book: 6.8.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake
from gradiens.functions.metrics import confusion

KIND = "detection"


def mask_iou(a: ArrayLike, b: ArrayLike) -> float:
    """|A ∩ B| / |A ∪ B| of two masks of one shape, True where the thing is.

    Book: 6.8.  Source: Jaccard (1912).
    """
    a, b = _masks(a, b)
    union = np.sum(a | b)
    return float(np.sum(a & b) / union) if union else 1.0


def mask_dice(a: ArrayLike, b: ArrayLike) -> float:
    """2 |A ∩ B| / (|A| + |B|) of two masks of one shape.

    Book: 6.8.  Source: Dice (1945).
    """
    a, b = _masks(a, b)
    sizes = np.sum(a) + np.sum(b)
    return float(2 * np.sum(a & b) / sizes) if sizes else 1.0


def mean_iou(y: ArrayLike, y_hat: ArrayLike, classes: int = 0) -> float:
    """The mean of IoU over the classes that occur in either, from the class codes of all pixels.

    Book: 6.8.  Source: Long et al. (2015), section 5.
    """
    codes, predicted = np.asarray(y), np.asarray(y_hat)
    if codes.shape != predicted.shape or not codes.size:
        raise Mistake("class codes of the same pixels", f"shapes {codes.shape} and {predicted.shape}")
    counts = confusion(codes.reshape(-1), predicted.reshape(-1), classes)
    union = counts.sum(0) + counts.sum(1) - np.diag(counts)
    return float(np.mean(np.diag(counts)[union > 0] / union[union > 0]))


def _masks(a: ArrayLike, b: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    one, other = np.asarray(a), np.asarray(b)
    if one.shape != other.shape or one.dtype != bool or other.dtype != bool:
        got = f"{one.dtype} of shape {one.shape} and {other.dtype} of {other.shape}"
        raise Mistake("two masks of one shape, True and False", got, "compare with a threshold first: p > 0.5")
    return one, other
