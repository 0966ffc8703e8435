"""Patterns: trees with wildcards, written as mathematics, `exp(z - c) / total(exp(z - c))`, matched and rebuilt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from gradiens.equations.tree.expression import Apply, Expr, Number, number
from gradiens.equations.tree.operations import TABLE, apply

Bound = dict[str, Expr]


@dataclass(frozen=True, eq=False)
class Pattern:
    """A tree in which some leaves stand for any tree. Python's operators build it."""

    def __add__(self, other: Any) -> Pattern:
        return op("add", self, other)

    def __radd__(self, other: Any) -> Pattern:
        return op("add", other, self)

    def __sub__(self, other: Any) -> Pattern:
        return op("sub", self, other)

    def __rsub__(self, other: Any) -> Pattern:
        return op("sub", other, self)

    def __mul__(self, other: Any) -> Pattern:
        return op("mul", self, other)

    def __rmul__(self, other: Any) -> Pattern:
        return op("mul", other, self)

    def __truediv__(self, other: Any) -> Pattern:
        return op("div", self, other)

    def __rtruediv__(self, other: Any) -> Pattern:
        return op("div", other, self)

    def __pow__(self, other: Any) -> Pattern:
        return op("pow", self, other)

    def __neg__(self) -> Pattern:
        return op("neg", self)

    def __gt__(self, other: Any) -> Pattern:
        return op("gt", self, other)

    def __matmul__(self, other: Any) -> Pattern:
        return op("matmul", self, other)


@dataclass(frozen=True, eq=False)
class Wild(Pattern):
    """Any tree that passes `test`."""

    name: str
    test: Callable[[Expr], bool] = lambda expr: True


@dataclass(frozen=True, eq=False)
class Exactly(Pattern):
    """A constant."""

    value: float | int | bool


@dataclass(frozen=True, eq=False)
class Operation(Pattern):
    """An operation over patterns; only the parameters that are given are compared."""

    op: str
    args: tuple[Pattern, ...]
    params: tuple[tuple[str, Any], ...]


def op(name: str, *args: Any, **params: Any) -> Pattern:
    """The pattern of an operation."""
    made = tuple(arg if isinstance(arg, Pattern) else Exactly(arg) for arg in args)
    return Operation(name, made, tuple(params.items()))


def maker(name: str) -> Callable[..., Pattern]:
    """The function that builds patterns of the operation `name`."""
    return lambda *args, **params: op(name, *args, **params)


def match(pattern: Pattern, expr: Expr, bound: Bound) -> Iterator[Bound]:
    """Every way in which `pattern` is `expr`, as what its wildcards then stand for."""
    if isinstance(pattern, Wild):
        held = bound.get(pattern.name)
        if held is expr or (held is None and pattern.test(expr)):
            yield {**bound, pattern.name: expr}
    elif isinstance(pattern, Exactly) and isinstance(expr, Number) and expr.value == pattern.value:
        yield bound
    elif isinstance(pattern, Operation):
        yield from _match_operation(pattern, expr, bound)


def _match_operation(pattern: Operation, expr: Expr, bound: Bound) -> Iterator[Bound]:
    if pattern.op == "neg" and isinstance(expr, Number) and isinstance(expr.value, float) and expr.value < 0:
        yield from match(pattern.args[0], number(-expr.value), bound)  # -1 is the negative of 1
    if not isinstance(expr, Apply) or not _same_operation(pattern, expr):
        return
    yield from _match_all(pattern.args, expr.operands, bound)
    if TABLE[expr.op].commutes:
        yield from _match_all(pattern.args, expr.operands[::-1], bound)


def _same_operation(pattern: Operation, expr: Apply) -> bool:
    alike = expr.op == pattern.op and len(pattern.args) == len(expr.operands)
    return alike and all(expr.param(name) == value for name, value in pattern.params)


def _match_all(patterns: tuple[Pattern, ...], exprs: tuple[Expr, ...], bound: Bound) -> Iterator[Bound]:
    if not patterns:
        yield bound
        return
    for first in match(patterns[0], exprs[0], bound):
        yield from _match_all(patterns[1:], exprs[1:], first)


def build(pattern: Pattern, bound: Bound) -> Expr:
    """The tree that `pattern` is when its wildcards stand for `bound`."""
    if isinstance(pattern, Wild):
        return bound[pattern.name]
    if isinstance(pattern, Exactly):
        return number(pattern.value)
    assert isinstance(pattern, Operation)
    return apply(pattern.op, *(build(arg, bound) for arg in pattern.args), **dict(pattern.params))
