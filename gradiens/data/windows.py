"""Windows of canvases: what a sliding-window classifier learns from.

A window on a thing has its centre at most `near` pixels from that of the thing's box, along both axes; a window on the
background is more than 2 `near` pixels from every thing. The box is told as parts of the window: (0, 0, 1, 1) is all of it.

Book: 6.8.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake
from gradiens.data.canvases import Canvases

KIND = "preprocessing"


class Windows(NamedTuple):
    """Windows, and for each the class (K: background) and the box as parts of the window (zeros: background)."""

    x: Float[np.ndarray, "n 1 size size"]
    y: Float[np.ndarray, "n 5"]


def cut_windows(
    canvases: Canvases, classes: int, size: int, near: int = 3, empty: int = 2, seed: int = 0, padding: int = 0
) -> Windows:
    """A window on every thing, at a random place near it, and `empty` windows a canvas on the background, where there is room.

    Windows may reach `padding` pixels over the border, where all is zero.

    Book: 6.8.
    """
    side = canvases.x.shape[-1] + 2 * padding
    if not 1 <= size <= side or near < 0 or empty < 0:
        raise Mistake(f"a size between 1 and {side}, near and empty of at least 0", (size, near, empty))
    rng = np.random.default_rng(seed)
    x, y = [], []
    for picture, boxes, codes in zip(canvases.x[:, 0], canvases.boxes, canvases.classes, strict=True):
        wide, boxes = np.pad(picture, padding), boxes[codes >= 0] + np.float32(padding)
        centres = (boxes[:, :2] + boxes[:, 2:]) / 2
        for box, centre, k in zip(boxes, centres, codes[codes >= 0], strict=True):
            corner = np.clip(np.rint(centre - size / 2) + rng.integers(-near, near + 1, 2), 0, side - size).astype(int)
            x.append(_window(wide, corner, size))
            y.append([k, *(box - np.tile(corner, 2)) / size])
        for corner in rng.integers(0, side - size + 1, (empty, 2)):
            far = np.abs(corner + size / 2 - centres).max(axis=1)
            if np.all(far > 2 * near):
                x.append(_window(wide, corner, size))
                y.append([classes, 0, 0, 0, 0])
    return Windows(np.stack(x)[:, None], np.array(y, np.float32))


def _window(picture: np.ndarray, corner: np.ndarray, size: int) -> np.ndarray:
    left, top = corner
    return picture[top : top + size, left : left + size]
