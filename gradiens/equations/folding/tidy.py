"""Loops without what they do not need: values nobody uses, counters, carries that never change, and sums over the steps.

JAX keeps for the way back whatever a derivative needs. Here such a residual is computed from what the loop is about:
1 - h⟨t⟩² from h⟨t⟩. Each change is verified as the rules are: both loops are run on random values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gradiens.equations.tree.expression import (
    Apply,
    Expr,
    Number,
    Symbol,
    is_number,
    is_op,
    number,
    substitute,
    symbol,
    walk,
    with_args,
)
from gradiens.equations.tree.operations import apply
from gradiens.equations.tree.recurrence import Recurrence, depends, values_of
from gradiens.equations.tree.verify import agree

Values = dict[int, Expr]  # what each used value of a loop is now
Change = Callable[["Loop", set[int]], "Values | None"]
_LONG = 64  # steps: a longer loop is not run for a proof


@dataclass(frozen=True)
class Loop:
    """A program and its operands, in parts."""

    program: Recurrence
    starts: tuple[Expr, ...]
    sequences: tuple[Expr, ...]
    constants: tuple[Expr, ...]

    @staticmethod
    def of(node: Apply) -> Loop:
        """The loop of one of its values."""
        program: Recurrence = node.param("program")
        return Loop(program, *(tuple(part) for part in program.parts(node.operands)))

    @property
    def values(self) -> list[Expr]:
        """Its values: what is carried out of the last step, then the stacked outputs."""
        return list(values_of(self.program, [*self.starts, *self.sequences, *self.constants]))

    def replaced(self, stands: dict[Expr, Expr]) -> Loop:
        """The loop with trees put in the place of symbols in its steps."""
        return replace(self, program=self.program.mapped(lambda trees: [substitute(tree, stands) for tree in trees]))

    def kept(self, carries: Sequence[int], slices: Sequence[int], constants: Sequence[int], out: Sequence[int]) -> Loop:
        """Only the parts at these places."""
        p = self.program
        made = replace(
            p,
            carries=tuple(p.carries[k] for k in carries),
            after=tuple(p.after[k] for k in carries),
            slices=tuple(p.slices[k] for k in slices),
            constants=tuple(p.constants[k] for k in constants),
            out=tuple(p.out[k] for k in out),
        )
        parts = ((self.starts, carries), (self.sequences, slices), (self.constants, constants))
        return Loop(made, *(tuple(part[k] for k in places) for part, places in parts))


def tidied(roots: Sequence[Expr], folded: bool = True) -> list[Expr]:
    """The roots with simpler loops; other trees stay as they are. What is summed is seen when the steps are `folded`."""
    done = list(roots)
    for _ in range(8):
        before = done
        for change in (_still, _counted, _passed, *([_summed] if folded else []), _pruned):
            done = _changed(done, change)
        if done == before:
            break
    return done


def _changed(roots: list[Expr], change: Change) -> list[Expr]:
    """The roots with `change` applied to every loop; a change that does not stand the test is not made."""
    used: dict[tuple[Recurrence, tuple[Expr, ...]], set[int]] = {}
    for expr in walk(*roots):
        if isinstance(expr, Apply) and expr.op == "recurrence":
            used.setdefault((expr.param("program"), expr.operands), set()).add(expr.param("item"))
    if not used:
        return roots
    memo: dict[Expr, Expr] = {}
    found: dict[tuple[Recurrence, tuple[Expr, ...]], Values] = {}
    for expr in walk(*roots):
        new = with_args(expr, tuple(memo[arg] for arg in expr.args))
        if isinstance(expr, Apply) and isinstance(new, Apply) and expr.op == "recurrence":
            key = expr.param("program"), expr.operands
            if key not in found:
                found[key] = _proved(Loop.of(new), used[key], change)
            new = found[key].get(expr.param("item"), new)
        memo[expr] = new
    return [memo[root] for root in roots]


def _proved(loop: Loop, used: set[int], change: Change) -> Values:
    inside = loop.program.mapped(lambda trees: _changed(list(trees), change))
    loop = replace(loop, program=inside)
    values = change(loop, used)
    if values is None:
        return {item: loop.values[item] for item in used}
    if loop.program.length is not None and loop.program.length <= _LONG:
        free = [expr for expr in (*loop.starts, *loop.sequences, *loop.constants) if not _plain(expr)]
        for item, new in values.items():
            if not agree(f"loops: {change.__name__}", loop.values[item], new, free):
                return {item: loop.values[item] for item in used}
    return values


def _still(loop: Loop, used: set[int]) -> Values | None:
    """What does not change from step to step is a constant; a constant that is a number is written in the steps."""
    p = loop.program
    fixed = [k for k, (one, new) in enumerate(zip(p.carries, p.after)) if new is one]
    moving = [k for k in range(len(p.carries)) if k not in fixed]
    stands: dict[Expr, Expr] = {}
    for one, value in [*zip(p.constants, loop.constants), *((p.carries[k], loop.starts[k]) for k in fixed)]:
        if _plain(value):
            stands[one] = value
    held: dict[Expr, Symbol] = {}
    for one, sequence in zip(p.slices, loop.sequences):
        if is_op(sequence, "fill") and isinstance(sequence.args[0], Number):
            stands[one] = apply("fill", sequence.args[0], shape=one.shape) if one.shape else sequence.args[0]
        elif sequence in held:
            stands[one] = held[sequence]
        held.setdefault(sequence, one)
    if not stands and not fixed:
        return None
    new = Loop(
        replace(p, carries=tuple(p.carries[k] for k in moving), after=tuple(p.after[k] for k in moving),
                constants=(*p.constants, *(p.carries[k] for k in fixed))),
        tuple(loop.starts[k] for k in moving), loop.sequences, (*loop.constants, *(loop.starts[k] for k in fixed)),
    ).replaced(stands)  # fmt: skip
    place = {old: count for count, old in enumerate([*moving, *range(len(p.carries), len(loop.values))])}
    values = new.values
    return {item: loop.starts[item] if item in fixed else values[place[item]] for item in used}


def _plain(expr: Expr) -> bool:
    return isinstance(expr, Number) or (is_op(expr, "fill", "iota") and all(isinstance(a, Number) for a in expr.args))


def _counted(loop: Loop, used: set[int]) -> Values | None:
    """A carry that counts the steps is a sequence 0, 1, …; an array read at the count is a sequence too."""
    p = loop.program
    if p.length is None:
        return None
    for k, (one, new) in enumerate(zip(p.carries, p.after)):
        start = loop.starts[k]
        one_more = is_op(new, "add") and set(new.args) == {one, number(1)}
        if one_more and isinstance(start, Number) and isinstance(start.value, int):
            return _without_counter(loop, used, k, start.value)
    return _rows_at_count(loop, used)


def _without_counter(loop: Loop, used: set[int], k: int, start: int) -> Values:
    p, length = loop.program, loop.program.length or 0
    steps = apply("iota", shape=(length,), axis=0)
    row = symbol(p.carries[k].name.partition("⟨")[0] + "⟨t⟩", (), "integer", "state")
    count: Expr = row
    if p.backward:
        count = apply("sub", length - 1, count)
    if start:
        count = apply("add", count, start)
    others = [place for place in range(len(p.carries)) if place != k]
    shorter = loop.kept(others, range(len(p.slices)), range(len(p.constants)), range(len(p.out)))
    made = replace(shorter.program, slices=(*p.slices, row))
    new = replace(shorter, program=made, sequences=(*loop.sequences, steps)).replaced({p.carries[k]: count})
    values = new.values
    return {item: number(start + length) if item == k else values[item - (item > k)] for item in used}


def _rows_at_count(loop: Loop, used: set[int]) -> Values | None:
    p = loop.program
    counters = {one for one, sequence in zip(p.slices, loop.sequences) if is_op(sequence, "iota")}
    whole = {one: value for one, value in zip(p.constants, loop.constants) if one.shape[:1] == (p.length,)}
    for expr in walk(*p.roots):
        if is_op(expr, "index") and len(expr.args) == 2 and expr.args[1] in counters and expr.args[0] in whole:
            array = expr.args[0]
            assert isinstance(array, Symbol)
            row = symbol(f"{array.name}⟨t⟩", expr.shape, expr.kind, "state")
            new = replace(loop, program=replace(p, slices=(*p.slices, row)), sequences=(*loop.sequences, whole[array]))
            values = new.replaced({expr: row}).values
            return {item: values[item] for item in used}
    return None


def _passed(loop: Loop, used: set[int]) -> Values | None:
    """An output that is a row of a sequence is that sequence."""
    p = loop.program
    count = len(p.carries)
    found = {item: _sequence_of(loop, p.out[item - count]) for item in used if item >= count}
    if not any(found.values()):
        return None
    return {item: found.get(item) or loop.values[item] for item in used}


def _summed(loop: Loop, used: set[int]) -> Values | None:
    """What is only added up, from 0, is a sum over the steps: Σ_t u⟨t⟩ v⟨t⟩ᵀ is the product uᵀ v of the sequences."""
    p = loop.program
    if p.length is None:
        return None
    for k, (one, new) in enumerate(zip(p.carries, p.after)):
        if not (is_op(new, "add") and one in new.args and _zero(loop.starts[k])):
            continue
        (term,) = [arg for arg in new.args if arg is not one] or [one]
        others = [tree for tree in (*p.after, *p.out) if tree is not new]
        if one in depends([term, *others], [one]) & set(walk(term, *others)):
            continue
        rest = [place for place in range(len(p.carries)) if place != k]
        shorter = loop.kept(rest, range(len(p.slices)), range(len(p.constants)), range(len(p.out)))
        factors = term.args if is_op(term, "outer") else (term,)
        more = replace(shorter, program=replace(shorter.program, out=(*p.out, *factors)))
        values = more.values
        stacked = [_sequence_of(more, factor) or value for factor, value in zip(factors, values[-len(factors) :])]
        found = {item: values[item - (item > k)] for item in used}
        return {**found, **({k: _total(stacked)} if k in used else {})}
    return None


def _zero(expr: Expr) -> bool:
    return is_number(expr.args[0] if is_op(expr, "fill") else expr, 0)


def _total(stacked: Sequence[Expr]) -> Expr:
    if len(stacked) == 2:
        return apply("matmul", apply("transpose", stacked[0], axes=(1, 0)), stacked[1])
    return apply("sum", stacked[0], axes=(0,) if len(stacked[0].shape) > 1 else None)


def _sequence_of(loop: Loop, row: Expr) -> Expr | None:
    """The sequence that `row` is a row of."""
    pairs = zip(loop.program.slices, loop.sequences)
    return next((sequence for one, sequence in pairs if one is row), None)


def _pruned(loop: Loop, used: set[int]) -> Values | None:
    """Only what is used, directly or by a later step; each output once; no symbol that stands for nothing."""
    p = loop.program
    count = len(p.carries)
    outs = list(dict.fromkeys(p.out[item - count] for item in sorted(used) if item >= count))
    needed = {item for item in used if item < count}
    while True:
        trees = [*outs, *(p.after[k] for k in needed), *(() if p.condition is None else (p.condition,))]
        names = set(walk(*trees))
        more = needed | {k for k, one in enumerate(p.carries) if one in names}
        if more == needed:
            break
        needed = more
    carries = sorted(needed)
    marks = tuple((name, expr) for name, expr in p.marks if expr in names)
    shorter = replace(loop, program=replace(p, out=tuple(outs), marks=marks))
    slices = [k for k, one in enumerate(p.slices) if one in names]
    constants = [k for k, one in enumerate(p.constants) if one in names]
    new = shorter.kept(carries, slices, constants, range(len(outs)))
    if new.program == p:
        return None
    values = new.values
    place = {k: at for at, k in enumerate(carries)}
    return {
        item: values[place[item] if item < count else len(carries) + outs.index(p.out[item - count])] for item in used
    }
