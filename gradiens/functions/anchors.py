"""Anchors: boxes laid over a picture in a grid, from which a network says how far away the true box is.

    tₓ = (x - xₐ) / wₐ,   t_y = (y - yₐ) / hₐ,   t_w = log(w / wₐ),   t_h = log(h / hₐ)

for a box with centre (x, y), width w and height h and its anchor (xₐ, yₐ, wₐ, hₐ). Where the sides are measured in anchors
and in logarithms, boxes of every size are equally far away.

Book: 6.8.  Source: Ren et al. (2015), section 3.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake
from gradiens.functions.boxes import to_centres, to_corners
from gradiens.functions.suppression import corners, overlaps

KIND = "detection"

BACKGROUND, BETWEEN = -1, -2  # of an anchor that has no box: a negative example, or none at all


def grid_of_anchors(
    rows: int, columns: int, stride: float, sizes: Sequence[float], ratios: Sequence[float] = (1.0,)
) -> Float[np.ndarray, "N 4"]:
    """Anchors as corners, for every cell of `stride` pixels those of each size √(w h) and of each ratio h / w.

    Cells row by row, in a cell sizes first. Raises `Mistake` unless all numbers are positive.

    Book: 6.8.  Source: Ren et al. (2015), section 3.1.1.
    """
    if min(rows, columns, stride, *sizes, *ratios) <= 0 or not sizes or not ratios:
        raise Mistake("rows, columns, stride, sizes and ratios above 0", (rows, columns, stride, sizes, ratios))
    shapes = np.array([(s / np.sqrt(r), s * np.sqrt(r)) for s in sizes for r in ratios])
    y, x = np.meshgrid(stride * (np.arange(rows) + 0.5), stride * (np.arange(columns) + 0.5), indexing="ij")
    centres = np.stack([x, y], axis=-1).reshape(-1, 1, 2)
    return np.concatenate([centres - shapes[None] / 2, centres + shapes[None] / 2], axis=-1).reshape(-1, 4)


def to_offsets(box: Float[Array, "*n 4"], anchor: Float[Array, "*n 4"]) -> Float[Array, "*n 4"]:
    """t of boxes and of their anchors, both corners.

    Book: 6.8.  Source: Ren et al. (2015), equation 2.
    """
    b, a = to_centres(box), to_centres(anchor)
    place = (b[..., :2] - a[..., :2]) / a[..., 2:]
    return jnp.concatenate([place, jnp.log(b[..., 2:] / a[..., 2:])], axis=-1)


def from_offsets(t: Float[Array, "*n 4"], anchor: Float[Array, "*n 4"]) -> Float[Array, "*n 4"]:
    """The boxes at t from their anchors, corners: the inverse. Sides stay below e⁴ times those of the anchor.

    Book: 6.8.  Source: Ren et al. (2015), equation 2.
    """
    a = to_centres(anchor)
    place = a[..., :2] + t[..., :2] * a[..., 2:]
    sides = a[..., 2:] * jnp.exp(jnp.minimum(t[..., 2:], 4))
    return to_corners(jnp.concatenate([place, sides], axis=-1))


class Assigned(NamedTuple):
    """For each anchor the index of its box, or BACKGROUND or BETWEEN; and its largest IoU."""

    box: Int[np.ndarray, " N"]
    overlap: Float[np.ndarray, " N"]


def assign(anchors: ArrayLike, boxes: ArrayLike, positive: float = 0.5, negative: float = 0.4) -> Assigned:
    """Each anchor to the box that it overlaps most.

    It is that box's from IoU ≥ `positive`; background where IoU < `negative`; between the two it teaches nothing. Before all
    that each box gets an anchor of its own, however small the overlap: the best pair first, then the best of the boxes and
    anchors that are left. A box that meets no anchor still free gets none.

    Book: 6.8.  Source: Ren et al. (2015), section 3.1.2.
    """
    if not 0 <= negative <= positive <= 1:
        raise Mistake("0 ≤ negative ≤ positive ≤ 1", f"{negative} and {positive}")
    found = overlaps(corners(anchors, "anchors"), corners(boxes))
    if not found.size:
        return Assigned(np.full(len(found), BACKGROUND), np.zeros(len(found)))
    best, overlap = found.argmax(axis=1), found.max(axis=1)
    box = np.where(overlap >= positive, best, np.where(overlap < negative, BACKGROUND, BETWEEN))
    left = found.copy()
    for _ in range(min(left.shape)):
        i, j = np.unravel_index(left.argmax(), left.shape)
        if not left[i, j]:
            break
        box[i], left[i], left[:, j] = j, 0, 0
    return Assigned(box, overlap)
