"""From images to the input of a model: bytes are stored, and divided by their maximum inside the compiled program."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from gradiens.core.check import Mistake
from gradiens.data.encoded import Encoded, default_precision
from gradiens.data.idx import read_idx
from gradiens.data.images import Images
from gradiens.data.table import SUFFIXES
from gradiens.data.target import Target


@dataclass(frozen=True)
class ImagePreprocessing:
    """The shape of one image, (H, W) or (H, W, C), the largest pixel value, and the target."""

    shape: tuple[int, ...]
    maximum: int
    target: Target

    @property
    def levels(self) -> tuple[int, ...]:
        """No embedded columns."""
        return ()

    @property
    def n_features(self) -> int:
        """The number of pixels, channels counted."""
        return int(np.prod(self.shape))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """`pixel 3,7`: row and column from 0."""
        return tuple("pixel " + ",".join(map(str, index)) for index in np.ndindex(*self.shape))

    def read(self, path: str | Path) -> Images | np.ndarray:
        """Images from an IDX file, or those of a catalogue set by its name."""
        from gradiens.data.load import load

        if Path(path).is_file() and Path(path).suffix.lower() not in (*SUFFIXES, ".parquet"):
            return read_idx(path)
        source = load(str(path))
        if not isinstance(source, Images):
            raise Mistake("images", f"the table {path}", "give the name of a data set of images")
        return source

    def encode(self, data: Images | np.ndarray) -> Encoded:
        """The pixels as they are, checked in shape, type and range; of a set with official test images, those."""
        if isinstance(data, Images):
            data = data.pixels if data.test_pixels is None else data.test_pixels
        x = np.asarray(data)
        if x.shape[1:] != self.shape or x.dtype != np.uint8:
            raise Mistake(f"uint8 images of shape {self.shape}", f"{x.dtype} of shape {x.shape[1:]}", "convert them")
        if x.size and x.max() > self.maximum:
            raise Mistake(f"pixels from 0 to {self.maximum}", f"the value {x.max()}", "rescale them")
        return Encoded(x, (), {})

    def features(self, x: Array) -> Array:
        """One image as numbers from 0 to 1 in one vector."""
        x = default_precision(x.reshape(-1))
        return x / jnp.asarray(self.maximum, x.dtype)

    def decode_target(self, y: np.ndarray) -> np.ndarray:
        """Class names."""
        return self.target.decode(y)

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON."""
        return {"kind": "images", **dataclasses.asdict(self)}
