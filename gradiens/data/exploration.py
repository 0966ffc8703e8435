"""What to look at before any model: how many images of each class, how much of them is ink, how bright a class is.

Book: 1.6.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float, Int

from gradiens.core.check import Mistake
from gradiens.data.images import Images

KIND = "exploration"


@dataclasses.dataclass(frozen=True)
class Exploration:
    """Counts and shares of one part (training or test) of a set of images, pixels divided by their maximum."""

    pixels: int  # numbers of one image, d
    counts: Int[np.ndarray, " K"]  # images of each class
    mean: float  # of all pixels
    mean_nonzero: float  # of the pixels that are not 0
    zeros: float  # share of pixels that are 0
    ones: float  # share of pixels at the maximum
    nonzero: Int[np.ndarray, " N"]  # pixels of each image that are not 0
    class_mean: Float[np.ndarray, " K"]  # of the images of each class


def explore_images(images: Images, test: bool = False) -> Exploration:
    """The exploration of the training part, or of the official test part.

    Shares and means come from the counts of the byte values, and so are exact. Raises `Mistake` where there is no test
    part, or an image without a pixel.

    Book: 1.6.
    """
    pixels, labels = (images.test_pixels, images.test_labels) if test else (images.pixels, images.labels)
    if pixels is None or labels is None:
        raise Mistake("a set with official test images", images.name, "explore its training part")
    if not pixels.size:
        raise Mistake("images with pixels", f"shape {pixels.shape}")
    top, K, N = images.maximum, len(images.classes), len(pixels)
    values = np.bincount(pixels.ravel(), minlength=top + 1)
    total = int(values @ np.arange(len(values)))
    flat = pixels.reshape(N, -1)
    counts = np.bincount(labels, minlength=K)
    brightness = np.bincount(labels, weights=flat.sum(1, dtype=np.int64), minlength=K)
    return Exploration(
        pixels=flat.shape[1],
        counts=counts,
        mean=total / (top * pixels.size),
        mean_nonzero=total / (top * max(pixels.size - int(values[0]), 1)),
        zeros=int(values[0]) / pixels.size,
        ones=int(values[top]) / pixels.size,
        nonzero=np.count_nonzero(flat, axis=1),
        class_mean=brightness / (top * flat.shape[1] * np.maximum(counts, 1)),
    )
