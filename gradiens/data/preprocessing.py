"""From new data to the model's input, with what was fitted on the training rows; it is saved inside the model as JSON.

    encode     the raw columns or pixels → x, with notes on what was seen (NumPy, once)
    features   one stored example → the model's input (JAX, inside the compiled program)

A table's x is a float32 matrix, or a `Row` of that and the codes of the embedded columns; its features are the same. An
image is stored as bytes; its features are the pixels divided by their maximum, in one vector, or standardised maps.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np

from gradiens.core.check import Mistake
from gradiens.data.columns import Column
from gradiens.data.encoded import Encoded, Row
from gradiens.data.image_input import ImagePreprocessing
from gradiens.data.matrix_input import MatrixPreprocessing
from gradiens.data.table_input import TablePreprocessing
from gradiens.data.target import Target

__all__ = [
    "Encoded", "ImagePreprocessing", "MatrixPreprocessing", "Preprocessing", "Row", "TablePreprocessing",
    "preprocessing_from_dict",
]  # fmt: skip


class Preprocessing(Protocol):
    """What training, prediction and the report ask of it."""

    @property
    def target(self) -> Target:
        """Name, task, classes; mean and standard deviation of a number."""
        ...

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the numbers that the model gets."""
        ...

    @property
    def n_features(self) -> int:
        """How many numbers the model gets; the codes of embedded columns are not among them."""
        ...

    @property
    def levels(self) -> tuple[int, ...]:
        """The number of codes of each embedded column, code 0 (other, unseen, missing) among them."""
        ...

    def read(self, path: str | Path) -> Any:
        """New data from a file, as `encode` takes them."""
        ...

    def encode(self, data: Any) -> Encoded:
        """New data as the model's stored input."""
        ...

    def features(self, x: Any) -> Any:
        """One stored example as the model's input; pure, in JAX."""
        ...

    def decode_target(self, y: np.ndarray) -> np.ndarray:
        """Class names, or numbers in the target's unit."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON; `preprocessing_from_dict` is the inverse."""
        ...


def preprocessing_from_dict(d: dict[str, Any]) -> Preprocessing:
    """The inverse of `to_dict`, also after a trip through JSON."""
    d = dict(d)
    try:
        target = Target(**{**d["target"], "classes": tuple(d["target"]["classes"])})
        if d["kind"] == "images":
            maps = d.get("channels_first", False), tuple(d.get("mean", ())), tuple(d.get("std", ()))
            return ImagePreprocessing(tuple(d["shape"]), d["maximum"], target, *maps)
        if d["kind"] == "matrix":
            return MatrixPreprocessing(tuple(d["names"]), tuple(d["mean"]), tuple(d["std"]), target)
        columns = tuple(Column(**{**column, "levels": tuple(column["levels"])}) for column in d["columns"])
        return TablePreprocessing(columns, target, tuple(d["left_out"]), d["header"])
    except (KeyError, TypeError) as error:
        raise Mistake("the preprocessing of a Gradiens model", f"a damaged one ({error})", "train it again") from None
