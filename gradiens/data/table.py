"""Tables: CSV, TSV and Parquet files read into typed columns, every fault of the file said in one line.

A text file is read row by row with the standard reader, which knows on which line a row is ragged or a quote is open,
and turned into Polars columns block by block. Values are stripped of spaces; `MISSING` lists what counts as missing. A
column is whole numbers, decimal numbers, true/false, dates or text: the first of these that all of its values are.
"""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl
import polars.selectors as cs

from gradiens.core.check import Mistake, nearest

MISSING = ("", "?", "NA", "N/A", "NaN", "nan", "null", "NULL")
SUFFIXES = {".csv": ",;\t", ".tsv": "\t", ".tab": "\t", ".txt": "\t,;", ".data": ",;\t"}  # the delimiters tried
_BLOCK = 20_000  # rows turned into columns at a time

Header = bool | Literal["auto"]


@dataclass(frozen=True)
class Table:
    """Typed columns, where they came from, what was decided on the way, and the target if it is known."""

    frame: pl.DataFrame
    name: str
    path: str = ""
    sha256: str = ""
    notes: tuple[str, ...] = ()
    target: str = ""
    header: bool = True


def read_table(path: str | Path, header: Header = "auto", infer: bool = True, least: int = 2) -> Table:
    """The table in a CSV, TSV or Parquet file; any fault of the file is a `Mistake`.

    Without a header row the columns are named x1, x2, …; "auto" decides by the first row. With `infer=False` the
    columns of a text file stay text as written (new data for a trained model, whose preprocessing knows the types).
    """
    path = Path(path)
    suffix = path.suffix.lower()
    _check_file(path, suffix)
    content = path.read_bytes()
    if not content.strip():
        raise Mistake("a table", f"the empty file {path}", "give a file with a header row and at least two rows")
    if suffix == ".parquet":
        frame, notes, named = _parquet(content, path), (), True
    else:
        frame, notes, named = _text(content, path, SUFFIXES[suffix], header, infer)
    if frame.height < least:
        rows = "no rows below its header" if frame.height == 0 else "one row"
        raise Mistake(f"a table of at least {least} rows", f"{path} with {rows}", "add rows")
    return Table(frame, path.stem, str(path), hashlib.sha256(content).hexdigest(), notes, header=named)


def _check_file(path: Path, suffix: str) -> None:
    if path.is_dir():
        found = sorted(p.name for p in path.iterdir() if p.suffix.lower() in (*SUFFIXES, ".parquet"))
        raise Mistake("a file", f"the folder {path}", f"give one of its files: {', '.join(found[:5])}" if found else "")
    if not path.exists():
        near = nearest(path.name, [p.name for p in path.parent.iterdir()]) if path.parent.is_dir() else ""
        raise Mistake(
            "a file", f"{path}, which does not exist", f"did you mean {near!r}?" if near else "check the path"
        )
    if suffix not in (*SUFFIXES, ".parquet"):
        raise Mistake("a CSV, TSV or Parquet file", f"{path.name}", "rename it to .csv, .tsv or .parquet")


def _parquet(content: bytes, path: Path) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(io.BytesIO(content))
    except Exception as error:  # Polars raises errors of many kinds, panics of its reader among them
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Mistake("a Parquet file", f"{path}, which cannot be read ({reason})", "write the file again") from None
    if frame.width == 0:
        raise Mistake("a table", f"{path}, which has no columns")
    frame = frame.with_columns(cs.by_dtype(pl.Categorical, pl.Enum).cast(pl.String))
    return tidy(frame.with_columns(_missing(cs.string().str.strip_chars())))


def tidy(frame: pl.DataFrame) -> pl.DataFrame:
    """NaN as missing; a `Mistake` for a column name that Polars would take for a pattern."""
    _no_pattern(frame.columns)
    return frame.with_columns(cs.float().fill_nan(None))


def _missing(column: pl.Expr) -> pl.Expr:
    return pl.when(column.is_in(MISSING)).then(None).otherwise(column).name.keep()


def _text(
    content: bytes, path: Path, delimiters: str, header: Header, infer: bool
) -> tuple[pl.DataFrame, tuple[str, ...], bool]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = f"{path}, whose byte {error.start} is 0x{content[error.start]:02x}"
        raise Mistake("UTF-8 text", where, "save the file as UTF-8") from None
    if "\0" in text:
        raise Mistake(
            "text", f"{path} with a zero byte at character {text.index(chr(0))}", "save the file as UTF-8 text"
        )
    delimiter = _delimiter(text, delimiters)
    rows = _rows(text, delimiter, path)
    first = next(rows, None) or []
    named = _looks_like_header(first, list(itertools.islice(_rows(text, delimiter, path), 1, 2000)))
    named = named if header == "auto" else header
    names = _names(first, path) if named else [f"x{i + 1}" for i in range(len(first))]
    notes = () if named else (f"no header row: columns are named x1 to x{len(first)}, the last is x{len(first)}",)
    frame = _columns(rows if named else itertools.chain([first], rows), names)
    if delimiter == ";":
        frame, comma = _decimal_points(frame)
        notes += comma
    if not infer:
        return frame, notes, named
    typed = [typed_column(frame.get_column(name)) for name in names]
    return pl.DataFrame([column for column, _ in typed]), notes + tuple(note for _, note in typed if note), named


