"""One feature of a picture, made by hand: how much of the ink lies near the brightest pixel of each row.

A one is a stroke: in every row nearly all ink is within two pixels of the brightest. Digits with loops have more of it
elsewhere.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, UInt8

REACH = 2  # pixels to the left and right of the brightest


def share_near_the_brightest(pixels: UInt8[np.ndarray, "N H W"]) -> Float[np.ndarray, " N"]:
    """The ink near the brightest pixel of each row, divided by all ink; rows whose brightest is near the edge add none.

    With the columns 1 … W and m the first brightest column of a row, the row adds its pixels m-2 … m+2 if 2 < m < W-2.
    """
    n, h, w = pixels.shape
    total = np.zeros((n, h, w + 1), np.int32)  # total[…, j] is the sum of the first j columns
    np.cumsum(pixels, axis=2, out=total[:, :, 1:])
    m = 1 + np.argmax(pixels, axis=2)[:, :, None]
    inner = np.clip(m, REACH + 1, w - REACH)
    upto = np.take_along_axis(total, inner + REACH, axis=2) - np.take_along_axis(total, inner - REACH - 1, axis=2)
    near = np.where((m > REACH) & (m < w - REACH), upto, 0)
    return near.sum((1, 2)) / total[:, :, -1].sum(1)
