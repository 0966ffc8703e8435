"""What each column is, decided on the training rows only, and the columns as numbers.

| kind | is | becomes |
|---|---|---|
| number | numbers, times of day, durations | (x - mean) / std; missing = median, and a 0/1 column if there were any |
| boolean | true or false | the same, from 1 and 0 |
| date | dates and times | the same, from days since 1970-01-01 |
| category | text of at most 30 levels | one 0/1 column a level, and one for other, unseen and missing |
| embedded | text of more levels | a code for an embedding; 0 = other, unseen and missing |

Left out, with a note: constant columns, and identifiers (text with more levels than half the rows, or a column of whole
numbers called id, index, … that never repeats).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from gradiens.core.check import Mistake
from gradiens.data.table import parse_dates

MOST_ONE_HOT = 30  # levels; above, the column is embedded
FARTHEST = 1e6  # standard deviations; a number farther from the training mean is taken as that far
_ID_NAMES = ("id", "index", "no", "nr", "row", "#", "rowid", "row_id")
_DAY = 86_400e6  # microseconds


@dataclass(frozen=True)
class Column:
    """One input column and what was fitted to its training rows."""

    name: str
    kind: str
    median: float = 0.0
    mean: float = 0.0
    std: float = 1.0
    indicator: bool = False
    levels: tuple[str, ...] = ()

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the numbers that the column becomes; none for an embedded column."""
        if self.kind == "embedded":
            return ()
        if self.kind == "category":
            return tuple(f"{self.name}={level}" for level in (*self.levels, "other"))
        return (self.name, f"{self.name} missing") if self.indicator else (self.name,)


def kind_of(column: pl.Series) -> str:
    """number, boolean, date or text by the column's type; a `Mistake` for lists, structures and binary data."""
    dtype = column.dtype
    if dtype.is_numeric() or dtype in (pl.Time, pl.Duration):
        return "number"
    if dtype == pl.Boolean:
        return "boolean"
    if dtype in (pl.Date, pl.Datetime):
        return "date"
    if dtype in (pl.String, pl.Categorical, pl.Enum, pl.Null):
        return "text"
    raise Mistake(
        "columns of numbers, text, true/false or dates", f"{dtype} in column {column.name!r}", _drop(column.name)
    )


def _drop(name: str) -> str:
    return f"leave it out: --drop {name!r}"


def fit_column(whole: pl.Series, rows: np.ndarray) -> tuple[Column | None, str]:
    """What the column is by its training `rows`, or None when it is left out; and a note, or ""."""
    name = whole.name
    kind = kind_of(whole)
    if whole.null_count() == len(whole):
        raise Mistake("a column with values", f"column {name!r}, which is all missing", _drop(name))
    numeric = kind != "text"
    values = numbers(whole, kind) if numeric else np.empty(0)  # the whole column, so that Inf is found in every row
    train = whole.gather(rows)
    distinct, missing = train.drop_nulls().n_unique(), train.null_count()
    if missing == len(train):
        return None, f"column {name!r} left out: all its training values are missing"
    if distinct == 1 and not missing:
        return None, f"column {name!r} left out: it has one value only in the training rows"
    counter = whole.dtype.is_integer() and name.strip().casefold() in _ID_NAMES
    if counter and distinct == len(train):
        return None, f"column {name!r} left out: it numbers the rows"
    if numeric:
        return _fit_number(name, kind, values[rows]), ""
    return _fit_text(name, train.cast(pl.String), distinct)


def _fit_number(name: str, kind: str, values: np.ndarray) -> Column:
    filled = values[~np.isnan(values)]
    mean, std, median = moments(filled)
    return Column(name, kind, median, mean, std, indicator=len(filled) < len(values))


def _fit_text(name: str, train: pl.Series, distinct: int) -> tuple[Column | None, str]:
    levels = tuple(sorted(train.drop_nulls().unique().to_list()))
    if distinct <= MOST_ONE_HOT:
        return Column(name, "category", levels=levels), ""
    if distinct > len(train) / 2:
        return (
            None,
            f"column {name!r} left out: {distinct} different texts in {len(train)} training rows, an identifier",
        )
    return Column(name, "embedded", levels=levels), f"column {name!r} has {distinct} levels: embedded"


