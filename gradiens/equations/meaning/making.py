"""Arrays written out: ones, I, unit vectors, brackets, cases."""

from __future__ import annotations

from gradiens.equations.meaning import agreement as a
from gradiens.equations.meaning.scope import Scope
from gradiens.equations.meaning.sizes import Size, unknown
from gradiens.equations.meaning.terms import Shape, Term, entrywise, operation, reshaped
from gradiens.equations.text import syntax as s
from gradiens.equations.tree.expression import number
from gradiens.equations.tree.operations import apply


def identity(at: s.Place) -> Term:
    """I, as large as its place asks for."""
    size = unknown("", "rows of I")
    return Term((size, size), "real", lambda ground: apply("identity", size=ground.shape([size])[0]), at)


def ones(scope: Scope, at: s.Place, shape: Shape | None = None, value: float = 1.0) -> Term:
    """An array of ones (of zeros), of a given shape or as large as its place asks for."""
    full = shape if shape is not None else (unknown("", "entries of 𝟏"),)
    make = lambda ground: apply("fill", number(value), shape=ground.shape(full))  # noqa: E731
    return Term(full, "real", make, at, wild=value == 1 and len(full) == 1)


def unit_vector(scope: Scope, expr: s.Sub) -> Term:
    """e_y: as long as its place asks for."""
    from gradiens.equations.meaning.reading import loose

    at = scope.kind(scope.settle(loose(scope, expr.items[0]), 0), "integer")
    size = unknown("", f"entries of e_{expr.text}")
    return Term(
        (size,), "real", lambda ground: apply("one_hot", ground(at), size=ground.shape([size])[0]), expr.at, at.index
    )


def bracket(scope: Scope, expr: s.Bracket) -> Term:
    """[a; b] end to end, [A, B] side by side; numbers make vectors."""
    from gradiens.equations.meaning.reading import read

    rows = [_beside(scope, [read(scope, item) for item in row], expr.at) for row in expr.rows]
    if len(rows) == 1:
        return rows[0]
    rows = [reshaped(row, (Size(1), *row.shape)) if row.row and len(row.shape) == 1 else row for row in rows]
    rows = [_as_vector(row) if row.scalar else row for row in rows]
    return join(scope, rows, 0, expr.at)


def _beside(scope: Scope, items: list[Term], at: s.Place) -> Term:
    if len(items) == 1:
        return items[0]
    if all(item.scalar for item in items):
        found = join(scope, [_as_vector(item) for item in items], 0, at)
        found.row = True
        return found
    if all(len(item.shape) == 1 and not item.row for item in items):  # columns side by side
        items = [reshaped(item, (item.shape[0], Size(1))) for item in items]
    if any(len(item.shape) == 2 for item in items):  # a vector beside a matrix is a column
        items = [reshaped(item, (item.shape[0], Size(1))) if len(item.shape) == 1 else item for item in items]
    return join(scope, items, len(items[0].shape) - 1, at)


def _as_vector(term: Term) -> Term:
    return reshaped(a.as_real(term), (Size(1),))


def join(scope: Scope, items: list[Term], axis: int, at: s.Place) -> Term:
    """Arrays put together along one axis: their sizes add up there and agree elsewhere."""
    first = max((item.shape for item in items), key=len)
    if len(first) <= axis:
        scope.fail(at, "vectors or matrices in brackets", "a number beside them", "write [a; b] for numbers")
    total = Size(0)
    for item in items:
        if len(item.shape) != len(first):
            scope.fail(at, "parts of one rank", f"{a.said(first)} and {a.said(item.shape)}")
        for place, (one, other) in enumerate(zip(first, item.shape)):
            if place != axis:
                scope.equal(one, other, at, "the parts of the brackets")
        total = total + item.shape[axis]
    shape = (*first[:axis], total, *first[axis + 1 :])
    rows = any(item.row for item in items)
    made = operation("join", items, shape, a.widest(items), at, axis=axis)
    made.row = rows
    return made


def condition_of(scope: Scope, expr: s.Syntax) -> Term:
    """A part that must be true or false."""
    from gradiens.equations.meaning.reading import read

    return scope.kind(read(scope, expr), "truth")


def cases(scope: Scope, expr: s.Cases) -> Term:
    """The first value whose condition holds."""
    from gradiens.equations.meaning.reading import read

    *rows, (last, always) = expr.rows
    if always is not None:
        scope.fail(expr.at, "a last case `otherwise`", "a condition", "write {a if c; b otherwise}")
    result = read(scope, last)
    for value, condition in reversed(rows):
        assert condition is not None
        when, yes = condition_of(scope, condition), read(scope, value)
        (when, yes, result), shape = a.agree(scope, [when, yes, result], expr.at, "the cases")
        if a.widest([yes, result]) == "real":
            yes, result = a.as_real(yes), a.as_real(result)
        result = entrywise("where", [when, yes, result], shape, a.widest([yes, result]), expr.at)
    return result
