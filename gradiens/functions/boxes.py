"""Boxes in a picture: their overlap, and the two ways to write them.

    corners  (x₁, y₁, x₂, y₂)     left, top, right, bottom; x to the right, y down, as pixels are counted
    centres  (x, y, w, h)         centre, width, height

    IoU(A, B) = |A ∩ B| / |A ∪ B|,     GIoU(A, B) = IoU(A, B) - |H \\ (A ∪ B)| / |H|,  H the least box around both

Boxes are arrays whose last axis has four numbers, corners unless said; the axes before it are mapped over. A box of no
width or no height has no area; the overlap of two such boxes is 0.

Book: 6.8.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

KIND = "box"

Boxes = Float[Array, "*n 4"]


def box_area(box: Boxes) -> Float[Array, "*n"]:
    """|A| = (x₂ - x₁)₊ (y₂ - y₁)₊.

    Book: 6.8.
    """
    sides = jnp.maximum(box[..., 2:] - box[..., :2], 0)
    return sides[..., 0] * sides[..., 1]


def to_centres(box: Boxes) -> Boxes:
    """Corners to centre, width and height.

    Book: 6.8.
    """
    return jnp.concatenate([(box[..., :2] + box[..., 2:]) / 2, box[..., 2:] - box[..., :2]], axis=-1)


def to_corners(box: Boxes) -> Boxes:
    """Centre, width and height to corners.

    Book: 6.8.
    """
    return jnp.concatenate([box[..., :2] - box[..., 2:] / 2, box[..., :2] + box[..., 2:] / 2], axis=-1)


def clip_box(box: Boxes, height: float, width: float) -> Boxes:
    """The part of a box that lies in a picture of this size.

    Book: 6.8.
    """
    far = jnp.broadcast_to(jnp.asarray([width, height, width, height], box.dtype), box.shape)
    return jnp.clip(box, 0, far)


def iou(a: Boxes, b: Boxes) -> Float[Array, "*n"]:
    """Intersection over union, |A ∩ B| / |A ∪ B|; in [0, 1], and 1 for equal boxes alone.

    In a compiled program, which may round a product and a sum as one, the 1 and the symmetry hold to the last bit but one.

    Book: 6.8.  Source: Jaccard (1912); Everingham et al. (2010).
    """
    shared = _intersection(a, b)
    return _ratio(shared, box_area(a) + box_area(b) - shared)


def giou(a: Boxes, b: Boxes) -> Float[Array, "*n"]:
    """Generalised IoU, IoU - |H \\ (A ∪ B)| / |H|; in (-1, 1], at most IoU, and it falls as boxes apart move away.

    Book: 6.8.  Source: Rezatofighi et al. (2019), Algorithm 1.
    """
    shared = _intersection(a, b)
    union = box_area(a) + box_area(b) - shared
    low, high = jnp.minimum(a[..., :2], b[..., :2]), jnp.maximum(a[..., 2:], b[..., 2:])
    hull = box_area(jnp.concatenate([low, high], axis=-1))
    return _ratio(shared, union) - _ratio(hull - union, hull)


def _intersection(a: Boxes, b: Boxes) -> Float[Array, "*n"]:
    low, high = jnp.maximum(a[..., :2], b[..., :2]), jnp.minimum(a[..., 2:], b[..., 2:])
    return box_area(jnp.concatenate([low, high], axis=-1))


def _ratio(part: Array, whole: Array) -> Array:
    """part / whole, and 0 where there is no whole."""
    return jnp.where(whole > 0, part / jnp.where(whole > 0, whole, 1), 0)
