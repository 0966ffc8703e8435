"""Lines that hold for each value of an index: the steps of a recurrence, the layers of a stack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gradiens.equations.printing.naming import Line


@dataclass(frozen=True)
class Block:
    """`for index = first, …, last:` and the lines, which carry the index in their names.

    The steps of a recurrence are at times ⟨t⟩, equal layers at levels [l]. `last` is None where a condition ends the loop,
    which is then `condition`, a line whose expression must hold for one more step.
    """

    index: str
    first: int
    last: int | None
    lines: tuple[Line | Block, ...]
    condition: Line | None = None


def each(lines: Iterable[Line | Block]) -> Iterator[Line]:
    """Every line, those inside blocks and their conditions too."""
    for one in lines:
        if isinstance(one, Line):
            yield one
        else:
            yield from each(one.lines)
            yield from [one.condition] if one.condition else []
