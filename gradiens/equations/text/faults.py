"""What is wrong in a text, and where: one message with the line and a caret under the place, as a compiler's."""

from __future__ import annotations

import unicodedata

from gradiens.core.check import Mistake
from gradiens.equations.text.syntax import Place

_SHOWN = 100  # characters of a line in a message
_BEFORE = 60  # of them at most before the place


class Fault(Mistake):
    """A `Mistake` in a text: `place` in characters, `line` and `column` counted from 1."""

    def __init__(self, text: str, place: Place, expected: str, got: str, do: str = ""):
        super().__init__(expected, got, do)
        self.place = place
        before = _lines(text[: place.start])
        self.line, self.column = len(before), len(before[-1]) + 1
        said = f"{position(text, place)}: {self.args[0]}"
        line = before[-1] + _lines(text[place.start :])[0]
        self.args = (f"{said}\n{_pointed(line, self.column - 1, place.stop - place.start)}" if line.strip() else said,)


def fault(text: str, place: Place, expected: str, got: str, do: str = "") -> Fault:
    """The mistake `expected …, got …; do …` at a place of `text`, with its line and a caret."""
    return Fault(text, place, expected, got, do)


def position(text: str, place: Place) -> str:
    """`line 2, column 5`."""
    before = _lines(text[: place.start])
    return f"line {len(before)}, column {len(before[-1]) + 1}"


def shown(text: str) -> str:
    """A piece of text in quotes, short, what cannot be seen as U+0007."""
    if len(text) == 1 and not _seen(text):
        name = unicodedata.name(text, "").lower()
        return f"U+{ord(text):04X}" + (f" ({name})" if name else "")
    return "'" + "".join(map(_visible, text[:20])) + ("…'" if len(text) > 20 else "'")


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _seen(char: str) -> bool:
    return char == " " or unicodedata.category(char)[0] not in "CZM"


def _visible(char: str) -> str:
    return char if _seen(char) or unicodedata.category(char)[0] == "M" else f"U+{ord(char):04X}"


def _pointed(line: str, start: int, length: int) -> str:
    """The line and the carets below it; of a long line the part around the place."""
    first = max(0, start - _BEFORE) if len(line) > _SHOWN else 0
    last = min(len(line), first + _SHOWN)
    head, tail = ("…" if first else ""), ("…" if last < len(line) else "")
    plain = "".join(_plain(char) for char in line[first:last])
    carets = max(1, sum(map(_width, line[start : min(start + max(length, 1), last)])))
    return f"  {head}{plain}{tail}\n  {' ' * (len(head) + sum(map(_width, line[first:start])))}{'^' * carets}"


def _plain(char: str) -> str:
    """One character in print: a tab is a space, what cannot be seen is ␦."""
    if char.isspace():
        return " "
    return char if unicodedata.category(char)[0] != "C" else "\ufffd"


def _width(char: str) -> int:
    """The columns of a terminal that a character takes."""
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
