"""Canvases: pictures of several things at known places, made of pictures of one thing each.

Each thing is cut out of its picture along the box of its ink (pixels above half of the maximum) and put down at a random
place of an empty canvas. The box and the mask of every thing are then known exactly: what localisation, detection and
segmentation learn from, without a person who draws boxes.

Book: 6.8.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import ArrayLike

from gradiens.core.check import Failure, Mistake

KIND = "preprocessing"

INK = 0.5  # pixels above this part of the maximum belong to the thing
NOTHING = -1  # the class of an entry that holds no thing
TRIES = 200  # places tried for the things of one canvas before all are taken up again
ROUNDS = 20


@dataclass(frozen=True)
class Canvases:
    """N canvases with at most M things each; entries beyond a canvas's things have class -1 and a box of zeros."""

    x: Float[np.ndarray, "N 1 size size"]  # grey, 0 … 1, noise added
    boxes: Float[np.ndarray, "N M 4"]  # left, top, right, bottom of the ink, in pixels
    classes: Int[np.ndarray, "N M"]
    masks: Bool[np.ndarray, "N size size"]  # where there is ink, whosever

    def __len__(self) -> int:
        return len(self.x)


def ink_box(pixels: Float[np.ndarray, "H W"]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the pixels above a half; right and bottom are the first without ink.

    Raises `Mistake` for a picture without ink.

    Book: 6.8.
    """
    rows, columns = (np.flatnonzero(np.any(pixels > INK, axis=axis)) for axis in (1, 0))
    if not len(rows):
        raise Mistake("a picture with pixels above half of the maximum", "none", "leave empty pictures out")
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def make_canvases(
    pixels: ArrayLike,
    labels: ArrayLike,
    n: int,
    seed: int,
    size: int = 48,
    things: tuple[int, int] = (1, 1),
    noise: float = 0.0,
    overlap: bool = False,
) -> Canvases:
    """n canvases of size × size, each with as many things as drawn from `things` (least, most), from pixels (K, H, W) of
    0 … 1.

    Things do not overlap, box by box, unless `overlap`; `noise` is the standard deviation of normal noise on every pixel. All
    is a function of the seed. Raises `Mistake` for pixels outside [0, 1], and `Failure` where things find no place.

    Book: 6.8.
    """
    pixels, labels = np.asarray(pixels, np.float32), np.asarray(labels, np.int64)
    _check(pixels, labels, n, size, things, noise)
    rng = np.random.default_rng(seed)
    most = things[1]
    canvases = Canvases(
        np.zeros((n, 1, size, size), np.float32),
        np.zeros((n, most, 4), np.float32),
        np.full((n, most), NOTHING),
        np.zeros((n, size, size), bool),
    )
    for i in range(n):
        chosen = rng.integers(0, len(pixels), rng.integers(things[0], most + 1))
        cuts = [_cut(pixels[k]) for k in chosen]
        for j, (box, cut) in enumerate(zip(_places(cuts, size, overlap, rng), cuts, strict=True)):
            left, top, right, bottom = box
            spot = canvases.x[i, 0, top:bottom, left:right]
            np.maximum(spot, cut, out=spot)
            canvases.boxes[i, j], canvases.classes[i, j] = box, labels[chosen[j]]
        canvases.masks[i] = canvases.x[i, 0] > INK
    if noise:
        canvases.x[:] += rng.normal(0, noise, canvases.x.shape).astype(np.float32)
    return canvases


def _cut(pixels: np.ndarray) -> np.ndarray:
    left, top, right, bottom = ink_box(pixels)
    return pixels[top:bottom, left:right]


def _places(cuts: list[np.ndarray], size: int, overlap: bool, rng: np.random.Generator) -> list[tuple[int, ...]]:
    """A box for each cut, anywhere on the canvas; all are taken up and put down again when one finds no place."""
    for _ in range(ROUNDS):
        boxes: list[tuple[int, ...]] = []
        for high, wide in (cut.shape for cut in cuts):
            box = _place(high, wide, size, [] if overlap else boxes, rng)
            if box is None:
                break
            boxes.append(box)
        if len(boxes) == len(cuts):
            return boxes
    raise Failure(f"{len(cuts)} things found no place on a canvas of {size} × {size}", "take fewer, or a larger canvas")


def _place(
    high: int, wide: int, size: int, taken: list[tuple[int, ...]], rng: np.random.Generator
) -> tuple[int, ...] | None:
    for _ in range(TRIES):
        left, top = int(rng.integers(0, size - wide + 1)), int(rng.integers(0, size - high + 1))
        box = left, top, left + wide, top + high
        if not any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in taken):
            return box
    return None


def _check(pixels: np.ndarray, labels: np.ndarray, n: int, size: int, things: tuple[int, int], noise: float) -> None:
    if pixels.ndim != 3 or len(pixels) != len(labels) or not len(pixels):
        raise Mistake("pixels (K, H, W) and K labels", f"shapes {pixels.shape} and {labels.shape}")
    if pixels.min() < 0 or pixels.max() > 1:
        raise Mistake("pixels from 0 to 1", f"{pixels.min():g} to {pixels.max():g}", "divide bytes by 255")
    if n < 1 or not 1 <= things[0] <= things[1] or not noise >= 0:
        raise Mistake("one canvas or more, 1 ≤ least ≤ most things, noise ≥ 0", (n, things, noise))
    if size < max(pixels.shape[1:]):
        raise Mistake(f"a canvas at least as large as the pictures, {max(pixels.shape[1:])}", size)


def triplets(labels: ArrayLike, n: int, seed: int) -> Int[np.ndarray, "n 3"]:
    """Rows (anchor, positive, negative): two different rows of one class and one of another, drawn by the seed.

    Raises `Mistake` unless there are two classes, and two rows of each.

    Book: 6.8.  Source: Schroff et al. (2015), section 3.2; here without a search for hard ones.
    """
    labels = np.asarray(labels)
    classes, counts = np.unique(labels, return_counts=True)
    if len(classes) < 2 or counts.min() < 2:
        raise Mistake("at least two classes with two rows each", f"{dict(zip(classes.tolist(), counts.tolist()))}")
    rng = np.random.default_rng(seed)
    rows = {k: np.flatnonzero(labels == k) for k in classes}
    found = np.empty((n, 3), np.int64)
    for i in range(n):
        same, other = rng.choice(classes, 2, replace=False)
        found[i] = *rng.choice(rows[same], 2, replace=False), rng.choice(rows[other])
    return found
