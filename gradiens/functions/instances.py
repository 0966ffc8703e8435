"""Instances: one mask of all things, and boxes of each, make a mask for each.

    label(i, j) = 1 + argmin_n d_n  where the mask is set and d_n ≤ 1/2,  else 0
    d_n = max(|j + 1/2 - xₙ| / wₙ, |i + 1/2 - yₙ| / hₙ)

A pixel of the mask goes to the box in which it lies nearest to the middle, measured in the sides of the box; one that lies in
no box is nobody's.

Book: 6.8.  Source: He et al. (2017) the idea of a mask in each box; here one mask is shared out.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Int
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake
from gradiens.functions.suppression import corners

KIND = "detection"


def instances(mask: ArrayLike, boxes: ArrayLike) -> Int[np.ndarray, "H W"]:
    """0 where nothing is, n where the n-th box (from 1) has its pixels.

    Book: 6.8.  Source: He et al. (2017).
    """
    mask, boxes = np.asarray(mask), corners(boxes)
    if mask.ndim != 2 or mask.dtype != bool:
        raise Mistake("a mask (H, W) of True and False", f"{mask.dtype} of shape {mask.shape}")
    if not len(boxes):
        return np.zeros(mask.shape, np.int64)
    y, x = np.indices(mask.shape)[:, None] + 0.5
    centre, sides = (boxes[:, :2] + boxes[:, 2:]) / 2, np.maximum(boxes[:, 2:] - boxes[:, :2], 1e-9)
    across, down = (
        np.abs(place - centre[:, axis, None, None]) / sides[:, axis, None, None] for axis, place in enumerate((x, y))
    )
    d = np.maximum(across, down)
    return np.where(mask & (d.min(axis=0) <= 0.5), 1 + d.argmin(axis=0), 0)
