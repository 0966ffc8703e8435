"""The data card: what the data are and what was decided about them, as JSON for the report."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from gradiens.data.columns import kind_of, numbers
from gradiens.data.table_input import TablePreprocessing
from gradiens.data.target import Target

_SAYS = {
    "number": "standardised",
    "boolean": "true = 1, false = 0, standardised",
    "date": "days since 1970-01-01, standardised",
    "category": "one-hot",
    "embedded": "embedded",
    "left out": "left out",
}


def column_cards(frame: pl.DataFrame, train: np.ndarray, preprocessing: TablePreprocessing) -> list[dict[str, Any]]:
    """One entry an input column: kind, missing values (all rows), levels, least, mean and largest training value."""
    fitted = {column.name: column for column in preprocessing.columns}
    cards = []
    for series in frame:
        if series.name == preprocessing.target.name:
            continue
        column = fitted.get(series.name)
        kind = column.kind if column else "left out"
        missing = series.null_count()
        says = _SAYS[kind] + (", missing = median" if missing and column and not column.levels else "")
        card = {"name": series.name, "kind": kind, "missing": missing, "says": says}
        if column and column.levels:
            card["levels"] = len(column.levels)
        elif column and kind_of(series) != "text":
            x = numbers(series, column.kind)[train]
            card |= {"min": float(np.nanmin(x)), "mean": column.mean, "max": float(np.nanmax(x))}
        cards.append(card)
    return cards


def target_card(goal: Target, said: str, y: np.ndarray) -> dict[str, Any]:
    """The target's name, task, the decision in words, and the class counts or the training mean and std."""
    card: dict[str, Any] = {"name": goal.name, "task": goal.task, "says": said}
    if goal.task == "number":
        return card | {"mean": goal.mean, "std": goal.std}
    counts = np.bincount(y, minlength=len(goal.classes))
    return card | {"classes": dict(zip(goal.classes, map(int, counts), strict=True))}
