"""Segmentation of an image by colour: k-means of the pixels, each then drawn in the colour of its centre.

    x_i = colour of pixel i,    drawn: c_{a_i}

At most K colours are left; where a pixel lies plays no part.

Book: 2.2.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float, Int

from gradiens.classical.unsupervised.kmeans_fit import fit_kmeans
from gradiens.core.check import Mistake


@dataclasses.dataclass(frozen=True)
class Segmentation:
    """The segment of each pixel, and the K colours."""

    labels: Int[np.ndarray, "H W"]
    palette: Float[np.ndarray, "K C"]

    def image(self) -> Float[np.ndarray, "H W C"]:
        """The image in its K colours."""
        return self.palette[self.labels]


def segment_colours(image: Float[np.ndarray, "H W C"], k: int, starts: int = 3, seed: int = 0) -> Segmentation:
    """The segments of an image (H, W, C) by K colours.

    Book: 2.2.

    Raises `Mistake` for an image without channels, or more colours than pixels.
    """
    image = np.asarray(image)
    if image.ndim != 3:
        raise Mistake("an image (H, W, C)", f"shape {image.shape}", "a grey one: image[:, :, None]")
    found = fit_kmeans(image.reshape(-1, image.shape[2]), k, starts, seed=seed)
    return Segmentation(found.labels.reshape(image.shape[:2]), found.centres)
