"""Programs with control flow: `scan` and `while` are read as recurrences, `cond` and `switch` as choices.

The step of a loop is read like any program, over bound symbols that are named as its author named them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Protocol

from jax.extend.core import ClosedJaxpr

from gradiens.equations.program.leaves import spelled
from gradiens.equations.program.primitives import kind_of
from gradiens.equations.tree.expression import Expr, Number, Symbol, is_op, symbol, walk
from gradiens.equations.tree.operations import apply
from gradiens.equations.tree.recurrence import Recurrence, everything, values_of


class Reader(Protocol):
    """What reads a program: `closed` gives the trees of its values."""

    bound: list[str]

    def closed(self, closed: ClosedJaxpr, args: list[Expr]) -> list[Expr]:
        """The trees of the outputs of a program."""
        ...

    def inside(self, names: Sequence[str]) -> AbstractContextManager[dict[str, Expr]]:
        """Within a loop that binds `names`; gives the parts that its step calls by name."""
        ...


def read_scan(reader: Reader, eqn: Any, args: list[Expr]) -> list[Expr]:
    """`lax.scan`: h⟨t⟩, y⟨t⟩ = step(h⟨t-1⟩, x⟨t⟩)."""
    params, body = eqn.params, eqn.params["jaxpr"]
    fixed, carried = params["num_consts"], params["num_consts"] + params["num_carry"]
    avals, said = [var.aval for var in body.jaxpr.invars], _said(body)
    names = _Names(reader.bound)
    before = "⟨t+1⟩" if params["reverse"] else "⟨t-1⟩"
    inside = [names.constant(arg) for arg in args[:fixed]]
    carries = [names.symbol(said[k], before, avals[k], "h") for k in range(fixed, carried)]
    slices = [names.symbol(said[k], "⟨t⟩", avals[k], "x") for k in range(carried, len(args))]
    with reader.inside(names.used) as tags:
        found = reader.closed(body, [*inside, *carries, *slices])
    after, out = found[: len(carries)], found[len(carries) :]
    program = Recurrence(
        tuple(carries), tuple(slices), (), tuple(after), tuple(out), params["length"], params["reverse"],
        marks=tuple(tags.items()),
    )  # fmt: skip
    return _closed_over(program, args[fixed:carried], args[carried:], names)


def read_while(reader: Reader, eqn: Any, args: list[Expr]) -> list[Expr]:
    """`lax.while_loop`: u⟨k⟩ = step(u⟨k-1⟩) while the condition holds for u⟨k-1⟩."""
    test, body = eqn.params["cond_jaxpr"], eqn.params["body_jaxpr"]
    asked, fixed = eqn.params["cond_nconsts"], eqn.params["cond_nconsts"] + eqn.params["body_nconsts"]
    avals, said = [var.aval for var in body.jaxpr.invars], _said(body)
    names = _Names(reader.bound)
    inside = [names.constant(arg) for arg in args[:fixed]]
    place = eqn.params["body_nconsts"]
    carries = [names.symbol(said[k], "⟨k-1⟩", avals[k], "u") for k in range(place, len(avals))]
    with reader.inside(names.used) as tags:
        after = reader.closed(body, [*inside[asked:], *carries])
        (condition,) = reader.closed(test, [*inside[:asked], *carries])
    program = Recurrence(tuple(carries), (), (), tuple(after), condition=condition, marks=tuple(tags.items()))
    return _closed_over(program, args[fixed:], [], names)


def read_cond(reader: Reader, eqn: Any, args: list[Expr]) -> list[Expr] | None:
    """`lax.cond` and `lax.switch`: a choice between the values of the branches, all of which can be computed."""
    which, *rest = args
    branches = eqn.params["branches"]
    platforms = eqn.params.get("branches_platforms")
    if platforms:  # a choice by machine: all branches have the same values
        usual = next(place for place, names in enumerate(platforms) if names is None or "cpu" in names)
        return reader.closed(branches[usual], rest)
    if which.shape or any(branch.jaxpr.effects for branch in branches):
        return None
    values = [reader.closed(branch, rest) for branch in branches]
    if any(_may_not_end(expr) for branch in values for expr in everything(*branch)):
        return None
    made = values[-1]
    for place in range(len(branches) - 2, -1, -1):
        chosen = _is_branch(which, place)
        made = [_choice(chosen, yes, no) for yes, no in zip(values[place], made, strict=True)]
    return made


def _is_branch(which: Expr, place: int) -> Expr:
    """Does `which`, cut to the range of the branches, choose the branch `place` or one before it?"""
    if is_op(which, "cast") and which.args[0].kind == "truth":
        return apply("not", which.args[0])
    return apply("le", which, place)


def _choice(when: Expr, yes: Expr, no: Expr) -> Expr:
    if yes is no:
        return yes
    return apply("where", apply("fill", when, shape=yes.shape) if yes.shape else when, yes, no)


def _may_not_end(expr: Expr) -> bool:
    return is_op(expr, "recurrence") and expr.param("program").length is None  # pyright: ignore


def read_linear_solve(reader: Reader, eqn: Any, args: list[Expr]) -> list[Expr] | None:
    """`jnp.linalg.solve`: the x for which A x, which the program gives as a function of x, is b."""
    programs, counts = eqn.params["jaxprs"], eqn.params["const_lengths"]
    fixed, right = args[: counts.matvec], args[sum(counts) :]
    if len(right) != 1 or len(right[0].shape) > 2:
        return None
    x = symbol("·x", right[0].shape, right[0].kind)
    (made,) = reader.closed(programs.matvec, [*fixed, x])
    turned = is_op(made, "transpose") and len(made.shape) == 2  # (A xᵀ)ᵀ = b
    product = made.args[0] if turned else made
    held = apply("transpose", x, axes=(1, 0)) if turned else x
    if not is_op(product, "matmul") or product.args[1] is not held or x in walk(product.args[0]):
        return None
    A = product.args[0]
    if not turned:
        return [apply("solve", A, right[0])]
    return [apply("transpose", apply("solve", A, apply("transpose", right[0], axes=(1, 0))), axes=(1, 0))]


def _said(body: ClosedJaxpr) -> list[str]:
    """What the author calls the arguments of a step: `h`, `carry[0]` (nothing), `inp['u']` (u)."""
    info = body.jaxpr.debug_info
    said = [str(name) for name in (info.arg_names if info is not None else None) or ()]
    words = [re.findall(r"[^\W\d]\w*", name) for name in said]
    named = [found[-1] if found and (not name.endswith("]") or "'" in name) else "" for name, found in zip(said, words)]
    return named + [""] * (len(body.jaxpr.invars) - len(said))


class _Names:
    """Names for the bound symbols of one loop, none of them twice, none that a loop around it has."""

    def __init__(self, taken: Sequence[str]):
        self.taken, self.used = set(taken), []
        self.stands: dict[Expr, Symbol] = {}

    def symbol(self, said: str, mark: str, aval: Any, usual: str) -> Symbol:
        """What is carried, or a row of a sequence; a dot before the name says that its author has given none."""
        return symbol(
            self._fresh(spelled(said) if said else f"·{usual}") + mark, aval.shape, kind_of(aval.dtype), "state"
        )

    def constant(self, arg: Expr) -> Expr:
        """A constant as the step sees it: a symbol or number is itself, any other tree has a symbol that stands for it."""
        plain = is_op(arg, "fill") and isinstance(arg.args[0], Number)
        if isinstance(arg, Symbol | Number) or plain or is_op(arg, "iota"):
            return arg
        if arg not in self.stands:
            self.stands[arg] = symbol(self._fresh("·c"), arg.shape, arg.kind, "constant")
        return self.stands[arg]

    def _fresh(self, base: str) -> str:
        name, count = base, 1
        while name in self.taken:
            count += 1
            name = f"{base}_{{{count}}}" if "_" not in base else f"{base}'{count}"
        self.taken.add(name)
        self.used.append(name)
        return name


def _closed_over(program: Recurrence, starts: Sequence[Expr], sequences: Sequence[Expr], names: _Names) -> list[Expr]:
    """The loop with what its step uses from outside as constants: nothing in a step is free."""
    stands = {one: expr for expr, one in names.stands.items()}
    free = [one for one in program.symbols() if one not in program.bound]
    closed = replace(program, constants=tuple(free))
    return list(values_of(closed, [*starts, *sequences, *(stands.get(one, one) for one in free)]))


CONTROL: dict[str, Callable[[Reader, Any, list[Expr]], list[Expr] | None]] = {
    "scan": read_scan, "while": read_while, "cond": read_cond,
    "custom_linear_solve": read_linear_solve,
}  # fmt: skip
