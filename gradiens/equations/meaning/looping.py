"""A loop of a text as a node of the tree: its starts, its steps, its last values and the sequences of all."""

from __future__ import annotations

from dataclasses import dataclass, field

from gradiens.equations.meaning.scope import Scope
from gradiens.equations.meaning.sizes import Size, unknown
from gradiens.equations.meaning.terms import Ground, Term, reshaped
from gradiens.equations.text import syntax as s
from gradiens.equations.tree.expression import Apply, Expr, Number, Symbol, number, substitute, symbol, walk
from gradiens.equations.tree.operations import apply
from gradiens.equations.tree.recurrence import Recurrence, apply_recurrence, depends


@dataclass(eq=False)
class Loop:
    """The equations of one range of times, and what was found reading them."""

    letter: str
    equations: dict[str, s.Equation]  # by the name on the left, without its time
    starts: dict[str, s.Equation]
    range: s.Range | None
    at: s.Place
    values: dict[str, Term] = field(default_factory=dict)  # what each name is in a step
    carried: dict[str, Term] = field(default_factory=dict)  # … and was in the step before
    sequences: dict[str, tuple[Term, Term]] = field(default_factory=dict)  # a row, and the whole
    reading: list[str] = field(default_factory=list)
    whole: frozenset[str] = frozenset()  # carried names that are whole numbers
    length: Size = field(default_factory=lambda: unknown("T", "the steps of a recurrence"))
    out: dict[str, None] = field(default_factory=dict)  # names whose whole sequence is used
    condition: Term | None = None
    done: bool = False

    @property
    def backward(self) -> bool:
        """Does t run down?"""
        return self.range is not None and self.range.last is not None and _written(self.range) == "down"

    @property
    def endless(self) -> bool:
        """Does a condition end it?"""
        return self.range is not None and self.range.condition is not None


def _written(span: s.Range) -> str:
    first, last = span.first, span.last
    if isinstance(first, s.Num) and isinstance(last, s.Num):
        return "down" if first.value > last.value else "up"
    return "down" if isinstance(last, s.Num) else "up"


def start_of(scope: Scope, loop: Loop, name: str) -> Term | None:
    """What `h⟨0⟩ = …` says."""
    from gradiens.equations.meaning.reading import read

    equation = loop.starts.get(name)
    if equation is None:
        return None
    inside, scope.times = scope.times, {}
    try:
        return read(scope, equation.right)
    finally:
        scope.times = inside


def picked(whole: Term, position: Size, at: s.Place) -> Term:
    """One row of a sequence."""

    def make(ground: Ground) -> Expr:
        return apply("index", ground(whole), number(position.known or 0))

    return Term(whole.shape[1:], whole.kind, make, at)


def start_value(scope: Scope, loop: Loop, key: str) -> Term:
    """The start of a carried name in its shape."""
    carried = loop.carried[key] if key in loop.carried else loop.values[key]
    start = start_of(scope, loop, key)
    level = 0.0 if carried.kind == "real" else 0
    if start is not None and start.shape and len(start.shape) == len(carried.shape):
        return start
    amount = start.value if start is not None and start.value is not None else level
    if start is not None and start.value is None:
        return reshaped(start, carried.shape)
    amount = float(amount) if carried.kind == "real" else amount
    shape = carried.shape
    make = lambda ground: apply("fill", number(amount), shape=ground.shape(shape)) if shape else number(amount)  # noqa: E731
    return Term(shape, carried.kind, make, loop.at)


def final(scope: Scope, loop: Loop, key: str) -> Term:
    """The last value of a name of the loop."""
    if key not in loop.carried:
        last = Size(1) if loop.backward else loop.length
        return picked(stacked(scope, loop, key), last - 1, loop.at)
    carried = list(loop.carried)
    found = loop.values[key]

    def make(ground: Ground) -> Expr:
        return _program(scope, loop, ground, carried.index(key))

    return Term(found.shape, found.kind, make, loop.at)


