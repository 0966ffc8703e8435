"""What one loop keeps for another: JAX stacks 1 - h⟨t⟩ on the way forward for use on the way back. Here the way back
computes it from h⟨t⟩, so that a derivative reads as in a book: g⟨t+1⟩ ⊙ (1 - h⟨t⟩²).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gradiens.equations.folding.tidy import Loop
from gradiens.equations.tree.expression import Apply, Expr, Number, Symbol, is_op, substitute, symbol, walk, with_args
from gradiens.equations.tree.recurrence import Recurrence

_CHEAP = ("add", "sub", "mul", "neg", "div", "pow")
_MOST = 8  # operations that are done again
Key = tuple[Recurrence, tuple[Expr, ...]]


def spelled_out(roots: Sequence[Expr]) -> list[Expr]:
    """The roots; a row that is a simple function of what another loop computes at that time is written as that function."""
    wanted = _wanted(roots)
    if not wanted:
        return _inside(roots)
    memo: dict[Expr, Expr] = {}
    for expr in walk(*roots):
        new = with_args(expr, tuple(memo[arg] for arg in expr.args))
        if isinstance(expr, Apply) and isinstance(new, Apply) and expr.op == "recurrence":
            key = expr.param("program"), expr.operands
            loop = _with_rows(Loop.of(new))
            more = tuple(one for one in wanted.get(key, ()) if one not in key[0].out)
            made = replace(loop, program=replace(loop.program, out=(*loop.program.out, *more)))
            new = made.values[expr.param("item")]
        memo[expr] = new
    return [memo[root] for root in roots]


def _inside(roots: Sequence[Expr]) -> list[Expr]:
    """The same in the steps of the loops, for loops that stand in the steps of others."""
    memo: dict[Expr, Expr] = {}
    for expr in walk(*roots):
        new = with_args(expr, tuple(memo[arg] for arg in expr.args))
        if isinstance(new, Apply) and new.op == "recurrence":
            loop = Loop.of(new)
            if any(is_op(one, "recurrence") for one in walk(*loop.program.roots)):
                new = replace(loop, program=loop.program.mapped(spelled_out)).values[new.param("item")]
        memo[expr] = new
    return [memo[root] for root in roots]


def _wanted(roots: Sequence[Expr]) -> dict[Key, dict[Expr, None]]:
    """For each loop, the parts of its steps that others need to compute their rows."""
    found: dict[Key, dict[Expr, None]] = {}
    for expr in walk(*roots):
        if not isinstance(expr, Apply) or expr.op != "recurrence":
            continue
        loop = Loop.of(expr)
        for sequence in loop.sequences:
            tree = _row_of(sequence, loop.program.length)
            if tree is not None and isinstance(sequence, Apply):
                key = sequence.param("program"), sequence.operands
                known = {*key[0].slices, *key[0].constants}
                found.setdefault(key, {}).update(dict.fromkeys(leaf for leaf in _leaves(tree) if leaf not in known))
    return found


def _row_of(sequence: Expr, length: int | None) -> Expr | None:
    """The tree of row t of what another loop stacks, if it is simple."""
    if not isinstance(sequence, Apply) or sequence.op != "recurrence":
        return None
    program: Recurrence = sequence.param("program")
    place = sequence.param("item") - len(program.carries)
    if place < 0 or program.length != length:
        return None
    tree = program.out[place]
    if not is_op(tree, *_CHEAP) or tree in program.after:
        return None
    return tree if sum(1 for _ in _simple(tree)) <= _MOST else None


def _simple(tree: Expr) -> list[Expr]:
    """The cheap operations at the top of a tree."""
    found, stack = [], [tree]
    while stack:
        expr = stack.pop()
        if is_op(expr, *_CHEAP):
            found.append(expr)
            stack.extend(expr.args)
    return found


def _leaves(tree: Expr) -> list[Expr]:
    """What the cheap operations are done on, numbers apart."""
    args = [arg for expr in _simple(tree) for arg in expr.args]
    return list(dict.fromkeys(arg for arg in args if not is_op(arg, *_CHEAP) and not isinstance(arg, Number)))


def _with_rows(loop: Loop) -> Loop:
    """The loop with simple rows computed in its steps."""
    for one, sequence in zip(loop.program.slices, loop.sequences):
        tree = _row_of(sequence, loop.program.length)
        if tree is not None and isinstance(sequence, Apply):
            other, stands = Loop.of(sequence), {}
            for leaf in _leaves(tree):
                loop, stands[leaf] = _with(loop, other, leaf)
            loop = loop.replaced({one: substitute(tree, stands)})
    return loop


def _with(loop: Loop, other: Loop, leaf: Expr) -> tuple[Loop, Expr]:
    """The loop with the row of `leaf`, a part of the steps of another loop."""
    p = other.program
    if leaf in p.constants:
        operand = other.constants[p.constants.index(leaf)]  # pyright: ignore[reportArgumentType]
        one = operand if isinstance(operand, Symbol) else _fresh(loop, leaf, "")
        if one in loop.program.bound:
            return loop, one
        program = replace(loop.program, constants=(*loop.program.constants, one))
        return replace(loop, program=program, constants=(*loop.constants, operand)), one
    rows = dict(zip([*p.slices, *p.out], [*other.sequences, *other.values[len(p.carries) :]], strict=True))
    sequence = rows[leaf]
    if sequence in loop.sequences:
        return loop, loop.program.slices[loop.sequences.index(sequence)]
    one = _fresh(loop, leaf, "⟨t⟩")
    program = replace(loop.program, slices=(*loop.program.slices, one))
    return replace(loop, program=program, sequences=(*loop.sequences, sequence)), one


def _fresh(loop: Loop, leaf: Expr, mark: str) -> Symbol:
    taken = {one.name for one in loop.program.bound}
    name = next(name for k in range(1, 10_000) if (name := f"·r_{{{k}}}{mark}") not in taken)
    return symbol(name, leaf.shape, leaf.kind, "state")