def _delimiter(text: str, candidates: str) -> str:
    """The candidate that the first line holds most often, outside quotes; the first candidate when none occurs."""
    line = next((line for line in io.StringIO(text) if line.strip()), "")
    bare = "".join(line.split('"')[::2])
    return max(candidates, key=bare.count)


def _rows(text: str, delimiter: str, path: Path) -> Iterator[list[str]]:
    """The rows, blank lines left out; every row must be as long as the first."""
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=delimiter != "\t", strict=True
    )
    width = 0
    try:
        for row in reader:
            if not row or (len(row) == 1 and not row[0].strip()):
                continue
            width = width or len(row)
            if len(row) != width:
                got = f"{len(row)} in line {reader.line_num} of {path}"
                raise Mistake(f"{width} values in each row", got, "mend that line or the delimiter")
            yield row
    except csv.Error as error:
        raise Mistake("a readable table", f"line {reader.line_num} of {path}: {error}", "check the quotes") from None


def _looks_like_header(first: list[str], body: list[list[str]]) -> bool:
    """A first row of distinct texts, none a number, and none found again in its own column below."""
    cells = [cell.strip() for cell in first]
    filled = [cell for cell in cells if cell]
    if not filled or any(_is_number(cell) or cell in MISSING for cell in filled):
        return False
    return not any(cell and any(row[i].strip() == cell for row in body) for i, cell in enumerate(cells))


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _names(first: list[str], path: Path) -> list[str]:
    names = [cell.strip() or (f"x{i + 1}" if i else "index") for i, cell in enumerate(first)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Mistake("distinct column names", f"{twice[0]!r} more than once in {path}", "rename one of the columns")
    _no_pattern(names)
    return names


def _no_pattern(names: list[str]) -> None:
    pattern = next((name for name in names if name.startswith("^") and name.endswith("$")), "")
    if pattern:
        raise Mistake("column names that are no patterns ^…$", repr(pattern), "rename the column")


def _columns(rows: Iterator[list[str]], names: list[str]) -> pl.DataFrame:
    """The rows as columns of text, built block by block so that Python's copy of the file never exists whole."""
    blocks = [pl.DataFrame({name: pl.Series(name, [], dtype=pl.String) for name in names})]
    while block := list(itertools.islice(rows, _BLOCK)):
        columns = zip(*block, strict=True)
        series = [pl.Series(name, values, dtype=pl.String) for name, values in zip(names, columns, strict=True)]
        blocks.append(pl.DataFrame(series).select(_missing(pl.all().str.strip_chars())))
    return pl.concat(blocks, rechunk=True)


def _decimal_points(frame: pl.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Numbers with a decimal comma, as a file separated by semicolons may hold them, with a point instead."""
    whole = r"^[-+]?\d*,?\d+$"
    found = [c for c in frame if c.str.contains(whole).all() and c.str.contains(",", literal=True).any()]
    notes = tuple(f"column {c.name!r}: a comma is its decimal point" for c in found)
    return frame.with_columns([c.str.replace(",", ".", literal=True) for c in found]), notes


def typed_column(column: pl.Series) -> tuple[pl.Series, str]:
    """A text column as the first of whole numbers, numbers, true/false, dates that fits all its values; and a note."""
    filled = column.drop_nulls()
    if filled.is_empty():
        return column, ""
    for kind in (pl.Int64, pl.Float64):
        number = column.cast(kind, strict=False)
        if number.null_count() == column.null_count():
            return (number.fill_nan(None) if kind == pl.Float64 else number), ""
    if filled.str.to_lowercase().is_in(["true", "false"]).all():
        return column.str.to_lowercase() == "true", ""
    dates = parse_dates(column)
    if dates is not None:
        return dates, ""
    bad = filled.filter(filled.cast(pl.Float64, strict=False).is_null())
    few = bad.len() <= 0.1 * filled.len()
    note = f"column {column.name!r} is text: {bad.len()} of its values are no numbers, the first is {bad[0]!r}"
    return column, note if few else ""


def parse_dates(column: pl.Series) -> pl.Series | None:
    """ISO dates (2024-05-31, 2024-05) or times (2024-05-31 12:00) in text as such; None when a value is no date."""
    filled = column.drop_nulls()
    if not filled.str.contains(r"^\d{4}-\d{2}(-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?)?$").all():
        return None
    whole = pl.when(pl.col("c").str.len_chars() == 7).then(pl.col("c") + "-01").otherwise(pl.col("c"))
    text = column.alias("c").to_frame().select(whole).to_series()
    only_days = text.drop_nulls().str.len_chars().max() == 10
    dates = (
        text.str.to_date("%Y-%m-%d", strict=False) if only_days else text.str.to_datetime(strict=False, time_unit="us")
    )
    return dates.alias(column.name) if dates.null_count() == column.null_count() else None
