"""Ranges of indices in a text: which equations and declarations hold for each layer l or each time t, and by what mark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradiens.equations import syntax as s

Ranged = tuple[s.Equation | s.Declaration, s.Range | None]


def ranged(statements: Sequence[s.Statement]) -> Iterator[Ranged]:
    """Equations and declarations with the range that holds for them: their suffix, or the header above them, which ends
    with the first equation whose left side does not carry its index.
    """
    header: s.Range | None = None
    for place, statement in enumerate(statements):
        if isinstance(statement, s.Range):
            header = header if statement.suffix else statement
            continue
        after = statements[place + 1] if place + 1 < len(statements) else None
        suffix = after if isinstance(after, s.Range) and after.suffix else None
        names = statement.names if isinstance(statement, s.Declaration) else (statement.left,)
        under = header is not None and any(mentions(name, header.index) for name in names)
        if isinstance(statement, s.Equation) and not under:
            header = None
        yield statement, suffix or (header if under else None)


def mentions(left: s.Syntax, letter: str) -> bool:
    """Does a left side carry the index?"""
    if isinstance(left, s.Mark):
        own = isinstance(left.index, s.Name) and left.index.text == letter
        return own or mentions(left.base, letter)
    if isinstance(left, s.Sub):
        return any(isinstance(item, s.Name) and item.text == letter for item in left.items) or mentions(
            left.base, letter
        )
    return False


def time_letter(left: s.Syntax) -> str | None:
    """The t of `h⟨t⟩` (and of `h_t`) on the left."""
    if isinstance(left, s.Mark) and left.kind == "time":
        return left.index.text if isinstance(left.index, s.Name) else None
    if isinstance(left, s.Mark):
        return time_letter(left.base)
    return None


def start_of(left: s.Syntax) -> s.Syntax | None:
    """The h of `h⟨0⟩` on the left."""
    if isinstance(left, s.Mark) and left.kind == "time" and not isinstance(left.index, s.Name):
        return left.base
    return None


def base_of(left: s.Syntax) -> s.Syntax:
    """A left side without its time."""
    if isinstance(left, s.Mark) and left.kind == "time":
        return left.base
    return left.head if isinstance(left, s.Call) else left
