"""Distances of two samples in any dimension that need no density: maximum mean discrepancy and energy distance.

    MMD² = E k(X, X') + E k(Y, Y') - 2 E k(X, Y)        energy² = 2 E‖X - Y‖ - E‖X - X'‖ - E‖Y - Y'‖

The energy distance is the discrepancy of the kernel -‖x - y‖. Means over all pairs, those of a point with itself among them,
give a distance of the two samples (at least 0, biased upwards); without them MMD² is unbiased and may be negative.

Book: B.3.  Source: Gretton et al. (2012); Székely & Rizzo (2013).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake

KIND = "sample estimate"


def mmd_squared(x: ArrayLike, y: ArrayLike, width: float = 0.0, unbiased: bool = False) -> float:
    """MMD² with the kernel exp(-‖x - y‖² / (2 width²)); width 0 takes the median distance of all points.

    Raises `Mistake` when the samples have not one dimension, are smaller than 2, or width < 0.

    Book: B.3.  Source: Gretton et al. (2012).
    """
    x, y = _samples(x, y)
    xx, yy, xy = _squares(x, x), _squares(y, y), _squares(x, y)
    if width < 0:
        raise Mistake("a width of at least 0", width, "0 takes the median distance")
    if not width:
        width = float(np.sqrt(np.median(_squares(*[np.concatenate([x, y])] * 2)))) or 1.0
    kernel = lambda squares: np.exp(-squares / (2 * width**2))  # noqa: E731
    mean = _mean_of_different if unbiased else np.mean
    return float(mean(kernel(xx)) + mean(kernel(yy)) - 2 * np.mean(kernel(xy)))


def energy_distance(x: ArrayLike, y: ArrayLike) -> float:
    """√(2 E‖X - Y‖ - E‖X - X'‖ - E‖Y - Y'‖): a metric; on the line √(2 ∫ (F - G)²).

    Raises `Mistake` when the samples have not one dimension or are smaller than 2.

    Book: B.3.  Source: Székely & Rizzo (2013).
    """
    x, y = _samples(x, y)
    far = lambda a, b: np.mean(np.sqrt(_squares(a, b)))  # noqa: E731
    return float(np.sqrt(max(2 * far(x, y) - far(x, x) - far(y, y), 0.0)))


def _mean_of_different(k: Float[np.ndarray, "N N"]) -> float:
    n = len(k)
    return float((k.sum() - np.trace(k)) / (n * (n - 1)))


def _squares(x: np.ndarray, y: np.ndarray) -> Float[np.ndarray, "N M"]:
    """‖xᵢ - yⱼ‖², by differences: nothing cancels."""
    return sum((np.subtract.outer(x[:, k], y[:, k]) ** 2 for k in range(x.shape[1])), np.zeros((len(x), len(y))))


def _samples(x: ArrayLike, y: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    x, y = (np.asarray(a, np.float64) for a in (x, y))
    x, y = (a[:, None] if a.ndim == 1 else a for a in (x, y))
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1] or min(len(x), len(y)) < 2:
        raise Mistake("two samples (N, D) and (M, D) of at least 2 points", f"{x.shape} and {y.shape}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise Mistake("finite numbers", "NaN or Inf")
    return x, y