def moments(x: np.ndarray) -> tuple[float, float, float]:
    """Mean, standard deviation (over n; 1 for a constant) and median; a power of two is taken out against overflow."""
    e = int(np.frexp(np.abs(x).max())[1])
    z = np.ldexp(x, -e)
    std = float(np.ldexp(z.std(), e)) if z.min() < z.max() else 0.0
    low, high = (float(np.quantile(x, 0.5, method=side)) for side in ("lower", "higher"))
    median = low if low == high else 0.5 * low + 0.5 * high
    return float(np.ldexp(z.mean(), e)), std or 1.0, median  # std 0 also by underflow


def standardise(x: np.ndarray, mean: float | np.ndarray, std: float | np.ndarray) -> tuple[np.ndarray, int]:
    """(x - mean) / std in float64 without overflow, cut at ±FARTHEST, as float32; and how many values were cut."""
    with np.errstate(over="ignore"):
        z = (0.5 * x - 0.5 * mean) / std * 2
    far = int(np.count_nonzero(np.abs(z) > FARTHEST))
    return np.clip(z, -FARTHEST, FARTHEST).astype(np.float32), far


def numbers(column: pl.Series, kind: str) -> np.ndarray:
    """The column as float64, NaN where missing; a `Mistake` names the row of a value that is no finite number."""
    name, dtype = column.name, column.dtype
    if dtype == pl.String:
        column = _from_text(column, kind)
    elif dtype in (pl.Date, pl.Datetime) and kind == "date":
        column = column.dt.timestamp("us") / _DAY
    elif dtype in (pl.Time, pl.Duration):
        column = column.to_physical()
    if column.dtype in (pl.Date, pl.Datetime) or not (
        column.dtype.is_numeric() or column.dtype in (pl.Boolean, pl.Null)
    ):
        raise Mistake(f"{_words(kind)} in column {name!r}", f"values of type {dtype}", "give the column as in training")
    x = column.cast(pl.Float64).to_numpy().astype(np.float64)  # a copy; missing is NaN
    infinite = np.flatnonzero(np.isinf(x))
    if infinite.size:
        got = f"{x[infinite[0]]:g} in row {infinite[0] + 1}"
        raise Mistake(f"finite numbers in column {name!r}", got, "mend the value or leave it empty")
    return x


def _words(kind: str) -> str:
    return {"boolean": "true or false", "date": "dates"}.get(kind, "numbers")


def _from_text(column: pl.Series, kind: str) -> pl.Series:
    if kind == "boolean":
        parsed = column.str.to_lowercase().replace_strict({"true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0}, default=None)
    elif kind == "date":
        dates = parse_dates(column)
        parsed = column.cast(pl.Float64, strict=False) if dates is None else dates.dt.timestamp("us") / _DAY
    else:
        parsed = column.cast(pl.Float64, strict=False)
    bad = (parsed.is_null() & column.is_not_null()).arg_true()
    if len(bad):
        got = f"{column[int(bad[0])]!r} in row {int(bad[0]) + 1}"
        raise Mistake(f"{_words(kind)} in column {column.name!r}", got, "mend the value or leave it empty")
    return parsed


def codes(column: pl.Series, levels: tuple[str, ...]) -> tuple[np.ndarray, int]:
    """The codes 1 … of the values among `levels`, 0 for missing and unseen; and how many were unseen."""
    if column.dtype.is_nested() or column.dtype in (pl.Binary, pl.Object):
        raise Mistake(f"text in column {column.name!r}", f"values of type {column.dtype}", "give it as in training")
    text = column.cast(pl.String)
    found = text.replace_strict(list(levels), list(range(1, len(levels) + 1)), default=0, return_dtype=pl.Int32)
    found = found.fill_null(0).to_numpy()
    return found, int(np.count_nonzero(found == 0)) - column.null_count()
