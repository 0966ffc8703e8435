"""Recurrences in a text: `h⟨t⟩ = tanh(W h⟨t-1⟩ + U x⟨t⟩ + b), t = 1..T` becomes one loop of the tree.

x⟨t⟩ is row t of the sequence x. A name that the steps define is carried if they use its value of the step before; it starts
where `h⟨0⟩ = …` says, or at zero. After the loop `h⟨T⟩` is its last value and `h` the sequence of all.
"""

from __future__ import annotations

from gradiens.equations.meaning import agreement as a
from gradiens.equations.meaning.looping import Loop, final, picked, shifted, stacked, start_of, start_value
from gradiens.equations.meaning.rewriting import shift_of
from gradiens.equations.meaning.scope import Scope
from gradiens.equations.meaning.sizes import Size
from gradiens.equations.meaning.terms import Meant, Term, of_meant, placed, reshaped
from gradiens.equations.text import syntax as s
from gradiens.equations.tree.expression import Kind


def read_loop(scope: Scope, loop: Loop) -> None:
    """Read the steps; what they define can be used afterwards."""
    if loop.done:
        return
    loop.done = True
    _length(scope, loop)
    outside = dict(scope.times)
    scope.times[loop.letter] = loop
    try:
        _steps(scope, loop)
        counted = frozenset(name for name in loop.whole if loop.values[name].kind == "integer")
        if counted != loop.whole:  # a start written 0 does not make a whole number
            loop.whole = counted
            for found in (loop.values, loop.carried, loop.sequences):
                found.clear()
            _steps(scope, loop)
    finally:
        scope.times = outside
    for name in loop.carried:
        _same(scope, loop, name)


def _steps(scope: Scope, loop: Loop) -> None:
    from gradiens.equations.meaning.reading import read

    for name in loop.equations:
        value(scope, loop, name, loop.equations[name].at)
    if loop.range is not None and loop.range.condition is not None:
        loop.condition = read(scope, loop.range.condition)


def _length(scope: Scope, loop: Loop) -> None:
    span = loop.range
    if span is None or span.last is None:
        return
    ends = [scope.size(end) for end in (span.first, span.last)]
    if ends[0] is None or ends[1] is None:
        scope.fail(span.at, "a range like t = 1..T", scope.text[span.at.start : span.at.stop])
    low, high = reversed(ends) if loop.backward else ends
    assert low is not None and high is not None
    scope.equal(high - low + 1, loop.length, span.at, f"the range of {loop.letter}")


def value(scope: Scope, loop: Loop, name: str, at: s.Place) -> Term:
    """The value of `name` in the step that is read."""
    from gradiens.equations.meaning.reading import read

    if name not in loop.values:
        if name in loop.reading:
            told = " → ".join(f"{one}⟨{loop.letter}⟩" for one in [*loop.reading, name])
            scope.fail(at, "a step that goes back in time", told, f"write {name}⟨{loop.letter}-1⟩")
        loop.reading.append(name)
        found = read(scope, loop.equations[name].right)
        loop.values[name] = reshaped(found, found.shape, False) if found.row else found
        loop.reading.pop()
    return placed(loop.values[name], at)


def before(scope: Scope, loop: Loop, name: str, at: s.Place) -> Term:
    """The value of `name` in the step before."""
    if name not in loop.carried:
        start = start_of(scope, loop, name)
        counted = (
            start is not None
            and isinstance(start.value, int)
            and start.scalar
            and (not loop.values or name in loop.whole)
        )
        known = start is not None and start.value is None
        mark = f"{name}⟨{loop.letter}{'+' if loop.backward else '-'}1⟩"
        declared = scope.meant.get(name)
        shape = start.shape if known and start is not None else declared.shape if declared else None
        kind: Kind = start.kind if known and start is not None else "integer" if counted else "real"
        if counted and not scope.model:
            shape = ()
            loop.whole |= {name}
        elif counted:
            kind = "real"
        loop.carried[name] = of_meant(Meant(mark if shape is not None else name, "state", shape, kind, at), at)
    return placed(loop.carried[name], at)


def row_of(scope: Scope, loop: Loop, base: s.Syntax, key: str, at: s.Place) -> Term:
    """Row t of a sequence."""
    if key not in loop.sequences:
        whole = scope.use(key, at) if scope.knows(key) else scope.new(key, at)
        if not whole.settled:
            scope.settle(whole, 2)
        if whole.scalar:
            scope.fail(
                at, f"a sequence {key}, whose rows are {key}⟨{loop.letter}⟩", "a number", f"declare {key} ∈ ℝ^(T×n)"
            )
        scope.equal(whole.shape[0], loop.length, at, f"the steps of {key}⟨{loop.letter}⟩")
        row = of_meant(Meant(f"{key}⟨{loop.letter}⟩", "input", whole.shape[1:], whole.kind, at), at)
        loop.sequences[key] = row, whole
    return placed(loop.sequences[key][0], at)


def at_time(scope: Scope, expr: s.Mark) -> Term | None:
    """`h⟨t⟩`, `h⟨t-1⟩`, `x⟨t⟩` in a step; `h⟨T⟩`, `h⟨0⟩` outside; None if the name has no times."""
    key = scope.key(expr.base)
    if expr.index is None:
        return None
    if isinstance(expr.base, s.Sub) and (key is None or not (scope.knows(key) or key in scope.loops)):
        return _entry(scope, expr, expr.base)
    if key is None:
        return None
    for letter, reading in scope.times.items():
        shift = shift_of(expr.index, letter)
        if shift is not None:
            return _in_step(scope, reading, expr, key, shift)
    loop = scope.loops.get(key)
    return _row(scope, expr, key) if loop is None else _of_finished(scope, loop, expr, key)


