"""One door to the data: a file or folder by its path, a data set by its name in the catalogue, data in memory."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from gradiens.core.catalogue import members
from gradiens.core.check import Mistake, nearest
from gradiens.data.arrays import as_images, read_arrays
from gradiens.data.decode import SUFFIXES as PICTURES
from gradiens.data.images import Images
from gradiens.data.picture_folder import pictures_below
from gradiens.data.picture_set import read_folder, resized
from gradiens.data.picture_table import picture_column, read_paths, unread
from gradiens.data.table import SUFFIXES, Header, Table, read_table


def load(
    name_or_path: str | Path, header: Header = "auto", target: str = "", size: int | None = None, pictures: str = ""
) -> Table | Images:
    """What is at a path, else the data set of that name; a `Mistake` suggests the nearest of either.

    A file is a table, or arrays (.npz); a folder holds pictures, one sub-folder a class. A table with a column of paths of
    pictures (`pictures` names it, else it is found) means those, with the classes in its column `target`. `size` is the side
    that pictures are brought to.
    """
    path, sets = Path(name_or_path), members("data set")
    entry = sets.get(str(name_or_path).replace("-", "_"))
    if path.is_file() or path.suffix.lower() in (*SUFFIXES, ".parquet", ".npz"):
        return _file(path, header, target, size, pictures)
    if path.is_dir() and not (entry and len(path.parts) == 1):
        return read_table(path) if _of_tables(path) else read_folder(path, size)  # the first says which tables
    if len(path.parts) != 1:
        return read_table(path, header)  # says that nothing is there
    if entry:
        return _sized(entry.what(), size)
    near = nearest(str(path), [*sets, *(p.name for p in Path().iterdir())])
    do = f"did you mean {near!r}?" if near else f"data sets: {', '.join(sets)}"
    raise Mistake("a file, a folder or the name of a data set", repr(str(path)), do)


def _of_tables(folder: Path) -> bool:
    names = os.listdir(folder) if os.access(folder, os.R_OK) else []
    tables = any(Path(name).suffix.lower() in (*SUFFIXES, ".parquet") for name in names)
    return tables and not pictures_below(folder)[0]


def _file(path: Path, header: Header, target: str, size: int | None, pictures: str) -> Table | Images:
    if path.suffix.lower() == ".npz":
        return _sized(read_arrays(path), size)
    if path.suffix.lower() in PICTURES:
        raise Mistake("data to learn from", f"the picture {path.name}", "give a folder with one sub-folder a class")
    table = read_table(path, header)
    if pictures or picture_column(table):
        return read_paths(table, target, size, pictures)
    said = unread(table)
    return _sized(dataclasses.replace(table, notes=(*table.notes, said)) if said else table, size)


def _sized(source: Table | Images, size: int | None) -> Table | Images:
    """Images of the side asked for."""
    if size is None:
        return source
    if not isinstance(source, Images):
        raise Mistake("pictures to bring to a size", unread(source) or "a table", "leave out --size")
    return resized(source, size)


def as_source(data: Any, name: str = "data frame") -> Table | Images:
    """Data in memory as a source: a Polars or pandas data frame, a mapping of columns, a `Table`, `Images`, arrays of images
    (x, y) or (x, y, x_test, y_test); for a trained model also pixels.
    """
    if isinstance(data, Table | Images | np.ndarray):
        return data  # pyright: ignore[reportReturnType] - pixels go to the preprocessing as they are
    if isinstance(data, tuple) and len(data) in (2, 4):
        return as_images(*data)
    try:
        if not isinstance(data, pl.DataFrame):
            data = pl.DataFrame({str(column): np.asarray(data[column]).tolist() for column in data})
    except (TypeError, KeyError, IndexError, ValueError, pl.exceptions.PolarsError) as error:
        raise Mistake(
            "a data frame or a mapping of columns", type(data).__name__, " ".join(str(error).split())
        ) from None
    digest = hashlib.sha256(str(data.schema).encode() + data.hash_rows(seed=0).to_numpy().tobytes()).hexdigest()
    return Table(data, name, "", digest, ("from memory",))
