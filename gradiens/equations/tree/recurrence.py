"""Recurrences: a loop as one node. h⟨t⟩ = f(h⟨t-1⟩, x⟨t⟩), y⟨t⟩ = g(h⟨t-1⟩, x⟨t⟩), for t = 1, …, T, or while a condition holds.

The steps are trees over bound symbols: what is carried (`h⟨t-1⟩`; `h⟨t+1⟩` when t runs backwards), the rows of the
sequences (`x⟨t⟩`), and constants. The node's operands are what these stand for, in this order. A loop has several values,
`item` says which is meant: the k-th is what is carried out of the last step, then come the outputs stacked by t.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jax.ad_checkpoint import checkpoint_name

from gradiens.equations.boxes.notation import Digits, Sign, Word, listed, lowered, named, paren, row
from gradiens.equations.tree.expression import Apply, Expr, Kind, Shape, Symbol, is_op, walk
from gradiens.equations.tree.layout import ATOM, Drawn, Layout
from gradiens.equations.tree.operations import Env, apply, compute, enter


@dataclass(frozen=True)
class Recurrence:
    """The steps of a loop. `after` is what each carry becomes, `out` what each step puts out; `length` is T, or None where
    the loop goes on while `condition` holds. `marks` are parts that the program calls by name.
    """

    carries: tuple[Symbol, ...]
    slices: tuple[Symbol, ...]
    constants: tuple[Symbol, ...]
    after: tuple[Expr, ...]
    out: tuple[Expr, ...] = ()
    length: int | None = None
    backward: bool = False
    condition: Expr | None = None
    marks: tuple[tuple[str, Expr], ...] = ()

    @property
    def roots(self) -> tuple[Expr, ...]:
        """The trees that a step computes."""
        return (*self.after, *self.out, *(() if self.condition is None else (self.condition,)))

    @property
    def bound(self) -> tuple[Symbol, ...]:
        """The symbols that stand for the operands."""
        return (*self.carries, *self.slices, *self.constants)

    def symbols(self) -> list[Symbol]:
        """The symbols that a step uses, each once."""
        trees = walk(*self.roots, *(expr for _, expr in self.marks))
        return [expr for expr in trees if isinstance(expr, Symbol)]

    def parts(self, operands: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any], Sequence[Any]]:
        """The operands by their part: initial carries, sequences, constants."""
        first, second = len(self.carries), len(self.carries) + len(self.slices)
        return operands[:first], operands[first:second], operands[second:]

    def mapped(self, change: Callable[[Sequence[Expr]], Sequence[Expr]]) -> Recurrence:
        """The same loop with other trees for its steps."""
        called = [expr for _, expr in self.marks]
        new = list(change([*self.roots, *called]))
        count = len(self.after)
        marks = tuple((name, expr) for (name, _), expr in zip(self.marks, new[len(self.roots) :], strict=True))
        return replace(
            self,
            after=tuple(new[:count]),
            out=tuple(new[count : count + len(self.out)]),
            condition=None if self.condition is None else new[len(self.roots) - 1],
            marks=marks,
        )


def apply_recurrence(
    program: Recurrence, starts: Sequence[Expr], sequences: Sequence[Expr], constants: Sequence[Expr], item: int
) -> Apply:
    """One value of a loop: `item` < number of carries is the final carry, else an output stacked along a new first axis."""
    return apply("recurrence", *starts, *sequences, *constants, program=program, item=item)


def values_of(program: Recurrence, operands: Sequence[Expr]) -> list[Apply]:
    """All values of a loop."""
    count = len(program.carries) + len(program.out)
    return [apply("recurrence", *operands, program=program, item=item) for item in range(count)]


def everything(*roots: Expr) -> Iterator[Expr]:
    """Every node once, those of the steps of loops too."""
    seen: set[Expr] = set()
    stack = list(roots)
    while stack:
        for expr in walk(*stack):
            if expr not in seen:
                seen.add(expr)
                yield expr
        bodies = [expr.param("program").roots for expr in seen if isinstance(expr, Apply) and expr.op == "recurrence"]
        stack = [root for body in bodies for root in body if root not in seen]


def depends(roots: Sequence[Expr], on: Sequence[Expr]) -> set[Expr]:
    """The nodes below `roots` that are, or are made of, one of `on`."""
    found = set(on)
    for expr in walk(*roots):
        if any(arg in found for arg in expr.args):
            found.add(expr)
    return found


def _shape(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    program: Recurrence = params["program"]
    starts, sequences, _ = program.parts(args)
    if len(args) != len(program.bound) or len(program.after) != len(program.carries):
        raise ValueError(f"a loop over {len(program.bound)} symbols has {len(args)} operands")
    for one, start, new in zip(program.carries, starts, program.after):
        if not one.shape == start.shape == new.shape:
            raise ValueError(f"{one.name} of shape {one.shape} starts as {start.shape} and becomes {new.shape}")
    for one, sequence in zip(program.slices, sequences):
        if sequence.shape != (program.length, *one.shape):
            raise ValueError(f"{one.name} of shape {one.shape} is a row of {sequence.shape}, T = {program.length}")
    item = params["item"]
    if item < len(program.carries):
        return program.carries[item].shape, program.carries[item].kind
    made = program.out[item - len(program.carries)]
    return (program.length or 0, *made.shape), made.kind


@dataclass(frozen=True)
class _Step:
    """One step, ready to run: what does not change from step to step is computed already."""

    program: Recurrence
    xp: Any
    dtype: Any
    env: Env

    @staticmethod
    def of(program: Recurrence, xp: Any, fixed: Sequence[Any], dtype: Any) -> _Step:
        env: Env = dict(zip(program.constants, fixed, strict=True))
        moving = depends(program.roots, [*program.carries, *program.slices])
        still = [expr for expr in walk(*program.roots) if expr not in moving]
        return _Step(program, xp, dtype, compute(still, env, xp, dtype))

    def run(self, roots: Sequence[Expr], carries: Sequence[Any], rows: Sequence[Any]) -> list[Any]:
        env = {**self.env, **dict(zip(self.program.carries, carries)), **dict(zip(self.program.slices, rows))}
        for name, expr in self.program.marks if self.xp is not np else ():  # for whoever reads the program again
            env = compute(list(walk(expr)), env, self.xp, self.dtype)
            env[expr] = checkpoint_name(env[expr], name)
        env = compute(list(walk(*roots)), env, self.xp, self.dtype)
        return [env[root] for root in roots]


def _run(xp: Any, *args: Any, program: Recurrence) -> list[Any]:
    starts, sequences, fixed = program.parts(args)
    dtype = next((arg.dtype for arg in args if getattr(arg, "dtype", np.dtype(int)).kind in "fc"), None)
    step = _Step.of(program, xp, fixed, dtype)
    if xp is np:
        return _while(step, list(starts)) if program.length is None else _loop(step, list(starts), sequences)
    return _compiled(step, list(starts), list(sequences))


def _loop(step: _Step, carries: list[Any], sequences: Sequence[Any]) -> list[Any]:
    program, count = step.program, len(step.program.carries)
    made: list[list[Any]] = [[] for _ in program.out]
    times = range(program.length or 0)
    for t in reversed(times) if program.backward else times:
        found = step.run([*program.after, *program.out], carries, [sequence[t] for sequence in sequences])
        carries = found[:count]
        for rows, value in zip(made, found[count:]):
            rows.append(value)
    order = -1 if program.backward else 1
    stacked = [np.stack(rows[::order]) if rows else np.zeros((0, *e.shape)) for rows, e in zip(made, program.out)]
    return [*carries, *stacked]


def _while(step: _Step, carries: list[Any]) -> list[Any]:
    assert step.program.condition is not None
    while bool(step.run([step.program.condition], carries, ())[0]):
        carries = step.run(step.program.after, carries, ())
    return carries


def _compiled(step: _Step, starts: list[Any], sequences: list[Any]) -> list[Any]:
    """The same by `lax.scan`, which can be differentiated, or by `lax.while_loop`, which runs until its condition fails."""
    import jax

    program, count = step.program, len(step.program.carries)
    one = [jax.ShapeDtypeStruct(sequence.shape[1:], sequence.dtype) for sequence in sequences]
    kinds = jax.eval_shape(lambda carries, rows: step.run(program.after, carries, rows), starts, one)
    starts = [jax.numpy.asarray(start, jax.numpy.result_type(start, kind)) for start, kind in zip(starts, kinds)]

    def after(carries: list[Any], rows: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        found = step.run([*program.after, *program.out], carries, rows)
        same = [jax.numpy.asarray(new, old.dtype) for new, old in zip(found, starts)]
        return same, [jax.numpy.asarray(value) for value in found[count:]]

    if program.length is None:
        condition = program.condition
        assert condition is not None
        test = lambda carries: step.run([condition], carries, ())[0]  # noqa: E731
        return jax.lax.while_loop(test, lambda carries: after(carries, ())[0], starts)
    carries, made = jax.lax.scan(after, starts, sequences, program.length, program.backward)
    return [*carries, *made]


def _draw(layout: Layout, expr: Apply, index: tuple[str, ...]) -> Drawn:
    """A loop inside a line: what it starts from, what each step does, and the value that is meant."""
    program: Recurrence = expr.param("program")
    starts, _, _ = program.parts(expr.operands)
    begin = [row(named(one.name), Sign("="), layout.box(start)) for one, start in zip(program.carries, starts)]
    steps = [row(Sign("→"), layout.box(new)) for new in (*program.after, *program.out)]
    over = Digits(str(program.length)) if program.length is not None else Word("while")
    return lowered(row(Word("loop"), paren(listed(over, *begin, *steps))), Digits(str(expr.param("item") + 1))), ATOM


def is_loop(expr: Expr) -> bool:
    """Is it a value of a loop?"""
    return is_op(expr, "recurrence")


enter("recurrence", _run, _shape, _draw, several=True)
