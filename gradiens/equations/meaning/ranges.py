"""Ranges of indices in a text: which equations and declarations hold for each layer l or each time t, and by what mark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradiens.equations.text import syntax as s

Ranged = tuple[s.Equation | s.Declaration, s.Range | None]


def ranged(statements: Sequence[s.Statement]) -> Iterator[Ranged]:
    """Equations and declarations with the range that holds for them: their suffix, or the header above them, which ends
    with the first equation whose left side does not carry its index. What is declared for W^[l] elsewhere holds for the
    range of l that follows it, or for the one that the text has.
    """
    header: s.Range | None = None
    for place, statement in enumerate(statements):
        if isinstance(statement, s.Range):
            header = header if statement.suffix else statement
            continue
        after = statements[place + 1] if place + 1 < len(statements) else None
        suffix = after if isinstance(after, s.Range) and after.suffix else None
        under = header if header is not None and _carry(statement, header.index) else None
        if isinstance(statement, s.Declaration):
            spans = [one for one in (*statements[place:], *statements) if isinstance(one, s.Range)]
            yield statement, suffix or under or next((one for one in spans if _carry(statement, one.index)), None)
        else:
            header = under
            yield statement, suffix or under


def _carry(statement: s.Equation | s.Declaration, letter: str) -> bool:
    names = statement.names if isinstance(statement, s.Declaration) else (statement.left,)
    return any(mentions(name, letter) for name in names)


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
