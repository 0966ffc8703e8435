"""CIFAR-10."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable

import numpy as np
from jaxtyping import UInt8

from gradiens.core.check import Mistake
from gradiens.core.progress import working
from gradiens.data.files import Remote, content, places
from gradiens.data.images import Images

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_ARCHIVE = Remote(
    "cifar10",
    "cifar-10-binary.tgz",
    "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
    "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
)
_COPY = Remote("cifar10", "cifar10_jpeg_all.npz", "0154c2d9480120cf5cff73966f40f45de50b8657bb113448076191877bc3cbc8")
_RECORD = 1 + 3 * 32 * 32  # a byte for the class, then the red, green and blue maps


def cifar10() -> Images:
    """Photographs of ten kinds of things, 32 × 32 pixels in colour: 50,000 training and 10,000 test images.

    The published binary batches, or, where only that is at hand, a copy in JPEG of quality 75 in another order: accuracies on
    the copy are not those of the literature. Krizhevsky (2009), https://www.cs.toronto.edu/~kriz/cifar.html.

    Book: 1.1, 1.6.
    """
    if _copied():
        packed = _Copy()
        with working("decoding 60,000 pictures"):
            train, test = packed.pictures(0, packed.n_train), packed.pictures(packed.n_train, len(packed.labels))
        note = "a copy in JPEG of quality 75, not in the published order: not for comparison with published accuracies"
        y, y_test = packed.labels[: packed.n_train], packed.labels[packed.n_train :]
        return Images("cifar10", train, y, CLASSES, test, y_test, sha256=_COPY.sha256, notes=(note,))
    batches = _batches(content(_ARCHIVE))
    (train, y), (test, y_test) = _records(batches[:-1]), _records(batches[-1:])
    return Images("cifar10", train, y, CLASSES, test, y_test, sha256=_ARCHIVE.sha256)


def cifar10_labels() -> tuple[UInt8[np.ndarray, " N"], UInt8[np.ndarray, " M"]]:
    """The classes of the training and of the test images alone: no picture is decoded."""
    if _copied():
        packed = _Copy()
        return packed.labels[: packed.n_train], packed.labels[packed.n_train :]
    batches = _batches(content(_ARCHIVE))
    return _records(batches[:-1])[1], _records(batches[-1:])[1]


def cifar10_test(count: int) -> tuple[UInt8[np.ndarray, "N 32 32 3"], UInt8[np.ndarray, " N"]]:
    """The first `count` test images with their classes; no other is decoded."""
    if not 1 <= count <= 10_000:
        raise Mistake("between 1 and 10,000 test images", count)
    if _copied():
        packed = _Copy()
        first = packed.n_train
        return packed.pictures(first, first + count), packed.labels[first : first + count]
    pixels, labels = _records(_batches(content(_ARCHIVE))[-1:])
    return pixels[:count], labels[:count]


def cifar10_of(classes: tuple[int, ...], train: int, test: int) -> Images:
    """The first `train` training and `test` test images of these classes, in file order; no other is decoded.

    Labels are places in `classes`. Raises `Mistake` for a class that is not there, or more images than there are.
    """
    if not classes or len(set(classes)) != len(classes) or not set(classes) <= set(range(10)):
        raise Mistake("different classes between 0 and 9", classes)
    parts, place = [], np.full(10, -1)
    place[list(classes)] = np.arange(len(classes))
    for labels, wanted, pixels in zip(cifar10_labels(), (train, test), _readers()):
        rows = np.flatnonzero(place[labels] >= 0)
        if not 1 <= wanted <= len(rows):
            raise Mistake(f"between 1 and {len(rows):,} images of these classes", wanted)
        parts += [pixels(rows[:wanted]), place[labels[rows[:wanted]]].astype(np.uint8)]
    return Images("cifar10", parts[0], parts[1], tuple(CLASSES[c] for c in classes), *parts[2:])


def _readers() -> tuple[Callable[[np.ndarray], np.ndarray], Callable[[np.ndarray], np.ndarray]]:
    """How to get the pixels of rows of the training, and of the test images."""
    if _copied():
        packed = _Copy()
        return packed.pictures_at, lambda rows: packed.pictures_at(rows + packed.n_train)
    batches = _batches(content(_ARCHIVE))
    train, test = _records(batches[:-1])[0], _records(batches[-1:])[0]
    return lambda rows: train[rows], lambda rows: test[rows]


def _copied() -> bool:
    """Whether the copy is here, and the published archive is not."""
    here = [any(path.is_file() for path in places(remote)) for remote in (_ARCHIVE, _COPY)]
    return here[1] and not here[0]


class _Copy:
    """All pictures in one file: the JPEG header they share, and what follows it of each."""

    def __init__(self) -> None:
        with np.load(io.BytesIO(content(_COPY)), allow_pickle=False) as file:
            self.labels, self.n_train = file["labels"], int(file["n_train"])
            self._header, self._payload, self._offsets = file["header"].tobytes(), file["payload"], file["offsets"]

    def pictures(self, first: int, last: int) -> np.ndarray:
        """Pictures first … last-1."""
        return self.pictures_at(np.arange(first, last))

    def pictures_at(self, rows: np.ndarray) -> np.ndarray:
        """The pictures with these numbers."""
        from PIL import Image

        out = np.empty((len(rows), 32, 32, 3), np.uint8)
        for i, row in enumerate(rows):
            coded = self._payload[self._offsets[row] : self._offsets[row + 1]].tobytes()
            out[i] = np.asarray(Image.open(io.BytesIO(self._header + coded)))
        return out


def _batches(archive: bytes) -> list[bytes]:
    """The five training batches and the test batch."""
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        parts = {name.rsplit("/", 1)[-1]: tar.extractfile(name) for name in tar.getnames() if name.endswith(".bin")}
        names = [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]
        found = [part.read() for name in names if (part := parts.get(name))]
    if len(found) != len(names):
        raise Mistake("six batches in the archive of CIFAR-10", len(found), "fetch the file again")
    return found


def _records(batches: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Pixels (N, 32, 32, 3) and classes of records of 3,073 bytes."""
    records = np.frombuffer(b"".join(batches), np.uint8).reshape(-1, _RECORD)
    return np.ascontiguousarray(records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)), records[:, 0].copy()
