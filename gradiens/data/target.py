"""The target: classes or a number, decided once and said; encoded for training and decoded in predictions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from gradiens.core.check import Mistake, known
from gradiens.data.columns import kind_of, moments, numbers, standardise
from gradiens.data.table import typed_column

TASKS = ("auto", "binary", "classes", "number")
MOST_INTEGER_CLASSES = 20  # more different whole numbers are a number


@dataclass(frozen=True)
class Target:
    """`task` is binary, classes or number; classes are sorted, a number is standardised by `mean` and `std`."""

    name: str
    task: str
    classes: tuple[str, ...] = ()
    mean: float = 0.0
    std: float = 1.0

    def encode(self, column: pl.Series) -> np.ndarray:
        """int32 class codes, or the standardised number as float32; a `Mistake` for missing or unknown values."""
        check_filled(column)
        if self.task == "number":
            return standardise(numbers(column, "number"), self.mean, self.std)[0]
        as_written = column.dtype == pl.String and column.is_in(self.classes).all()
        labels = column if as_written else _labels(column)
        found = labels.replace_strict(
            list(self.classes), list(range(len(self.classes))), default=-1, return_dtype=pl.Int32
        )
        strange = (found == -1).arg_true()
        if len(strange):
            row = int(strange[0])
            raise Mistake(f"classes of {self.name!r} seen in training", f"{labels[row]!r} in row {row + 1}")
        return found.to_numpy()

    def decode(self, y: np.ndarray) -> np.ndarray:
        """Class names of codes, or numbers in the target's own unit (float64)."""
        if self.task == "number":
            return np.asarray(y, np.float64) * self.std + self.mean
        return np.asarray(self.classes, dtype=object)[np.asarray(y)]


def check_filled(column: pl.Series) -> None:
    """A `Mistake` when the target has missing values."""
    missing = column.is_null().arg_true()
    if len(missing):
        got = f"{len(missing)} missing, the first in row {int(missing[0]) + 1}"
        raise Mistake(f"a value of the target {column.name!r} in every row", got, "leave those rows out")


def _labels(column: pl.Series) -> pl.Series:
    """The values as names of classes: whole numbers without a decimal point, true and false in small letters."""
    if column.dtype == pl.String:
        column = typed_column(column)[0]
    if column.dtype.is_float() and (column == column.round()).all() and column.abs().max() < 2**53:  # pyright: ignore[reportOptionalOperand, reportOperatorIssue]
        column = column.cast(pl.Int64)
    return column.cast(pl.String)


def decide(column: pl.Series, task: str = "auto") -> tuple[Target, str]:
    """What the target is, and the decision in words. A number's mean and std are still to be fitted."""
    known("task", task, TASKS)
    check_filled(column)
    kind, name = kind_of(column), column.name
    if kind == "date":
        raise Mistake("a target of classes or numbers", f"dates in {name!r}", "choose another target")
    if kind == "number":
        numbers(column, "number")  # no infinite value
    distinct = column.n_unique()
    if distinct < 2:
        raise Mistake(
            f"a target {name!r} with at least two values", f"{column[0]!r} in every row", "choose another target"
        )
    if task == "number" or (task == "auto" and kind == "number" and not _few_whole(column, distinct)):
        if kind == "text":
            raise Mistake(f"numbers in the target {name!r}", f"text such as {column[0]!r}", "use the task classes")
        return Target(name, "number"), f"target {name!r} is a number: {distinct} different values"
    if kind == "text" and distinct == len(column):
        raise Mistake(
            f"a target {name!r} whose values repeat", "a different text in every row", "choose another target"
        )
    return _classes(column, task, distinct)


def _few_whole(column: pl.Series, distinct: int) -> bool:
    whole = column.dtype.is_integer() or (column.dtype.is_float() and bool((column == column.round()).all()))
    return whole and distinct <= min(MOST_INTEGER_CLASSES, max(2, len(column) // 3))


def _classes(column: pl.Series, task: str, distinct: int) -> tuple[Target, str]:
    if task == "binary" and distinct != 2:
        raise Mistake(f"two classes in the target {column.name!r}", distinct, "use the task classes")
    if column.dtype == pl.String:
        column = typed_column(column)[0]  # the classes 9, 10 in this order also when they are read as text
    values = column.unique().sort()
    classes = tuple(_labels(values).to_list())
    task = "binary" if distinct == 2 and task != "classes" else "classes"
    what = ", ".join(classes[:8]) + (" …" if distinct > 8 else "")
    return Target(column.name, task, classes), f"target {column.name!r} is one of {distinct} classes: {what}"


def fit_number(target: Target, train: pl.Series) -> Target:
    """`target` with the mean and the standard deviation of the training rows."""
    mean, std, _ = moments(numbers(train, "number"))
    return Target(target.name, target.task, (), mean, std)
