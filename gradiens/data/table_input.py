"""From the rows of a table to the input of a model, with what was fitted on the training rows."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from gradiens.core.check import Mistake, nearest
from gradiens.data.columns import Column, codes, numbers, standardise
from gradiens.data.encoded import Encoded, Row, default_precision
from gradiens.data.table import Table, read_table, tidy
from gradiens.data.target import Target


@dataclass(frozen=True)
class TablePreprocessing:
    """Columns as fitted, the names of the columns left out, the target, and whether the file had a header row."""

    columns: tuple[Column, ...]
    target: Target
    left_out: tuple[str, ...] = ()
    header: bool = True

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the numbers in x, in order."""
        return tuple(name for column in self.columns for name in column.features)

    @property
    def n_features(self) -> int:
        """The number of numbers in x; codes are not among them."""
        return len(self.feature_names)

    @property
    def levels(self) -> tuple[int, ...]:
        """The number of codes of each embedded column, code 0 among them."""
        return tuple(len(column.levels) + 1 for column in self.columns if column.kind == "embedded")

    def read(self, path: str | Path) -> Table:
        """New rows from a file with the columns of the training file (one is enough, types are those of training), or those
        of a catalogue set by its name.
        """
        from gradiens.data.load import load

        if not Path(path).suffix and not Path(path).exists():
            source = load(path)
            if not isinstance(source, Table):
                raise Mistake("a table", f"the images {path}", "give a table with the columns of the training data")
            return source
        return read_table(path, header=self.header, infer=False, least=1)

    def encode(self, data: Table | pl.DataFrame, own: bool = False) -> Encoded:
        """x for every row; a column missing or of another type is a `Mistake`, an extra one is ignored with a note.

        `own`: the rows are of the table that was fitted, so numbers among its texts are new levels, not a wrong column.
        """
        frame = tidy(data.frame if isinstance(data, Table) else data)
        notes = self._check_names(frame.columns)
        blocks, embedded, unseen = [], [], {}
        for column in self.columns:
            if column.kind in ("category", "embedded"):
                found, strange = codes(frame.get_column(column.name), column.levels)
                if not own:
                    _check_type(frame.get_column(column.name), column, strange)
                (embedded if column.kind == "embedded" else blocks).append(_one_hot(found, column))
                if strange:
                    unseen[column.name] = strange
            else:
                block, far = _number(frame.get_column(column.name), column)
                blocks.append(block)
                notes += [f"column {column.name!r}: {far} values cut at a million standard deviations"] * (far > 0)
        notes += [f"column {name!r}: {n} values never seen in training, taken as other" for name, n in unseen.items()]
        x = np.concatenate([np.empty((frame.height, 0), np.float32), *blocks], axis=1)
        return Encoded(Row(x, np.stack(embedded, axis=1)) if embedded else x, tuple(notes), unseen)

    def _check_names(self, names: list[str]) -> list[str]:
        for column in self.columns:
            if column.name not in names:
                near = nearest(column.name, names)
                do = f"did you mean to rename {near!r}?" if near else f"the data has {', '.join(names[:8])}"
                raise Mistake("the columns of the training data", f"no column {column.name!r}", do)
        used = {column.name for column in self.columns} | {self.target.name, *self.left_out}
        extra = [name for name in names if name not in used]
        return [f"columns ignored, unknown in training: {', '.join(extra)}"] if extra else []

    @staticmethod  # of nothing that was fitted: one function for all tables, and so one program for equal shapes
    def features(x: Any) -> Any:
        """The example itself, its numbers in the default precision."""
        if isinstance(x, Row):
            return Row(default_precision(x.numbers), x.codes)
        return default_precision(x)

    def decode_target(self, y: np.ndarray) -> np.ndarray:
        """Class names, or numbers in the target's unit."""
        return self.target.decode(y)

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON."""
        return {"kind": "table", **dataclasses.asdict(self)}


def _number(series: pl.Series, column: Column) -> tuple[np.ndarray, int]:
    values = numbers(series, column.kind)
    missing = np.isnan(values)
    z, far = standardise(np.where(missing, column.median, values), column.mean, column.std)
    parts = [z, missing.astype(np.float32)] if column.indicator else [z]
    return np.stack(parts, axis=1), far


def _one_hot(found: np.ndarray, column: Column) -> np.ndarray:
    """Codes as they are for an embedded column; else one column a level and the last for code 0."""
    if column.kind == "embedded":
        return found
    n = len(column.levels)
    hot = np.zeros((len(found), n + 1), np.float32)
    hot[np.arange(len(found)), np.where(found == 0, n, found - 1)] = 1
    return hot


def _check_type(series: pl.Series, column: Column, strange: int) -> None:
    """Numbers only, none of them seen, where training had text only: another column came."""
    filled = len(series) - series.null_count()
    if strange < filled or not filled or any(map(_is_number, column.levels)):
        return
    if all(map(_is_number, series.drop_nulls().cast(pl.String).to_list())):
        got = f"numbers such as {series.drop_nulls()[0]}"
        raise Mistake(
            f"text such as {column.levels[0]!r} in column {column.name!r}", got, "check the order of the columns"
        )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
