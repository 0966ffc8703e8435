"""What a command says: JSON as one object on stdout, or text and tables for a person."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="one JSON object on stdout, everything else on stderr")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="no progress")]


def emit(content: dict[str, Any]) -> None:
    """The one JSON object of a command. Numbers that JSON does not know (NaN, Inf) become null."""
    print(json.dumps(_finite(content), ensure_ascii=False))


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value


def console(as_json: bool = False) -> Any:
    """Where text for a person goes: stdout, or stderr beside JSON."""
    from rich.console import Console

    return Console(stderr=as_json, highlight=False, soft_wrap=True)


def table(title: str, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> Any:
    """A table; numbers to the right."""
    from rich.table import Table
    from rich.text import Text

    rows = [list(row) for row in rows]
    made = Table(title=title or None, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for i, name in enumerate(columns):
        right = all(isinstance(row[i], int | float | None) for row in rows) and bool(rows)
        made.add_column(name, justify="right" if right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(Text(shown(cell)) for cell in row))
    return made


def shown(cell: Any) -> str:
    """A cell as text: four significant digits, nothing for None."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) >= 1000:
        cell = int(cell)
    if isinstance(cell, float):
        return f"{cell:.4f}" if 1e-3 <= abs(cell) < 1e4 or cell == 0 else f"{cell:.4g}"
    return f"{cell:,}" if isinstance(cell, int) and not isinstance(cell, bool) else str(cell)


def start(as_json: bool, quiet: bool) -> None:
    """What every command that computes does first."""
    from gradiens.core import progress
    from gradiens.core.session import use_compile_cache

    progress.quiet = quiet or (as_json and not sys.stderr.isatty())
    use_compile_cache()
