"""A table whose rows name pictures' files: a column of paths, relative to the table's own folder, and one of classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from gradiens.core.check import Mistake, known
from gradiens.data.decode import SUFFIXES
from gradiens.data.images import Images
from gradiens.data.picture_batch import first_of
from gradiens.data.picture_folder import PARTS, Files
from gradiens.data.picture_set import images_of
from gradiens.data.table import Table
from gradiens.data.target import Target, decide

_LOOKED_AT = 50  # rows that decide whether a column holds paths
_PART_COLUMNS = ("split", "part", "subset", "set", "partition")


def picture_column(table: Table) -> str:
    """The first column of text whose values all end like pictures' names and of which one at least is there; else ""."""
    for series in table.frame:
        values = series.drop_nulls().head(_LOOKED_AT).to_list() if series.dtype == pl.String else []
        if (
            values
            and all(Path(v).suffix.lower() in SUFFIXES for v in values)
            and any(_at(table, v).exists() for v in values)
        ):
            return series.name
    return ""


def unread(table: Table) -> str:
    """Why a column that looks like names of pictures is not read as such, in words; "" where none looks so."""
    for series in table.frame:
        values = series.drop_nulls().head(_LOOKED_AT).to_list() if series.dtype == pl.String else []
        like = [value for value in values if Path(value).suffix.lower() in SUFFIXES]
        if 2 * len(like) <= len(values):
            continue
        if not any(_at(table, value).exists() for value in like):
            return (
                f"column {series.name!r} of names of pictures, none of which is there: looked for {_at(table, like[0])}"
            )
        odd = next((value for value in values if value not in like), "")
        if odd:
            return f"column {series.name!r} of names of pictures, but for {odd!r}, which is none"
    return ""


def read_paths(table: Table, target: str = "", size: int | None = None, column: str = "") -> Images:
    """The pictures that the rows of `table` name, with the classes in the column `target`.

    `column` holds the paths (default: the one that looks so). Without `target` it is the only other column, or the one
    that is called so. A column `split` of train and test (or val) sets the official test part apart. Raises `Mistake` where
    target or paths are missing, where the target is no class, and as `read_folder` does.
    """
    frame, column = table.frame, known("column", column or picture_column(table) or "none", table.frame.columns)
    named = frame.get_column(column).is_not_null()
    notes = [*table.notes, f"column {column!r} names the pictures"]
    if not named.all():
        notes.append(f"rows that name no picture, left out: {(~named).sum():,}")
        frame = frame.filter(named)
    others = [name for name in frame.columns if name != column]
    part = next((name for name in others if _is_part(frame.get_column(name))), "")
    target = _target(table, target, [name for name in others if name != part])
    goal = _goal(frame.get_column(target))
    passed = [name for name in others if name not in (target, part)]
    notes += [f"columns beside path and class are passed over: {first_of(passed)}"] * bool(passed)
    names = [str(value) for value in frame.get_column(column)]
    test, said = _test(frame, part)
    labels = [goal.classes[code] for code in goal.encode(frame.get_column(target))]
    paths = [_at(table, name) for name in names]
    files = Files(paths, names, labels, test, (*notes, *said))
    return images_of(files, table.name, table.path, size, target)


def paths_of(table: Table) -> tuple[list[Path], list[str], list[str]]:
    """The files that the rows name, the names as written, and notes, for a trained model."""
    column = picture_column(table)
    if not column:
        got = unread(table) or f"the table {table.path}"
        raise Mistake("a column of paths of pictures", got, "paths are relative to the table's folder")
    names = [str(value) for value in table.frame.get_column(column).drop_nulls()]
    gone = table.frame.height - len(names)
    notes = [f"rows that name no picture, left out: {gone:,} of {table.frame.height:,}"] if gone else []
    return [_at(table, name) for name in names], names, notes


def _at(table: Table, name: str) -> Path:
    return Path(table.path).parent / name


def _is_part(series: pl.Series) -> bool:
    if series.name.lower() not in _PART_COLUMNS or series.dtype != pl.String:
        return False
    values = {PARTS.get(str(value).lower()) for value in series.unique()}
    return "train" in values and len(values) > 1 and None not in values


def _goal(column: pl.Series) -> Target:
    """Classes, also of many whole numbers; a `Mistake` for numbers that are none."""
    goal, _ = decide(column, "classes")
    n, distinct = len(column), len(goal.classes)
    broken = column.dtype.is_float() and not (column == column.round()).all()
    if column.dtype.is_numeric() and (broken or distinct == n):
        got = f"numbers in {column.name!r}, such as {column[0]}, {distinct:,} different ones in {n:,} rows"
        raise Mistake("a column of classes for pictures", got, "name another target")
    return goal


def _target(table: Table, target: str, others: list[str]) -> str:
    if not others:
        raise Mistake("a target", "no column beside the paths", "add one with the class of each picture")
    if target or table.target:
        return known("column", target or table.target, others)
    called = [name for name in others if name.lower() in ("label", "class", "target", "category")]
    found = others if len(others) == 1 else called
    if len(found) != 1:
        raise Mistake("a target", f"one of {first_of(others)}", "name it: --target COLUMN")
    return found[0]


def _test(frame: pl.DataFrame, part: str) -> tuple[list[bool], list[str]]:
    """Which rows are the official test part: those of test, else of val."""
    if not part:
        return [False] * frame.height, []
    kinds = np.array([PARTS[str(value).lower()] for value in frame.get_column(part)])
    test = "test" if (kinds == "test").any() else "val"
    return (kinds == test).tolist(), [f"column {part!r}: its rows {test!r} are the test part"]
