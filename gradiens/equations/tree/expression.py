"""The tree: symbols, numbers, and operations applied to trees.

Nodes are interned: two trees that are built alike are the same object. So equality is identity, hashing costs nothing, a
shared part of a program stays shared (the tree is a graph without cycles), and `parse(print(e)) is e` can be asked.

A node knows its `shape` and its `kind` of number, not its precision: the same tree is evaluated in float64 and float32.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from weakref import WeakValueDictionary

import numpy as np

Shape = tuple[int, ...]
Kind = Literal["real", "integer", "truth", "complex", "other"]
Role = Literal["parameter", "input", "state", "knob", "constant", "result", "output"]

_interned: WeakValueDictionary[tuple[Any, ...], Any] = WeakValueDictionary()


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Expr:
    """A node: the shape of its value and the kind of its numbers."""

    shape: Shape
    kind: Kind

    @property
    def size(self) -> int:
        """How many numbers the value holds."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def args(self) -> tuple[Expr, ...]:
        """The nodes below; none under a symbol or a number."""
        return ()

    def __reduce__(self) -> Any:
        raise TypeError("expressions are interned: write them as text, not as pickles")


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Symbol(Expr):
    """A name with its space. Names are written as on paper, `W^{[1]}`, `v'`, `ŷ`, `δ^{[2]}`."""

    name: str
    role: Role = "input"


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Number(Expr):
    """A scalar constant."""

    value: float | int | bool | complex


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Apply(Expr):
    """The operation named `op` of the table of operations, applied to nodes, with fixed parameters."""

    op: str
    operands: tuple[Expr, ...]
    params: tuple[tuple[str, Any], ...] = field(default=())

    @property
    def args(self) -> tuple[Expr, ...]:
        """The nodes below."""
        return self.operands

    def param(self, name: str, default: Any = None) -> Any:
        """A fixed parameter (the axes of a sum, the shape of a reshape)."""
        return dict(self.params).get(name, default)


def _intern(kind: type[Expr], *fields: Any) -> Any:
    key = (kind, *fields)
    node = _interned.get(key)
    if node is None:
        node = _interned[key] = kind(*fields)
    return node


def symbol(name: str, shape: Shape = (), kind: Kind = "real", role: Role = "input") -> Symbol:
    """The symbol `name`."""
    return _intern(Symbol, tuple(shape), kind, name, role)


def number(value: float | int | bool | complex) -> Number:
    """The constant `value`; a float32 is read as the shortest decimal that names it, so 0.1 stays 0.1."""
    if isinstance(value, np.generic):
        value = float(str(value)) if isinstance(value, np.floating) else value.item()
    if isinstance(value, float):
        short = float(f"{value:.15g}")  # 1 - 0.9 is 0.1 within rounding
        if not short.is_integer() and len(repr(short)) <= len(repr(value)) - 4:
            value = short
    kinds: dict[type, Kind] = {bool: "truth", int: "integer", float: "real", complex: "complex"}
    # repr tells -0.0 from 0.0 and gives every NaN one node
    return _interned.get((Number, repr(value))) or _remember(
        (Number, repr(value)), Number((), kinds[type(value)], value)
    )


def _remember(key: tuple[Any, ...], node: Number) -> Number:
    _interned[key] = node
    return node


def node(op: str, args: Iterable[Expr], params: Iterable[tuple[str, Any]], shape: Shape, kind: Kind) -> Apply:
    """The application of `op`, its shape given; `operations.apply` works the shape out."""
    return _intern(Apply, tuple(shape), kind, op, tuple(args), tuple(sorted(params, key=lambda item: item[0])))


def is_number(expr: Expr, value: float | None = None) -> bool:
    """Is `expr` a constant (equal to `value`)?"""
    return isinstance(expr, Number) and (value is None or expr.value == value)


def is_op(expr: Expr, *ops: str) -> bool:
    """Is `expr` an application of one of `ops`?"""
    return isinstance(expr, Apply) and expr.op in ops


def walk(*roots: Expr, known: Container[Expr] = ()) -> Iterator[Expr]:
    """Every node once, operands before the nodes that use them; what is `known`, and what is only below it, is left out."""
    seen: set[Expr] = set()
    stack = [(root, False) for root in reversed(roots) if root not in known]
    while stack:
        expr, ready = stack.pop()
        if ready:
            yield expr
        elif expr not in seen:
            seen.add(expr)
            stack.append((expr, True))
            stack.extend((arg, False) for arg in reversed(expr.args) if arg not in seen and arg not in known)


def rebuild(roots: Iterable[Expr], change: Callable[[Expr], Expr], memo: dict[Expr, Expr]) -> list[Expr]:
    """The roots with `change` applied to every node, from the leaves up; `memo` holds what is already decided."""
    roots = list(roots)
    for expr in walk(*roots, known=memo):
        memo[expr] = change(with_args(expr, tuple(memo[arg] for arg in expr.args)))
    return [memo[root] for root in roots]


def with_args(expr: Expr, args: tuple[Expr, ...]) -> Expr:
    """The same application over other operands of the same shapes."""
    if not isinstance(expr, Apply) or args == expr.operands:
        return expr
    return node(expr.op, args, expr.params, expr.shape, expr.kind)


def substitute(expr: Expr, replaced: Mapping[Expr, Expr]) -> Expr:
    """`expr` with every node that `replaced` holds put in its place, outermost first."""
    memo: dict[Expr, Expr] = dict(replaced)
    return rebuild([expr], lambda new: new, memo)[0]
