"""The numbers of a table as one matrix, for methods without a target.

Columns of numbers and of true/false are taken, all others are left out; so are rows with a missing value. What was left out is
told.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import polars.selectors as cs
from jaxtyping import Float, Int

from gradiens.core.check import Mistake, known
from gradiens.data.table import Table, tidy


@dataclass(frozen=True)
class Numeric:
    """The matrix, the names of its columns, the rows of the table that it holds, and notes on what it does not hold."""

    x: Float[np.ndarray, "N D"]
    names: tuple[str, ...]
    rows: Int[np.ndarray, "N"]
    notes: tuple[str, ...]


def numeric(table: Table, drop: tuple[str, ...] = ()) -> Numeric:
    """The numbers of `table` without the columns `drop`, among them a known target.

    Raises `Mistake` where no column of numbers or fewer than two whole rows are left.
    """
    frame = tidy(table.frame)
    for name in drop:
        known("column", name, frame.columns)
    kept = frame.drop(drop).select(cs.numeric() | cs.boolean()).cast(pl.Float64)
    others = [name for name in frame.columns if name not in (*kept.columns, *drop)]
    if not kept.width:
        raise Mistake("columns of numbers", f"none in {table.name}", "give another table, or drop fewer columns")
    whole: np.ndarray = np.all(np.isfinite(kept.fill_null(np.nan).to_numpy()), axis=1)
    if whole.sum() < 2:
        raise Mistake("at least two rows without gaps", int(whole.sum()), "drop the columns with gaps")
    gaps = len(whole) - int(whole.sum())
    notes = [f"columns left out, no numbers: {', '.join(others)}"] * bool(others)
    notes += [f"{gaps} row{'s' * (gaps > 1)} left out: a value is missing"] * bool(gaps)
    x = kept.to_numpy()[whole]
    return Numeric(np.ascontiguousarray(x), tuple(kept.columns), np.flatnonzero(whole), tuple(notes))
