"""Shared by the sets that scikit-learn brings along, and by those read from a table's file."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from typing import Any

import polars as pl

from gradiens.core.check import Mistake
from gradiens.data.files import Remote, content, locate
from gradiens.data.table import Table, read_table


def bundled(name: str, loader: str, target: str, columns: Sequence[str] = (), classes: Sequence[str] = ()) -> Table:
    """The table of `sklearn.datasets.<loader>`; columns in snake case or by `columns`, classes by their names."""
    from sklearn import datasets

    bunch: Any = getattr(datasets, loader)()
    names = columns or [text.removesuffix(" (cm)").replace(" ", "_").replace("/", "_") for text in bunch.feature_names]
    series = [pl.Series(column, bunch.data[:, i]) for i, column in enumerate(names)]
    goal = [classes[code] for code in bunch.target] if classes else bunch.target
    digest = hashlib.sha256(bunch.data.tobytes() + bunch.target.tobytes()).hexdigest()
    note = f"from scikit-learn's bundled {name.replace('_', ' ')} data"
    return Table(pl.DataFrame([*series, pl.Series(target, goal)]), name, "", digest, (note,), target)


def from_file(name: str, remote: Remote, target: str, columns: Sequence[str] = ()) -> Table:
    """The table in a public file, checked; `columns` names those of a file without a header row."""
    content(remote)
    table = read_table(locate(remote), header=not columns)
    if not columns:
        return dataclasses.replace(table, name=name, target=target)
    if len(columns) != table.frame.width:
        raise Mistake(f"{len(columns)} columns in {remote.name}", table.frame.width, "fetch the file again")
    frame = table.frame.rename(dict(zip(table.frame.columns, columns, strict=True)))
    return dataclasses.replace(table, frame=frame, name=name, target=target, notes=(), header=True)
