"""Subscripts in a text: entries and parts of arrays, `x_i`, `z_y`, `A_{i, j+1}`, `x_{2:5}`."""

from __future__ import annotations

from collections.abc import Sequence

from gradiens.equations.meaning import agreement as a
from gradiens.equations.meaning.indexing import flat_items, reduced
from gradiens.equations.meaning.scope import Scope
from gradiens.equations.meaning.sizes import Size, unknown
from gradiens.equations.meaning.terms import Ground, Index, Term, operation, placed
from gradiens.equations.text import syntax as s
from gradiens.equations.tree.expression import Expr
from gradiens.equations.tree.operations import apply


def subscript(scope: Scope, expr: s.Sub, key: str | None) -> Term:
    """`x_i`, `z_y`, `x_{2:5}`: an entry or a part of what stands before; else the name of something new."""
    from gradiens.equations.meaning.reading import loose

    items = flat_items(expr.items)
    base_key = scope.key(expr.base)
    indices = [scope.index(item.text) for item in items if isinstance(item, s.Name) and scope.index(item.text)]
    timed = isinstance(expr.base, s.Mark) and expr.base.kind == "time"
    known = base_key is None or timed or scope.knows(base_key)
    parted = (indices and len(indices) == len(items)) or any(isinstance(item, s.Slice) for item in items)
    if (not known or base_key in scope.fresh) and not parted:  # W_1 beside W: another parameter
        if key is None:
            scope.fail(expr.at, "a name or an array before the subscript", scope.text[expr.at.start : expr.at.stop])
        return scope.new(key, expr.at)
    base = loose(scope, expr.base) if known else scope.new(base_key or "", expr.base.at)
    if not base.settled:
        scope.settle(base, len(items) if indices else 1)
    return part_of(scope, base, items, expr.at)


def part_of(scope: Scope, base: Term, items: Sequence[s.Syntax], at: s.Place) -> Term:
    """The part of an array at these positions: letters name axes, then spans are cut, then positions are picked."""
    if len(items) > len(base.shape):
        scope.fail(
            at, f"at most {len(base.shape)} positions", f"{len(items)}", f"it has the shape {a.said(base.shape)}"
        )
    first = len(base.index)
    letters: list[tuple[int, Index]] = []
    spans: list[tuple[int, s.Slice]] = []
    picks: list[tuple[int, s.Syntax]] = []
    for axis, item in enumerate(items, start=first):
        index = scope.index(item.text) if isinstance(item, s.Name) else None
        if index is not None:
            letters.append((axis, index))
        elif isinstance(item, s.Slice):
            spans += [(axis, item)] if item.start or item.stop or item.step else []
        elif not (isinstance(item, s.Name) and item.text in ("·", ":")):
            picks.append((axis, item))
    base = _sliced(scope, base, spans, at) if spans else base
    for axis, index in letters:
        scope.equal(base.total[axis], index.size, at, f"the range of the index {index.name}")
    if len(letters) == 2 == len(base.shape) and letters[0][1] is letters[1][1]:  # A_ii
        diagonal = operation("diag", [base], base.shape[:1], base.kind, at)
        return _lettered(scope, diagonal, [(0, letters[0][1])], at)
    found = _lettered(scope, base, letters, at)
    taken = [axis for axis, _ in letters]
    for done, (axis, item) in enumerate(picks):
        before = sum(other < axis for other in taken) + done
        found = _picked(scope, found, len(found.index) + axis - first - before, item)
    return found


def _lettered(scope: Scope, base: Term, letters: list[tuple[int, Index]], at: s.Place) -> Term:
    """The axes at these places get names."""
    if not letters:
        return placed(base, at)
    named = [index for _, index in letters]
    if len(set(named)) < len(named) or set(named) & set(base.index):
        scope.fail(at, "different letters for the axes of one array", "a letter twice", "write Σ_j 𝟏[i = j] A_ij")
    places = [axis for axis, _ in letters]
    own = [*range(len(base.index)), *places]
    order = (*own, *(axis for axis in range(len(base.total)) if axis not in own))
    shape = tuple(base.total[axis] for axis in order[len(own) :])

    def make(ground: Ground) -> Expr:
        expr = ground(base)
        return expr if order == tuple(range(len(order))) else apply("transpose", expr, axes=order)

    return Term(shape, base.kind, make, at, (*base.index, *named))


def _picked(scope: Scope, base: Term, axis: int, item: s.Syntax) -> Term:
    """The entries at one position of an axis."""
    from gradiens.equations.meaning.reading import loose

    count = len(base.index)
    at = scope.kind(scope.settle(loose(scope, item), 0), "integer")
    if at.index:
        return _looked_up(scope, base, axis, at)
    shape = (*base.shape[: axis - count], *base.shape[axis - count + 1 :])

    def make(ground: Ground) -> Expr:
        expr, position = ground(base), ground(at)
        if axis:
            order = (axis, *(other for other in range(len(expr.shape)) if other != axis))
            expr = apply("transpose", expr, axes=order)
        return apply("index", expr, position)

    return Term(shape, base.kind, make, item.at, base.index)


def _looked_up(scope: Scope, base: Term, axis: int, at: Term) -> Term:
    """`X_{i y_i}`, `E_{c_i}`: a position of its own for each index; in general a sum over unit vectors."""
    if at.index == base.index and len(at.index) == 1 and len(base.shape) == 1:
        return Term((), base.kind, lambda ground: apply("pick", ground(base), ground(at)), at.at, base.index)
    if len(at.index) == 1 and not base.index and axis == 0:
        return Term(base.shape[1:], base.kind, lambda ground: apply("rows", ground(base), ground(at)), at.at, at.index)
    size = base.total[axis]
    letter = Index("·", size)
    place = Term((), "integer", lambda ground: apply("iota", shape=ground.shape([size]), axis=0), at.at, (letter,))
    hit = a.entries(scope, "indicator", [a.entries(scope, "eq", [place, at], at.at, "the position")], at.at, "", "real")
    named = _lettered(scope, base, [(axis, letter)], at.at)
    return reduced(scope, "sum", a.entries(scope, "mul", [hit, named], at.at, "the position"), [letter], at.at)


def _sliced(scope: Scope, base: Term, spans: Sequence[tuple[int, s.Slice]], at: s.Place) -> Term:
    """The part of an array within spans of positions along some axes."""
    total, ends = list(base.total), {}
    for axis, item in spans:
        start = scope.size(item.start) if item.start is not None else Size(0)
        stop = scope.size(item.stop) if item.stop is not None else total[axis]
        step = scope.whole(item.step) if item.step is not None else 1
        if start is None or stop is None or not step:
            scope.fail(item.at, "a slice start:stop", scope.text[item.at.start : item.at.stop], "write x_{2:5}")
        ends[axis] = start, stop, step
        total[axis] = stop - start
        if step != 1:
            length = lambda start, stop, step=step: len(range(start, stop, step))  # noqa: E731
            total[axis] = scope.sizes.later(unknown("", "a slice"), (start, stop), length)

    def make(ground: Ground) -> Expr:
        expr = ground(base)
        begin, end, steps = [0] * len(expr.shape), list(expr.shape), [1] * len(expr.shape)
        for axis, (start, stop, step) in ends.items():
            begin[axis], end[axis], steps[axis] = start.known or 0, min(stop.known or 0, expr.shape[axis]), step
        return apply("slice", expr, start=tuple(begin), stop=tuple(end), step=tuple(steps))

    return Term(tuple(total[len(base.index) :]), base.kind, make, at, base.index)
