"""The table of operations: what each one computes, the shape of its value, and how it is drawn. To add one, add an entry.

    run(xp, *args, **params)     its value, with `xp` NumPy (for checks) or jax.numpy (for programs)
    shape(args, params)          the shape and kind of its value
    draw(layout, node, index)    its box and level (`layout.py`)

The entries are in three files by family: `entrywise.py`, `linear.py` (products, transposes, sums, norms) and
`structure.py` (choices, indices, shapes, and the primitive that has no entry of its own).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradiens.equations.tree.expression import Apply, Expr, Kind, Number, Shape, Symbol, node, number, walk
from gradiens.equations.tree.layout import Draw

ShapeRule = Callable[[Sequence[Expr], dict[str, Any]], tuple[Shape, Kind]]


@dataclass(frozen=True)
class Operation:
    """One entry of the table."""

    name: str
    run: Callable[..., Any]
    shape: ShapeRule
    draw: Draw
    entrywise: bool = False
    commutes: bool = False
    printed: bool = True  # has a notation of its own; else its name and its parameters are printed
    indexed: bool = False  # drawn by its entries where these are asked for, A_{ji} for Aᵀ
    several: bool = False  # `run` gives several values, and the parameter `item` says which one a node means


TABLE: dict[str, Operation] = {}


def enter(name: str, run: Callable[..., Any], shape: ShapeRule, draw: Draw, **facts: bool) -> None:
    """Add an entry to the table."""
    TABLE[name] = Operation(name, run, shape, draw, **facts)


def apply(op: str, *args: Expr | float, **params: Any) -> Apply:
    """The operation applied: its shape worked out, Python numbers taken as constants."""
    operands = [arg if isinstance(arg, Expr) else number(arg) for arg in args]
    if TABLE[op].entrywise and any(arg.kind == "real" for arg in operands):  # 1 and 1.0 are one number beside reals
        operands = [_as_real(arg) for arg in operands]
    shape, kind = TABLE[op].shape(operands, params)
    return node(op, operands, params.items(), shape, kind)


def _as_real(expr: Expr) -> Expr:
    return (
        number(float(expr.value))
        if isinstance(expr, Number) and isinstance(expr.value, int) and expr.kind == "integer"
        else expr
    )


def together(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    """The shape of an entrywise operation: all operands alike, or scalars."""
    shape = next((arg.shape for arg in args if arg.shape), ())
    if any(arg.shape not in ((), shape) for arg in args):
        raise ValueError(f"operands of shapes {[arg.shape for arg in args]}")
    return shape, widest(args)


def widest(args: Sequence[Expr]) -> Kind:
    """The kind that holds the values of all operands."""
    order: tuple[Kind, ...] = ("truth", "integer", "real", "complex", "other")
    return order[max(order.index(arg.kind) for arg in args)]


def real(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    """Entrywise with real values."""
    return together(args, params)[0], "complex" if widest(args) == "complex" else "real"


def truth(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    """Entrywise with values true and false."""
    return together(args, params)[0], "truth"


Env = dict[Expr, Any]


def evaluate(roots: Sequence[Expr], env: Env, xp: Any = np, dtype: Any = np.float64) -> list[Any]:
    """The values of `roots` where `env` gives the values of symbols (or of any nodes); constants have precision `dtype`."""
    values = compute(_needed(roots, env), env, xp, dtype)
    return [values[root] for root in roots]


def compute(order: Sequence[Expr], env: Env, xp: Any, dtype: Any) -> Env:
    """`env` with the values of the nodes in `order`, operands first."""
    values: Env = dict(env)
    made: dict[tuple[Any, ...], Any] = {}
    for expr in order:
        if expr in values:
            continue
        if isinstance(expr, Symbol):
            raise KeyError(f"no value for {expr.name}")
        if isinstance(expr, Number):
            values[expr] = xp.asarray(expr.value, dtype if expr.kind == "real" else None)
        elif isinstance(expr, Apply):
            values[expr] = _value(expr, [values[arg] for arg in expr.operands], xp, made)
    return values


def _value(expr: Apply, args: list[Any], xp: Any, made: dict[tuple[Any, ...], Any]) -> Any:
    operation, params = TABLE[expr.op], dict(expr.params)
    if not operation.several:
        return operation.run(xp, *args, **params)
    item = params.pop("item")
    key = (expr.op, expr.operands, *params.items())
    if key not in made:
        made[key] = operation.run(xp, *args, **params)
    return made[key][item]


def _needed(roots: Sequence[Expr], env: Env) -> list[Expr]:
    """The nodes to evaluate, operands first; nothing below a node whose value is given."""
    if not any(isinstance(expr, Apply) for expr in env):
        return list(walk(*roots))
    order: list[Expr] = []
    seen: set[Expr] = set()
    stack = [(root, False) for root in reversed(roots)]
    while stack:
        expr, ready = stack.pop()
        if ready:
            order.append(expr)
        elif expr not in seen:
            seen.add(expr)
            stack.append((expr, True))
            stack.extend((arg, False) for arg in expr.args if expr not in env)
    return order
