"""Images from pictures' files: a folder of classes, a table of paths, one picture."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gradiens.core.check import Mistake
from gradiens.data.decode import Form
from gradiens.data.images import Images
from gradiens.data.picture_batch import Batch, choose_form, first_of, read_pictures, shown
from gradiens.data.picture_folder import Files, pictures_below, scan, sorted_names
from gradiens.data.pictures import centre_crop, resize


def read_folder(folder: str | Path, size: int | None = None) -> Images:
    """The pictures of a folder with one sub-folder a class, or such folders train/ and test/ (or val/).

    All are brought to one size, `size` × `size` if given, and to grey or colours as most of them are. What cannot be read
    is left out and counted in the notes. Raises `Mistake` where the folder is no such folder, where more than half of the
    files or all of test/ cannot be read, and where the pictures would not fit into memory.
    """
    folder = Path(folder)
    return images_of(scan(folder), folder.resolve().name or "pictures", str(folder), size, "class")


def images_of(files: Files, name: str, path: str, size: int | None, target: str) -> Images:
    """The pictures of `files`, read, with their classes as codes."""
    form, said = choose_form(files.paths, size)
    batch = read_pictures(files.paths, files.names, form)
    labels, test, read = np.array(files.labels), np.array(files.test, bool), batch.read
    classes = sorted_names(set(labels[read & ~test].tolist()))
    if len(classes) < 2:
        raise Mistake("pictures of at least two classes that can be read", f"{first_of(classes) or 'none'} alone")
    kept = read & np.isin(labels, classes)
    if test.any() and not (test & kept).any():
        got = f"none of its {test.sum():,}"
        raise Mistake("pictures of the test part that can be read", got, "mend them, or take the part away")
    notes = [*files.notes, said, *batch.notes, *_lost(labels, classes, read & ~kept), *_same(files, batch, kept)]
    code = {name: k for k, name in enumerate(classes)}
    codes = np.array([code[name] for name in labels[kept]], np.int32)
    pixels, test = batch.pixels if kept[read].all() else batch.pixels[kept[read]], test[kept]
    parts = (pixels, codes, None, None) if not test.any() else (pixels[~test], codes[~test], pixels[test], codes[test])
    return Images(
        name, *parts[:2], tuple(classes), *parts[2:], sha256=_sum(files, batch), notes=tuple(notes), target=target,
        path=path,
    )  # fmt: skip


def new_pictures(paths: Sequence[Path], names: Sequence[str], form: Form) -> Images:
    """Pictures without classes in `form`, for a trained model; `names` are those of the files that could be read."""
    batch = read_pictures(paths, names, form)
    kept = tuple(shown(name) for name, read in zip(names, batch.read, strict=True) if read)
    labels = np.zeros(len(kept), np.int32)
    return Images("pictures", batch.pixels, labels, (), notes=batch.notes, names=kept)


def files_at(path: str | Path) -> tuple[list[Path], list[str]]:
    """The pictures' files that a path means, a picture or a folder at any depth, and their names from there."""
    path = Path(path)
    if not path.is_dir():
        return [path], [path.name]
    found, _ = pictures_below(path)
    if not found:
        raise Mistake("pictures", f"the folder {path} without any", "names of pictures end in .png, .jpg, …")
    return found, [one.relative_to(path).as_posix() for one in found]


def resized(images: Images, size: int) -> Images:
    """Images in memory with squares of `size`: the shorter side brought to it, the middle cut out."""
    if size < 1:
        raise Mistake("a size of pictures of at least 1", size)
    if images.pixels.shape[1:3] == (size, size):
        return images
    test = None if images.test_pixels is None else _squares(images.test_pixels, size)
    high, wide = images.pixels.shape[1:3]
    said = f"brought from {high} × {wide} to {size} × {size} pixels, as asked for"
    parts = {"pixels": _squares(images.pixels, size), "test_pixels": test}
    return dataclasses.replace(images, **parts, notes=(*images.notes, said))


def _squares(pixels: np.ndarray, size: int) -> np.ndarray:
    out = np.empty((len(pixels), size, size, *pixels.shape[3:]), np.uint8)
    for row, one in zip(out, pixels, strict=True):
        row[...] = centre_crop(resize(one.reshape(*one.shape[:2], -1), size), size).reshape(row.shape)
    return out


def _lost(labels: np.ndarray, classes: list[str], beside: np.ndarray) -> list[str]:
    """Classes that training has nothing of, and how much of them could be read in the test part."""
    lost = sorted_names(set(labels.tolist()) - set(classes))
    note = f"classes without a picture that can be read: {first_of(lost)}"
    if beside.any():
        note += f" in training; their {beside.sum():,} in the test part are left out"
    return [note] if lost else []


def _same(files: Files, batch: Batch, kept: np.ndarray) -> list[str]:
    """Of the files that are kept, those with the same bytes, in two classes, and in the test part and in training."""
    rows = zip(batch.sums, files.names, files.labels, files.test, strict=True)
    told = [row for row, keep in zip(rows, kept, strict=True) if keep]
    labels: dict[str, set[str]] = {}
    for content, _, label, _ in told:
        labels.setdefault(content, set()).add(label)
    train = {content for content, *_, test in told if not test}
    both = sum(test and content in train for content, *_, test in told)
    torn = [shown(name) for content, name, *_ in told if len(labels[content]) > 1]
    twice = len(told) - len(labels)
    notes = [f"files that are copies of others, byte for byte: {twice:,}"] if twice else []
    notes += [f"of them in the test part, with a copy in training: {both:,}"] if both else []
    return notes + ([f"the same file in two classes: {len(torn):,}, {first_of(torn)}"] if torn else [])


def _sum(files: Files, batch: Batch) -> str:
    """sha256 over every file's name, class, part and bytes."""
    total = hashlib.sha256()
    for parts in zip(files.names, files.labels, map(str, files.test), batch.sums, strict=True):
        total.update("\0".join(parts).encode("utf-8", "surrogateescape") + b"\n")
    return total.hexdigest()