def _entry(scope: Scope, expr: s.Mark, sub: s.Sub) -> Term | None:
    """`a_{:5}⟨t⟩`, `y_1⟨t⟩`: a part of the value at that time."""
    from gradiens.equations.meaning.reading import read

    inner = scope.key(sub.base)
    if inner is None or not (scope.knows(inner) or inner in scope.loops):
        return None
    return read(scope, s.Sub(expr.at, s.Mark(expr.at, sub.base, "time", expr.index), sub.items, sub.text))


def _in_step(scope: Scope, loop: Loop, expr: s.Mark, key: str, shift: int) -> Term:
    back = 1 if loop.backward else -1
    if key not in loop.equations:
        other = scope.loops.get(key)
        if shift and other is not None and shift == (1 if other.backward else -1):
            return _before_of(scope, loop, other, expr, key)
        if shift:
            do = f"only what the steps define has an earlier value; write {key}⟨{loop.letter}⟩"
            scope.fail(expr.at, f"row {loop.letter} of {key}", f"{key}⟨{loop.letter}{shift:+d}⟩", do)
        return row_of(scope, loop, expr.base, key, expr.at)
    if shift == 0:
        return value(scope, loop, key, expr.at)
    if shift == back:
        return before(scope, loop, key, expr.at)
    scope.fail(expr.at, f"{key}⟨{loop.letter}⟩ or {key}⟨{loop.letter}{back:+d}⟩", f"{key}⟨{loop.letter}{shift:+d}⟩")


def _before_of(scope: Scope, loop: Loop, other: Loop, expr: s.Mark, key: str) -> Term:
    """h⟨t-1⟩ in the steps of another loop than that of h, as back-propagation has it."""
    read_loop(scope, other)
    name = f"{key}⟨{loop.letter}{'+' if other.backward else '-'}1⟩"
    if key not in other.carried:
        scope.fail(expr.at, f"a name that has a value before its first step, {key}⟨0⟩ = …", name)
    if name not in loop.sequences:
        scope.equal(other.length, loop.length, expr.at, f"the steps of {name}")
        whole = shifted(scope, other, key)
        loop.sequences[name] = of_meant(Meant(name, "input", whole.shape[1:], whole.kind, expr.at), expr.at), whole
    return placed(loop.sequences[name][0], expr.at)


def _of_finished(scope: Scope, loop: Loop, expr: s.Mark, key: str) -> Term:
    """A value of a loop at one time."""
    read_loop(scope, loop)
    assert expr.index is not None
    if scope.times.get(loop.letter) is loop or key not in loop.values:
        scope.fail(expr.at, f"{key} at a time of its steps", "a time outside of them", f"write {key}⟨{loop.letter}⟩")
    size = scope.size(expr.index)
    first, last = Size(1), loop.length
    end, origin = (first, last + 1) if loop.backward else (last, Size(0))
    if isinstance(expr.index, s.Num) and expr.index.value == float("inf"):
        return placed(final(scope, loop, key), expr.at)
    if size is None:
        scope.fail(expr.at, f"a time of {key}", scope.text[expr.at.start : expr.at.stop], f"write {key}⟨T⟩")
    if _equal(size, origin):
        start = start_value(scope, loop, key)
        return placed(start, expr.at)
    if _equal(size, end) or (size.known is None and isinstance(expr.index, s.Name)):
        if size.known is None:
            scope.equal(size, end, expr.at, f"the last step of {key}")
        return placed(final(scope, loop, key), expr.at)
    return picked(stacked(scope, loop, key), size - 1, expr.at)


def _equal(one: Size, other: Size) -> bool:
    gap = one.solved() - other.solved()
    return not gap.terms and gap.constant == 0


def _row(scope: Scope, expr: s.Mark, key: str) -> Term | None:
    """x⟨3⟩ of a sequence that is given."""
    size = scope.size(expr.index) if expr.index is not None else None
    whole_key = scope.key(expr)
    if size is None or not scope.knows(key) or (whole_key is not None and whole_key in {*scope.defined, *scope.meant}):
        return None
    whole = scope.settle(scope.use(key, expr.at), 2)
    if size.known is None:
        scope.equal(size, whole.shape[0], expr.at, f"the last row of {key}")
    return picked(whole, size - 1, expr.at)


def _same(scope: Scope, loop: Loop, name: str) -> None:
    """What is carried keeps its shape from step to step."""
    old, new = loop.carried[name], loop.values[name]
    scope.settle(old, len(new.shape))
    if old.meant is not None:
        old.meant.name = f"{name}⟨{loop.letter}{'+' if loop.backward else '-'}1⟩"
    at, rule = loop.equations[name].at, f"the steps of {name}"
    if len(old.shape) != len(new.shape):
        if a.unit(new) or a.unit(old):
            loop.values[name] = reshaped(new, old.shape)
            return
        scope.fail(at, f"a value of the shape of {name} before the step, {a.said(old.shape)}", a.said(new.shape))
    for one, other in zip(old.shape, new.shape):
        scope.equal(one, other, at, rule)
