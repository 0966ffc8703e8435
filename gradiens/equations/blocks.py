"""Lines that hold for each value of an index: the steps of a recurrence, the layers of a stack."""

from __future__ import annotations

from dataclasses import dataclass

from gradiens.equations.naming import Line


@dataclass(frozen=True)
class Block:
    """`for index = first, …, last:` and the lines, which carry the index in their names.

    The steps of a recurrence are at times ⟨t⟩, equal layers at levels [l]. `last` is None where a condition ends the loop,
    which is then `condition`, a line whose expression must hold for one more step.
    """

    index: str
    first: int
    last: int | None
    lines: tuple[Line, ...]
    condition: Line | None = None
