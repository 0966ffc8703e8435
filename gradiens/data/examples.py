"""A few training pictures of each class on one sheet, for the report."""

from __future__ import annotations

import base64
import io

import numpy as np

ROWS, COLUMNS = 2, 3
CLASSES = 12  # classes with a sheet
LARGEST = 48  # pixels of a side on a sheet
_GAP = 1


def sheets(pixels: np.ndarray, labels: np.ndarray, classes: tuple[str, ...], maximum: int) -> list[dict[str, str]]:
    """For each of the first classes its name and a PNG in base64 of its first six pictures, as JSON takes them."""
    return [
        {"label": name, "png": _png(_sheet(pixels[np.flatnonzero(labels == k)[: ROWS * COLUMNS]], maximum))}
        for k, name in enumerate(classes[:CLASSES])
    ]


def picture_of(png: str) -> np.ndarray:
    """The pixels of a sheet."""
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))))


def _sheet(pixels: np.ndarray, maximum: int) -> np.ndarray:
    """Six places in two rows, white where there is no picture; large pictures by every second, third, … pixel."""
    every = -(-max(pixels.shape[1:3]) // LARGEST)
    small = pixels[:, ::every, ::every]
    high, wide = small.shape[1] + _GAP, small.shape[2] + _GAP
    sheet = np.full((ROWS * high - _GAP, COLUMNS * wide - _GAP, *pixels.shape[3:]), 255, np.uint8)
    for i, one in enumerate(small):
        top, left = i // COLUMNS * high, i % COLUMNS * wide
        sheet[top : top + one.shape[0], left : left + one.shape[1]] = np.rint(one * (255 / maximum))
    return sheet


def _png(pixels: np.ndarray) -> str:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()
