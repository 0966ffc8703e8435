"""Images in arrays: an .npz file or (x, y) in memory, in whatever type and layout they are.

x: N × H × W, N × H × W × C or N × C × H × W; bytes, whole numbers 0 … 255, numbers 0 … 1 or 0 … 255, or true and false.
Whole numbers 0 and 1 alone stay so: the largest pixel is 1. Test images have the scale of the others.
y: whole numbers or texts.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from jaxtyping import UInt8

from gradiens.core.check import Mistake
from gradiens.data.images import Images
from gradiens.data.target import decide

_NAMES = {
    "x": ("x", "x_train", "images", "train_images"), "y": ("y", "y_train", "labels", "train_labels"),
    "x_test": ("x_test", "test_images"), "y_test": ("y_test", "test_labels"),
}  # fmt: skip
_ZIP = b"PK"  # how an archive begins


def read_arrays(path: str | Path) -> Images:
    """The images in an .npz file with the arrays x and y, and x_test and y_test where there is an official test part.

    Raises `Mistake` for a file that is none, arrays that are missing, and arrays that are no images.
    """
    found, path = arrays_in(path, "x", "y"), Path(path)
    return as_images(found["x"], found["y"], found.get("x_test"), found.get("y_test"), path.stem, str(path))


def arrays_in(path: str | Path, *need: str) -> dict[str, np.ndarray]:
    """The arrays of an .npz file by the names x, y, x_test, y_test, also where they are called x_train, images, labels …

    Raises `Mistake` for another file, and for one without images or what else is in `need`.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
        if not content.startswith(_ZIP):
            raise ValueError("no archive")
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            names = {ours: next((name for name in known if name in file), "") for ours, known in _NAMES.items()}
            found, there = {ours: file[name] for ours, name in names.items() if name}, ", ".join(file)
    except FileNotFoundError:
        raise Mistake("a file", f"{path}, which does not exist", "check the path") from None
    except Exception as error:  # a damaged archive raises errors of many kinds
        raise Mistake("an .npz file of plain arrays", f"{path.name} ({' '.join(str(error).split())[:80]})") from None
    if not set(need) <= set(found) or not {"x", "x_test"} & set(found):
        want = "the array x" if not need else f"the arrays {' and '.join(need)}"
        raise Mistake(want, f"{path.name} with {there or 'none'}", "np.savez(file, x=…, y=…)")
    return found


def as_images(x: Any, y: Any, x_test: Any = None, y_test: Any = None, name: str = "arrays", path: str = "") -> Images:
    """`Images` of arrays, the pixels as bytes and the classes as codes."""
    x = np.asarray(x)
    pixels, notes = as_pixels(x)
    goal, _ = decide(_labels(y, len(pixels)), "classes")
    if len(goal.classes) > max(2, len(pixels) // 2):
        raise Mistake("classes that repeat in y", f"{len(goal.classes)} different values in {len(pixels)} rows")
    codes, test, test_codes = goal.encode(_labels(y, len(pixels))), None, None
    if (x_test is None) != (y_test is None):
        raise Mistake("x_test and y_test", "one of the two")
    if x_test is not None:
        test = as_pixels(x_test, x)[0]
        if test.shape[1:] != pixels.shape[1:]:
            raise Mistake(f"test images of shape {pixels.shape[1:]}", f"shape {test.shape[1:]}")
        test_codes = goal.encode(_labels(y_test, len(test)))
    maximum = 1 if x.dtype.kind in "iu" and pixels.max() == 1 else 255
    if test is not None and test.max() > maximum:
        raise Mistake("x_test of 0 and 1 as x", f"the value {test.max()}", "bring both to one scale")
    total = hashlib.sha256()
    for array in (pixels, codes, test, test_codes):
        total.update(str(None if array is None else array.shape).encode() + (b"" if array is None else array.tobytes()))
    notes = ("from memory" if not path else "from arrays", *notes)
    notes += ("pixels are 0 and 1",) * (maximum == 1)
    return Images(name, pixels, codes, goal.classes, test, test_codes, maximum, total.hexdigest(), notes, path=path)


def as_pixels(x: Any, like: Any = None) -> tuple[UInt8[np.ndarray, "N H W *C"], tuple[str, ...]]:
    """Bytes N × H × W, or N × H × W × 3, and what was done for that; a `Mistake` for what is no images.

    Decimal numbers are from 0 to 1 if those of `like` are (default: of x).
    """
    x, notes = np.asarray(x), ()
    if x.ndim == 4 and x.shape[1] in (1, 3) and x.shape[3] not in (1, 3):
        x, notes = np.moveaxis(x, 1, -1), ("channels put last",)
    if x.ndim == 4 and x.shape[3] == 1:
        x = x[..., 0]
    if x.ndim not in (3, 4) or not x.size or (x.ndim == 4 and x.shape[3] != 3):
        raise Mistake("images N × H × W, or × 3 for colours", f"an array of shape {x.shape}", "a table is a data frame")
    if x.dtype == np.uint8:
        return x, notes
    if x.dtype == bool:
        return x.astype(np.uint8) * np.uint8(255), (*notes, "true is 255")
    if x.dtype.kind not in "iuf":
        raise Mistake("numbers in images", f"{x.dtype}")
    low, high = float(x.min()), float(x.max())
    if not np.isfinite([low, high]).all():
        raise Mistake("finite numbers in images", "NaN or Inf", "leave those images out")
    like = x if like is None or np.asarray(like).dtype.kind != "f" else np.asarray(like)
    unit = x.dtype.kind == "f" and like.max() <= 1
    if not (low >= 0 and high <= (1 if unit else 255)):
        want = "pixels from 0 to 1 as in x" if unit and like is not x else "pixels from 0 to 1 or from 0 to 255"
        raise Mistake(want, f"values from {low:g} to {high:g}", "rescale them")
    if unit:
        return np.rint(x * 255).astype(np.uint8), (*notes, "pixels from 0 to 1 are kept as bytes")
    return np.rint(x).astype(np.uint8), notes


def _labels(y: Any, n: int) -> pl.Series:
    y = np.asarray(y)
    y = y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
    if y.ndim != 1 or len(y) != n:
        raise Mistake(f"one class for each of {n} images", f"y of shape {y.shape}")
    if y.dtype.kind == "f" and not (y == np.rint(y)).all():
        raise Mistake("classes in y, whole numbers or texts", f"numbers such as {y[y != np.rint(y)][0]:g}")
    return pl.Series("label", (y.astype(np.int64) if y.dtype.kind == "f" else y).tolist())
