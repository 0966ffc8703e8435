"""From images to the input of a model: bytes are stored, and made numbers inside the compiled program.

    one vector    x = pixels / maximum                     for fully connected networks
    maps          x = (pixels / maximum - μ) / σ           for convolutional ones: C × H × W, channel by channel

μ and σ are the mean and the standard deviation of each channel over the training images.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, UInt8

from gradiens.core.check import Mistake
from gradiens.data.arrays import arrays_in, as_pixels
from gradiens.data.decode import SUFFIXES as PICTURES
from gradiens.data.decode import Form
from gradiens.data.encoded import Encoded, default_precision
from gradiens.data.idx import read_idx
from gradiens.data.images import Images
from gradiens.data.picture_set import files_at, new_pictures
from gradiens.data.picture_table import paths_of, picture_column, unread
from gradiens.data.table import SUFFIXES, read_table
from gradiens.data.target import Target


@dataclass(frozen=True)
class ImagePreprocessing:
    """The shape of one stored image, (H, W) or (H, W, C), the largest pixel value, the target, and the layout of x."""

    shape: tuple[int, ...]
    maximum: int
    target: Target
    channels_first: bool = False
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()

    def as_maps(self, train: UInt8[np.ndarray, "N *shape"]) -> ImagePreprocessing:
        """The same for a convolutional network, standardised by the training images."""
        mean, std = channel_moments(train, self.maximum)
        return dataclasses.replace(self, channels_first=True, mean=mean, std=std)

    @property
    def channels(self) -> int:
        """1 for images in grey, 3 for colours."""
        return 1 if len(self.shape) == 2 else self.shape[2]

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of what the model gets: (C, H, W) or (n,)."""
        return (self.channels, *self.shape[:2]) if self.channels_first else (self.n_features,)

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
        """Pictures from a file or a folder, from a table of their paths, an .npz or IDX file, or a set of the catalogue.

        Files of pictures are brought to the size and the colours of the training. Raises `Mistake` for anything else.
        """
        from gradiens.data.load import load

        path, suffix = Path(path), Path(path).suffix.lower()
        if path.is_dir() or suffix in PICTURES:
            return self._pictures(*files_at(path))
        if suffix == ".npz":
            arrays = arrays_in(path)
            x = arrays.get("x")
            return as_pixels(arrays.get("x_test", x), x)[0]
        if path.is_file() and suffix not in (*SUFFIXES, ".parquet"):
            return read_idx(path)
        if path.is_file() and picture_column(table := read_table(path, least=1)):
            paths, names, notes = paths_of(table)
            new = self._pictures(paths, names)
            return dataclasses.replace(new, notes=(*notes, *new.notes))
        source = load(str(path))
        if not isinstance(source, Images):
            raise Mistake(
                "images", unread(source) or f"the table {path}", "give pictures, or the name of a data set of images"
            )
        return source

    def _pictures(self, paths: Sequence[Path], names: Sequence[str]) -> Images:
        new = new_pictures(paths, names, Form(self.shape[0], self.shape[1], self.channels))
        if self.maximum == 255:
            return new
        scaled = np.rint(new.pixels * (self.maximum / 255)).astype(np.uint8)
        return dataclasses.replace(new, pixels=scaled, notes=(*new.notes, f"bytes scaled to 0 … {self.maximum}"))

    def encode(self, data: Images | np.ndarray | list[str | Path]) -> Encoded:
        """The pixels as they are, checked in shape, type and range; of a set with official test images, those.

        Paths of pictures are read first.
        """
        if isinstance(data, list):
            if not data or not all(isinstance(one, str | Path) for one in data):
                raise Mistake("a list of paths of pictures", f"{data[:1]}")
            data = self._pictures([Path(one) for one in data], [str(one) for one in data])
        notes, names = (data.notes, data.names) if isinstance(data, Images) and data.names else ((), ())
        if isinstance(data, Images):
            data = data.pixels if data.test_pixels is None else data.test_pixels
        x = np.asarray(data)
        if x.shape[1:] != self.shape or x.dtype != np.uint8:
            raise Mistake(f"uint8 images of shape {self.shape}", f"{x.dtype} of shape {x.shape[1:]}", "convert them")
        if x.size and x.max() > self.maximum:
            raise Mistake(f"pixels from 0 to {self.maximum}", f"the value {x.max()}", "rescale them")
        return Encoded(x, notes, {}, names)

    def features(self, x: Array) -> Array:
        """One image: numbers from 0 to 1 in one vector, or standardised maps."""
        x = default_precision(x)
        x = x / jnp.asarray(self.maximum, x.dtype)
        if not self.channels_first:
            return x.reshape(-1)
        x = jnp.moveaxis(x.reshape(*self.shape[:2], self.channels), -1, 0)
        μ, σ = (jnp.asarray(value, x.dtype)[:, None, None] for value in (self.mean, self.std))
        return (x - μ) / σ

    def decode_target(self, y: np.ndarray) -> np.ndarray:
        """Class names."""
        return self.target.decode(y)

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON."""
        return {"kind": "images", **dataclasses.asdict(self)}


def channel_moments(pixels: UInt8[np.ndarray, "N *shape"], maximum: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel, pixels divided by `maximum`; a channel of one value has σ = 1.

    From the counts of the byte values, and so exact however many images there are.
    """
    channels = pixels.shape[3] if pixels.ndim == 4 else 1
    values, means, stds = np.arange(256) / maximum, [], []
    for c in range(channels):
        counts = np.zeros(256, np.int64)
        for block in np.array_split(pixels, max(1, len(pixels) // 1000)):
            counts += np.bincount(block.reshape(-1, channels)[:, c], minlength=256)
        p = counts / max(counts.sum(), 1)
        mean = float(p @ values)
        std = float(np.sqrt(p @ (values - mean) ** 2))
        means, stds = [*means, mean], [*stds, std if std > 1e-8 else 1.0]
    return tuple(means), tuple(stds)
