"""What the callbacks of the parser get: the parts of a rule, which are terminals, pieces of syntax, and scripts.

A script is a tuple that ends with its place: ("sub", items, text, place), ("sup", marks, powers, place),
("mark", kind, index, place).
"""

from __future__ import annotations

from typing import Any

from gradiens.equations.text import syntax as s

Parts = list[Any]
Script = tuple[Any, ...]


def at(part: Any) -> s.Place:
    """Where a part is."""
    if isinstance(part, s.Syntax):
        return part.at
    return part[-1] if isinstance(part, tuple) else s.Place(part.start_pos, part.end_pos)


def span(parts: Parts) -> s.Place:
    """From the first part to the last."""
    return s.Place(at(parts[0]).start, at(parts[-1]).stop)


def values(parts: Parts) -> tuple[s.Syntax, ...]:
    """The parts that are syntax."""
    return tuple(part for part in parts if isinstance(part, s.Syntax))
