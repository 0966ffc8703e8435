"""Loops in print: the lines h⟨0⟩ = …, the block `for t = 1, …, T:` with h⟨t⟩ = …, and the names of what comes out.

After the block h⟨T⟩ is the last value and h the sequence of all. What is carried keeps the name that the program has for
it; else it is h, c, s, and δ where t runs backwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gradiens.equations.printing import naming
from gradiens.equations.printing.blocks import Block
from gradiens.equations.printing.gates import gates
from gradiens.equations.printing.naming import Line, Names
from gradiens.equations.printing.times import at_time, base_of, marked, timed
from gradiens.equations.tree.expression import Apply, Expr, Symbol, is_op, number, substitute, symbol, walk
from gradiens.equations.tree.operations import apply
from gradiens.equations.tree.recurrence import Recurrence, values_of

_SHORT = 8  # nodes of a constant that is written where it is used


@dataclass(eq=False)
class Loop:
    """One loop with the names it has in print."""

    program: Recurrence
    operands: tuple[Expr, ...]
    index: str
    names: Names  # the names outside
    whole: set[Expr]  # what is used as a whole array outside
    values: list[Apply] = field(default_factory=list)
    carried: list[str] = field(default_factory=list)
    stacked: list[str] = field(default_factory=list)
    stands: dict[Expr, Expr] = field(default_factory=dict)  # for the bound symbols

    @property
    def first(self) -> int:
        """The time of the first step."""
        return self.program.length or 1 if self.program.backward else 1

    @property
    def last(self) -> int | None:
        """The time of the last step; None when a condition ends the loop."""
        return 1 if self.program.backward else self.program.length

    @property
    def back(self) -> int:
        """Where the step before is."""
        return 1 if self.program.backward else -1


def name_loops(names: Names, roots: Sequence[Expr], letters: str = "tskτ") -> None:
    """Name the values of every loop, and remember the lines that compute them."""
    made: dict[tuple[Recurrence, tuple[Expr, ...]], Loop] = {}
    whole = set(roots) | {arg for expr in walk(*roots) for arg in _as_whole(expr)}
    for expr in walk(*roots):
        if isinstance(expr, Apply) and expr.op == "recurrence":
            key = expr.param("program"), expr.operands
            if key not in made:
                free = [letter for letter in letters if letter not in names.taken]
                index = "k" if key[0].length is None and "k" in free else free[0]
                made[key] = _named(Loop(*key, index, names, whole))
            names.loops[expr] = made[key]


def _as_whole(expr: Expr) -> tuple[Expr, ...]:
    """The operands that are used as whole arrays, not row by row."""
    if not isinstance(expr, Apply) or expr.op != "recurrence":
        return expr.args
    starts, _, constants = expr.param("program").parts(expr.operands)
    return (*starts, *constants)


def _named(loop: Loop) -> Loop:
    program = loop.program
    loop.values = values_of(program, loop.operands)
    _, sequences, constants = program.parts(loop.operands)
    for one, constant in zip(program.constants, constants):
        if one is not constant and _nodes(constant) > _SHORT:
            loop.names.give(constant, _fresh(loop, base_of(one.name), "mnpqkl"))
    for one, sequence in zip(program.slices, sequences):
        loop.stands[one] = _row(loop, one, sequence)
    for place, one in enumerate(program.carries):
        base = _base_of_carry(loop, place, one)
        loop.carried.append(base)
        loop.names.taken.add(base)
        loop.stands[one] = marked(one, at_time(base, loop.index, loop.back))
    end = "∞" if loop.last is None else loop.last
    for value in loop.values:  # an output has a line of its own, ŷ = h⟨7⟩
        loop.names.of.pop(value, None)
    for value, base in zip(loop.values, loop.carried):
        loop.names.give(value, at_time(base, end))
    for place, out in enumerate(program.out):
        value = loop.values[len(loop.carried) + place]
        loop.stacked.append(_base_of_output(loop, out))
        loop.names.taken.discard(loop.stacked[-1])
        loop.names.give(value, loop.stacked[-1])
    return loop


def _base_of_carry(loop: Loop, place: int, one: Symbol) -> str:
    """The name that the program has for it, in a tag or as an argument; else that of its start without a 0; else a letter."""
    after = loop.program.after[place]
    said = [name for name, expr in loop.program.marks if expr is after]
    start = loop.operands[place]
    begin = start.name.removesuffix("_{0}") if isinstance(start, Symbol) and start.name.endswith("_{0}") else ""
    usual = "gqp" if loop.program.backward else "hcs"
    own = [] if one.name.startswith("·") else [base_of(one.name)]
    return _fresh(loop, next(filter(None, (*said, *own, begin)), ""), usual)


def _base_of_output(loop: Loop, out: Expr) -> str:
    """An output that is what is carried shares its name."""
    if out in loop.program.after:
        return loop.carried[loop.program.after.index(out)]
    said = [name for name, expr in loop.program.marks if expr is out]
    said += [name for expr, name in gates(loop.program).items() if expr is out]
    usual = "pq" if out in loop.program.carries else "δγ" if loop.program.backward else "yovw"
    kept = set(gates(loop.program).values())  # for the gates of a cell
    return _fresh(loop, said[0] if said else "", "".join(letter for letter in usual if letter not in kept))


def _fresh(loop: Loop, wanted: str, usual: str) -> str:
    """`wanted`, if the program gives a name and it is free; else a usual letter that it gives to nothing; else a number."""
    taken = loop.names.taken
    if wanted and not wanted.startswith("·") and wanted not in taken:
        return wanted
    given = {name for name, _ in loop.program.marks}
    for name in usual:
        if name not in taken and name not in given:
            return name
    return next(name for k in range(2, 1000) if (name := f"{usual[0]}_{{{k}}}") not in taken)


def _row(loop: Loop, one: Symbol, sequence: Expr) -> Expr:
    """x⟨t⟩ for row t of x; t - 1 for the row of 0, 1, 2, …; h⟨t-1⟩ for what another loop carried into step t."""
    if is_op(sequence, "iota", "as_real") and is_op((sequence, *sequence.args)[-1], "iota"):
        count = apply("sub", symbol(loop.index, (), "integer", "constant"), number(1))
        return count if one.kind == "integer" else apply("as_real", count)
    other = loop.names.loops.get(sequence)
    if other is not None and isinstance(sequence, Apply):
        place = sequence.param("item") - len(other.program.carries)
        out = other.program.out[place] if place >= 0 else None
        if out in other.program.carries and out is not None:
            base = other.carried[other.program.carries.index(out)]  # pyright: ignore[reportArgumentType]
            return marked(one, at_time(base, loop.index, other.back))
    if not isinstance(sequence, Symbol):
        wanted = base_of(one.name)
        loop.names.give(sequence, _fresh(loop, wanted, "xvwpqr"))
    held = sequence if isinstance(sequence, Symbol) else loop.names.of[sequence]
    return marked(one, at_time(held.name, loop.index))


def _nodes(expr: Expr) -> int:
    return sum(1 for _ in walk(expr))


def written(loop: Loop) -> Iterator[Line | Block]:
    """The lines before a loop, and its block."""
    program, outside = loop.program, dict(loop.names.of)
    starts, _, constants = program.parts(loop.operands)
    for one, start, base in zip(program.carries, starts, loop.carried):
        origin = 0 if not program.backward else (program.length or 0) + 1
        yield Line(marked(one, at_time(base, origin)), substitute(start, outside))
    stands = {**loop.stands, **{one: substitute(c, outside) for one, c in zip(program.constants, constants)}}
    body = program.mapped(lambda trees: [substitute(tree, stands) for tree in trees])
    names = Names(loop.names.taken | {loop.index})
    for base, after in zip(loop.carried, body.after):
        if not is_op(after, "recurrence"):
            names.give(after, at_time(base, loop.index))
    for base, out in zip(loop.stacked, body.out):
        names.give(out, at_time(base, loop.index))
    for tag, expr in body.marks:
        names.give(expr, at_time(naming.tagged(tag), loop.index))
    pairs = _pairs(loop, body, names)
    roots = [expr for _, expr in pairs]
    for expr, name in gates(body).items():
        names.give(expr, at_time(name, loop.index))
    name_loops(names, roots, "".join(letter for letter in "stkτ" if letter != loop.index))
    _name_parts(names, roots, loop.index)
    lines = naming.lines(names, pairs)
    condition = None
    if body.condition is not None:
        condition = Line(marked(body.condition, f"·{loop.index}"), substitute(body.condition, dict(names.of)))
    still = [one for one in lines if isinstance(one, Line) and timed(one.name) is None]
    yield from still
    yield Block(loop.index, loop.first, loop.last, tuple(one for one in lines if one not in still), condition)


def _pairs(loop: Loop, body: Recurrence, names: Names) -> list[tuple[Symbol, Expr]]:
    """What each step defines: the new carries, then the outputs that are not among them and are used."""
    pairs: list[tuple[Symbol, Expr]] = []
    before = {
        value for value, out in zip(loop.values[len(body.carries) :], loop.program.out) if out in loop.program.carries
    }
    for base, expr, value in zip([*loop.carried, *loop.stacked], [*body.after, *body.out], loop.values, strict=True):
        if value in before and value not in loop.whole:
            continue  # it is written h⟨t-1⟩ wherever it is used
        name = at_time(base, loop.index)
        held = names.of.get(expr)
        if all(one.name != name for one, _ in pairs):
            pairs.append((held if held is not None and held.name == name else marked(expr, name), expr))
    below = {one: set(walk(expr)) for one, expr in pairs}
    return sorted(pairs, key=lambda pair: sum(other in below[pair[0]] for _, other in pairs))  # what others need first


def _name_parts(names: Names, roots: Sequence[Expr], index: str) -> None:
    """Large parts that a step uses more than once: v_1⟨t⟩, or without a time when they are the same in every step."""
    before = dict(names.of)
    naming.name_parts(names, roots)
    moving: set[Expr] = {
        expr for expr in walk(*roots) if isinstance(expr, Symbol) and (timed(expr.name) or expr.name == index)
    }
    for expr in walk(*roots):
        if any(arg in moving for arg in expr.args):
            moving.add(expr)
        if expr in names.of and expr not in before and expr in moving:
            old = names.of[expr]
            names.of[expr] = symbol(at_time(old.name, index), old.shape, old.kind, old.role)