def stacked(scope: Scope, loop: Loop, key: str) -> Term:
    """All values of a name of the loop, as rows."""
    found = loop.values[key]
    loop.out.setdefault(key)

    def make(ground: Ground) -> Expr:
        return _program(scope, loop, ground, len(loop.carried) + list(loop.out).index(key))

    return Term((loop.length, *found.shape), found.kind, make, loop.at)


def shifted(scope: Scope, loop: Loop, key: str) -> Term:
    """All values of a carried name one step before, as rows: its start, then all but the last."""
    rows, start = stacked(scope, loop, key), start_value(scope, loop, key)

    def make(ground: Ground) -> Expr:
        values = ground(rows)
        first = apply("reshape", _as(ground(start), ground(loop.carried[key])), shape=(1, *values.shape[1:]))
        count = values.shape[0]
        begin, end = (1, count) if loop.backward else (0, count - 1)
        full = {"start": (begin, *(0 for _ in values.shape[1:])), "stop": (end, *values.shape[1:])}
        others = apply("slice", values, **full, step=(1,) * len(values.shape))
        return apply("join", *((others, first) if loop.backward else (first, others)), axis=0) if count > 1 else first

    return Term(rows.shape, rows.kind, make, rows.at)


def _program(scope: Scope, loop: Loop, ground: Ground, item: int) -> Expr:
    """The loop as a node of the tree."""
    names, out = list(loop.carried), list(loop.out)
    carries = [_bound(ground, loop.carried[name]) for name in names]
    rows = [(_bound(ground, row), ground(whole)) for row, whole in loop.sequences.values()]
    after = [_as(ground(loop.values[name]), carry) for name, carry in zip(names, carries)]
    condition = None if loop.condition is None else ground(loop.condition)
    named = loop.values if scope.model else {}
    parts = [ground(term) for term in named.values()]
    roots = [*after, *(ground(loop.values[name]) for name in out), *([] if condition is None else [condition]), *parts]
    moving = depends(roots, [*carries, *(row for row, _ in rows)])
    fixed = _fixed(roots, moving)
    replaced: dict[Expr, Expr] = {
        expr: symbol(expr.name if isinstance(expr, Symbol) else f"·{place}", expr.shape, expr.kind, "constant")
        for place, expr in enumerate(fixed)
    }
    roots = [substitute(root, replaced) for root in roots]
    count = len(after)
    program = Recurrence(
        tuple(carries),
        tuple(row for row, _ in rows),
        tuple(one for one in replaced.values() if isinstance(one, Symbol)),
        tuple(roots[:count]),
        tuple(roots[count : count + len(out)]),
        None if loop.endless else ground.shape([loop.length])[0],
        loop.backward,
        None if condition is None else roots[-1 - len(parts)],
        tuple((name, root) for name, root in zip(named, roots[len(roots) - len(parts) :]) if isinstance(root, Apply)),
    )
    starts = [_as(ground(start_value(scope, loop, name)), carry) for name, carry in zip(names, carries)]
    return apply_recurrence(program, starts, [whole for _, whole in rows], fixed, item)


def _bound(ground: Ground, term: Term) -> Symbol:
    found = ground(term)
    assert isinstance(found, Symbol)
    return found


def _as(expr: Expr, like: Expr) -> Expr:
    """In the shape and kind of what is carried."""
    if expr.shape != like.shape:
        expr = apply("reshape", expr, shape=like.shape) if expr.shape else apply("fill", expr, shape=like.shape)
    if like.kind == "real" and isinstance(expr, Number) and isinstance(expr.value, int):
        return number(float(expr.value))
    return expr


def _fixed(roots: list[Expr], moving: set[Expr]) -> list[Expr]:
    """What the steps use and do not change."""
    found: dict[Expr, None] = {}
    for expr in walk(*roots):
        inside = expr in moving
        for arg in expr.args if inside else ():
            if arg not in moving and not isinstance(arg, Number):
                found.setdefault(arg)
    for root in roots:
        if root not in moving and not isinstance(root, Number):
            found.setdefault(root)
    return list(found)
