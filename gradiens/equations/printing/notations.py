"""Three notations of the same lines, as in a book, by indices, as code: each on request, or side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING, Literal

from gradiens.equations.boxes.notation import Heading, Shown
from gradiens.equations.boxes.unicode import unicode, width
from gradiens.equations.printing.as_code import Coder, imports
from gradiens.equations.printing.blocks import Block
from gradiens.equations.printing.page import rows_of

if TYPE_CHECKING:
    from gradiens.equations.equations import Equations

Notation = Literal["book", "index", "code"]
_ENDLESS = 1_000_000  # characters: no line is broken


def coder(equations: Equations) -> Coder:
    """What writes the lines as Python."""
    return Coder(equations.lines, (*equations.inputs, *equations.constants))


def code_lines(equations: Equations, context: bool = True) -> list[str]:
    """Python that computes the lines from the inputs; in `context` with the imports that it needs."""
    lines = [text for _, code in coder(equations).page(equations.lines) for text in code]
    needed = imports(lines) if context else []
    return [*needed, *([""] if needed else []), *lines]


def aligned(equations: Equations) -> list[tuple[str, str, str]]:
    """For each line the three notations; a heading and what code needs besides have rows of their own."""
    book, index = (equations.layout(True, notation).line for notation in ("book", "index"))
    found: list[tuple[str, str, str]] = []
    for one, code in coder(equations).page(equations.lines):
        pairs = zip(_texts(rows_of([one], book, _ENDLESS)), _texts(rows_of([one], index, _ENDLESS)), strict=True)
        start = next((at for at, text in enumerate(code) if _loops(text)), 0) if isinstance(one, Block) else 0
        found += [("", "", text) for text in code[:start]]
        for pair, text in zip_longest(pairs, code[start:]):
            in_book, by_index = pair or ("", "")
            found.append((in_book, by_index, text or ""))
    return found


def _loops(text: str) -> bool:
    return text.startswith(("for ", "while "))


def _texts(rows: Iterable[Shown | Heading]) -> Iterator[str]:
    for one in rows:
        text = unicode(one.box) if isinstance(one, Heading) else f"{unicode(one.left)} = {unicode(one.right[0])}"
        yield "  " * one.depth + text


def columns(equations: Equations) -> str:
    """The three notations in columns."""
    rows = [("book", "index", "code"), *aligned(equations)]
    wide = [max(width(row[place]) for row in rows) for place in (0, 1)]
    rows.insert(1, ("─" * wide[0], "─" * wide[1], "─" * max(width(row[2]) for row in rows)))
    pad = lambda text, size: text + " " * (size - width(text))  # noqa: E731
    return "\n".join(f"{pad(book, wide[0])} │ {pad(index, wide[1])} │ {code}".rstrip() for book, index, code in rows)
