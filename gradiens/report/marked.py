"""Pictures with boxes and masks drawn into their pixels, for figures of what a network has found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake

COLOURS = ((0.95, 0.55, 0.1), (0.2, 0.75, 0.95), (0.45, 0.85, 0.3), (0.95, 0.35, 0.6))


def with_boxes(
    picture: Float[np.ndarray, "H W"], boxes: Sequence[ArrayLike], scale: int = 2
) -> Float[np.ndarray, "sH sW 3"]:
    """The grey picture of 0 … 1, `scale` times larger, with lists of boxes as frames, each list in a colour of its own.

    A frame is one pixel of the larger picture wide and lies on the border of its box.
    """
    made = _coloured(picture, scale)
    high, wide = made.shape[:2]
    for k, group in enumerate(boxes):
        for left, top, right, bottom in np.rint(scale * np.asarray(group, np.float64).reshape(-1, 4)).astype(int):
            x1, x2 = np.clip([left, right - 1], 0, wide - 1)
            y1, y2 = np.clip([top, bottom - 1], 0, high - 1)
            made[[y1, y2], x1 : x2 + 1] = made[y1 : y2 + 1, [x1, x2]] = COLOURS[k % len(COLOURS)]
    return made


def with_mask(
    picture: Float[np.ndarray, "H W"], mask: ArrayLike, scale: int = 2, strength: float = 0.6
) -> Float[np.ndarray, "sH sW 3"]:
    """The grey picture of 0 … 1, `scale` times larger, with the pixels of the mask tinted: True, or 1, 2, … in a colour each."""
    labels = np.asarray(mask).astype(int)
    if labels.shape != np.shape(picture):
        raise Mistake(f"a mask of shape {np.shape(picture)}", f"shape {labels.shape}")
    made = _coloured(picture, scale)
    there = np.kron(labels, np.ones((scale, scale), int))
    tints = np.array(COLOURS)[(there[there > 0] - 1) % len(COLOURS)]
    made[there > 0] = (1 - strength) * made[there > 0] + strength * tints
    return made


def _coloured(picture: ArrayLike, scale: int) -> np.ndarray:
    grey = np.clip(np.asarray(picture, np.float64), 0, 1)
    if grey.ndim != 2 or scale < 1:
        raise Mistake("a grey picture, height × width, and a scale of at least 1", f"shape {grey.shape}, {scale}")
    return np.repeat(np.kron(grey, np.ones((scale, scale)))[..., None], 3, axis=2)
