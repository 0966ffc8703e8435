"""A set of images in the four files of MNIST's layout."""

from __future__ import annotations

import hashlib

import numpy as np

from gradiens.core.check import Mistake
from gradiens.data.files import Remote, content
from gradiens.data.idx import parse_idx
from gradiens.data.images import Images

_FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def idx_set(name: str, url: str, sums: tuple[str, str, str, str], classes: tuple[str, ...]) -> Images:
    """Training and official test images and labels; `sums` are the sha256 of the four uncompressed files."""
    arrays = [
        _array(Remote(name, f"{file}.gz", sha, f"{url}{file}.gz")) for file, sha in zip(_FILES, sums, strict=True)
    ]
    x, y, x_test, y_test = arrays
    if len(x) != len(y) or len(x_test) != len(y_test):
        raise Mistake("one label for each image", f"{len(x)} and {len(y)}", "fetch the files again")
    digest = hashlib.sha256("".join(sums).encode()).hexdigest()
    return Images(name, x, y, classes, x_test, y_test, sha256=digest)


def _array(remote: Remote) -> np.ndarray:
    return parse_idx(content(remote), remote.name)
