"""One door to the data: a file by its path, or a data set by its name in the catalogue."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from gradiens.core.catalogue import members
from gradiens.core.check import Mistake, nearest
from gradiens.data.images import Images
from gradiens.data.table import SUFFIXES, Header, Table, read_table


def load(name_or_path: str | Path, header: Header = "auto") -> Table | Images:
    """The table in an existing file, else the data set of that name; a `Mistake` suggests the nearest of either."""
    path = Path(name_or_path)
    name = str(name_or_path)
    if path.is_file() or path.suffix.lower() in (*SUFFIXES, ".parquet") or len(path.parts) != 1:
        return read_table(path, header)
    sets = members("data set")
    entry = sets.get(name.replace("-", "_"))
    if entry:
        return entry.what()
    if path.is_dir():
        return read_table(path)  # says that it is a folder
    near = nearest(name, [*sets, *(p.name for p in Path().iterdir() if p.is_file())])
    do = f"did you mean {near!r}?" if near else f"data sets: {', '.join(sets)}"
    raise Mistake("a file or the name of a data set", repr(name), do)


def as_source(data: Any, name: str = "data frame") -> Table | Images:
    """Data in memory as a source: a Polars or pandas data frame, a mapping of columns, a `Table`, `Images`, or pixels."""
    if isinstance(data, Table | Images | np.ndarray):
        return data  # pyright: ignore[reportReturnType] - pixels go to the preprocessing as they are
    try:
        if not isinstance(data, pl.DataFrame):
            data = pl.DataFrame({str(column): np.asarray(data[column]).tolist() for column in data})
    except (TypeError, KeyError, IndexError, ValueError, pl.exceptions.PolarsError) as error:
        raise Mistake(
            "a data frame or a mapping of columns", type(data).__name__, " ".join(str(error).split())
        ) from None
    digest = hashlib.sha256(str(data.schema).encode() + data.hash_rows(seed=0).to_numpy().tobytes()).hexdigest()
    return Table(data, name, "", digest, ("from memory",))
