"""Lines and blocks as the rows of a page: what is too long is broken at an operator, a block stands under its heading."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from gradiens.equations.boxes.notation import (
    LONGEST,
    Box,
    Digits,
    Heading,
    Letter,
    Row,
    Shown,
    Sign,
    Word,
    listed,
    row,
)  # fmt: skip
from gradiens.equations.boxes.unicode import unicode, width
from gradiens.equations.printing.blocks import Block
from gradiens.equations.printing.naming import Line

_BREAKS = (("+", "-"), ("⊙",))  # where a line may be broken, the loosest first

Pair = Callable[[Line], tuple[Box, Box]]


def rows_of(
    lines: Iterable[Line | Block], pair: Pair, longest: int = LONGEST, depth: int = 0
) -> Iterator[Shown | Heading]:
    """The rows for lines and blocks; `pair` gives the two sides of a line."""
    for one in lines:
        if isinstance(one, Block):
            yield Heading(heading(one, pair), depth)
            yield from rows_of(one.lines, pair, longest, depth + 1)
        else:
            left, right = pair(one)
            room = longest - width(unicode(left)) - 3 - 2 * depth
            yield Shown(left, tuple(broken(right, room)), depth)


def heading(block: Block, pair: Pair) -> Box:
    """`for t = 1, …, 7:`, `for k = 1, 2, … while ‖g⟨k-1⟩‖ > ε:`."""
    index, dots = Letter(block.index), Sign("…", tight=True)
    if block.last is None:
        span = listed(Digits(str(block.first)), Digits(str(block.first + 1)), dots)
        assert block.condition is not None
        _, condition = pair(block.condition)
        span = row(span, Word(" while "), condition)
    else:
        span = listed(Digits(str(block.first)), dots, Digits(str(block.last)))
    return row(Word("for "), index, Sign("="), span, Sign(":", tight=True))


def broken(box: Box, room: int) -> list[Box]:
    """A box that is too wide in parts, each but the first beginning with the operator before it."""
    if not isinstance(box, Row) or width(unicode(box)) <= room:
        return [box]
    for signs in _BREAKS:
        places = [
            at for at, item in enumerate(box.items) if isinstance(item, Sign) and not item.tight and item.text in signs
        ]
        if places and places[0]:
            return _filled(box, [0, *places, len(box.items)], room)
    return [box]


def _filled(box: Row, cuts: list[int], room: int) -> list[Box]:
    parts: list[Box] = []
    start = 0
    for end, after in pairwise(cuts[1:]):
        if width(unicode(row(*box.items[start:after]))) > room and end > start:
            parts.append(row(*box.items[start:end]))
            start = end
    return [*parts, row(*box.items[start:])]
