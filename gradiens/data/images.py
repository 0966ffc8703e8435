"""Images in memory: pixels as stored (uint8), labels as codes, the official test part apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Images:
    """`pixels` is uint8 (N, H, W) or (N, H, W, C) with values 0 to `maximum`; `labels` are codes into `classes`.

    `path` is where they were read, `names` those of the files of new pictures for a trained model.
    """

    name: str
    pixels: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    test_pixels: np.ndarray | None = None
    test_labels: np.ndarray | None = None
    maximum: int = 255
    sha256: str = ""
    notes: tuple[str, ...] = ()
    target: str = "label"
    path: str = ""
    names: tuple[str, ...] = ()
