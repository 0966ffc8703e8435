"""Small handwritten digits."""

from __future__ import annotations

import hashlib

import numpy as np

from gradiens.data.images import Images


def digits() -> Images:
    """Handwritten digits, 8 × 8 pixels from 0 to 16: 1797 images, ten classes.

    Alpaydin and Kaynak (1998); UCI repository, CC BY 4.0; bundled with scikit-learn.

    Book: 1.6, 3.6.
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    pixels = bunch.images.astype(np.uint8)  # pyright: ignore[reportAttributeAccessIssue]
    labels = bunch.target.astype(np.uint8)  # pyright: ignore[reportAttributeAccessIssue]
    digest = hashlib.sha256(pixels.tobytes() + labels.tobytes()).hexdigest()
    note = "from scikit-learn's bundled digits"
    return Images("digits", pixels, labels, tuple("0123456789"), maximum=16, sha256=digest, notes=(note,))
