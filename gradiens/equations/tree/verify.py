"""Two forms are taken for the same only after both were evaluated, in float64, on random values of what they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from gradiens.equations.tree.expression import Apply, Expr, Number, Symbol, is_op
from gradiens.equations.tree.operations import evaluate

_TOLERANCE = 1e-9
_verdicts: dict[tuple[Any, ...], bool] = {}


_Says = Callable[[Expr], "bool | Sequence[Expr]"]
_positive: WeakKeyDictionary[Expr, bool] = WeakKeyDictionary()
_nonnegative: WeakKeyDictionary[Expr, bool] = WeakKeyDictionary()


def positive(expr: Expr) -> bool:
    """Is the value positive by its form: an exponential, a sum, product or quotient of positive values?"""
    return _by_form(expr, _positive, _is_positive)


def nonnegative(expr: Expr) -> bool:
    """Is the value at least 0 by its form: a square, a norm, a sum of such?"""
    return _by_form(expr, _nonnegative, _is_nonnegative)


def _by_form(expr: Expr, known: WeakKeyDictionary[Expr, bool], says: _Says) -> bool:
    """Whether something holds, where `says` tells it of a node, or gives the operands of which it must hold."""
    stack = [expr]
    while stack:
        one = stack[-1]
        told = known.get(one)
        told = says(one) if told is None else told
        if not isinstance(told, bool):
            asked = [arg for arg in told if arg not in known]
            if asked:
                stack.extend(asked)
                continue
            told = all(known[arg] for arg in told)
        known[one] = told
        stack.pop()
    return known[expr]


def _is_positive(expr: Expr) -> bool | Sequence[Expr]:
    if isinstance(expr, Number):
        return isinstance(expr.value, int | float) and expr.value > 0
    if is_op(expr, "exp", "σ", "softmax", "softplus"):
        return True
    closed = is_op(expr, "sum", "mean", "add", "mul", "div", "fill", "reshape", "spread", "sqrt", "reduce_max")
    return expr.args if closed else False


_SQUARES = ("norm2", "norm", "abs", "relu", "indicator")
_CLOSED = (
    "add",
    "mul",
    "div",
    "sum",
    "mean",
    "sqrt",
    "fill",
    "reshape",
    "spread",
    "transpose",
    "max",
    "min",
    "reduce_max",
    "reduce_min",
)


def _is_nonnegative(expr: Expr) -> bool | Sequence[Expr]:
    if isinstance(expr, Number):
        return isinstance(expr.value, int | float) and expr.value >= 0
    if is_op(expr, *_SQUARES) or positive(expr):
        return True
    if is_op(expr, "pow"):
        power = expr.args[1]
        even = isinstance(power, Number) and isinstance(power.value, int | float) and power.value % 2 == 0
        return even or expr.args[:1]
    if is_op(expr, "mul") and expr.args[0] is expr.args[1]:
        return True
    return expr.args if is_op(expr, *_CLOSED) else False


def sample(expr: Expr, rng: np.random.Generator, spread: float = 1.5, below: int = 2) -> Any:
    """A random value for a node: in its kind, positive or not negative if it is so by its form, whole numbers in 0 … below-1."""
    if expr.kind == "truth":
        return rng.random(expr.shape) < 0.5
    if expr.kind == "integer":
        return rng.integers(0, below, expr.shape)
    value = np.asarray(rng.normal(0.0, spread, expr.shape))
    if expr.kind == "complex":
        return value + 1j * rng.normal(0.0, spread, expr.shape)
    if positive(expr):
        return np.abs(value) + 0.1
    return np.abs(value) if nonnegative(expr) else value


def difference(found: Any, wanted: Any) -> float:
    """max |found - wanted| relative to max |wanted|, infinite where one is finite and the other not; NaN = NaN."""
    found, wanted = np.asarray(found), np.asarray(wanted)
    if found.shape != wanted.shape:
        return float("inf")
    if wanted.dtype.kind in "biu" and found.dtype.kind in "biu":
        return float(np.any(found != wanted))
    found, wanted = np.asarray(found, _wide(found)), np.asarray(wanted, _wide(wanted))
    same = (found == wanted) | (np.isnan(found) & np.isnan(wanted))
    if np.any(~same & ~(np.isfinite(found) & np.isfinite(wanted))):
        return float("inf")
    gap = np.max(np.abs(np.where(same, 0.0, found) - np.where(same, 0.0, wanted)), initial=0.0)
    scale = np.max(np.abs(np.where(np.isfinite(wanted), wanted, 0.0)), initial=0.0)
    return float(gap / scale) if scale > 0 else float(gap)


def _wide(array: Any) -> Any:
    return np.complex128 if array.dtype.kind == "c" else np.float64


def agree(rule: str, old: Expr, new: Expr, free: Iterable[Expr]) -> bool:
    """Do `old` and `new` have the same values for random values of the nodes in `free`?"""
    if old.shape != new.shape:
        return False
    free = [expr for expr in dict.fromkeys(free) if expr.args or isinstance(expr, Symbol)]  # the others are constants
    key = (rule, *(_signature(expr, {node: place for place, node in enumerate(free)}) for expr in (old, new)))
    if key not in _verdicts:
        _verdicts[key] = _try(old, new, free)
    return _verdicts[key]


def _try(old: Expr, new: Expr, free: Sequence[Expr]) -> bool:
    rng = np.random.default_rng(0)
    seen_finite = False
    below = min([n for expr in _local(old, free) for n in expr.shape if n > 1], default=8)
    for spread in (1.0, 3.0, 0.2):
        env: dict[Expr, Any] = {expr: sample(expr, rng, spread, below) for expr in free}
        for leaf in _symbols(old, new, env):
            env[leaf] = sample(leaf, rng, spread, below)
        with np.errstate(all="ignore"):
            found, wanted = evaluate([new, old], env)
        if difference(found, wanted) > _TOLERANCE:
            return False
        constant = not env and not np.any(np.isnan(wanted))
        seen_finite |= constant or bool(np.any(np.isfinite(wanted)))
    return seen_finite


def _local(old: Expr, free: Iterable[Expr]) -> list[Expr]:
    """The nodes between `old` and the free ones, each once."""
    found, stack, ends = dict.fromkeys([old]), [old], set(free)
    while stack:
        expr = stack.pop()
        inside = [] if expr in ends else [arg for arg in expr.args if arg not in found]
        found.update(dict.fromkeys(inside))
        stack.extend(inside)
    return list(found)


def _symbols(old: Expr, new: Expr, env: dict[Expr, Any]) -> list[Symbol]:
    found = dict.fromkeys(expr for root in (old, new) for expr in _local(root, env))
    return [expr for expr in found if isinstance(expr, Symbol) and expr not in env]


def _signature(root: Expr, free: dict[Expr, int]) -> tuple[Any, ...]:
    """The form of a tree down to the free nodes: its nodes in order, operands by their places."""
    places: dict[Expr, int] = {}
    signs: list[Any] = []
    stack = [(root, False)]
    while stack:
        expr, ready = stack.pop()
        if expr in places:
            continue
        if not ready and isinstance(expr, Apply) and expr not in free:
            stack.append((expr, True))
            stack.extend((arg, False) for arg in reversed(expr.operands))
            continue
        places[expr] = len(signs)
        signs.append(_sign(expr, free, places))
    return tuple(signs)


def _sign(expr: Expr, free: dict[Expr, int], places: dict[Expr, int]) -> Any:
    if expr in free:
        return (free[expr], expr.shape, expr.kind, positive(expr), nonnegative(expr))
    if isinstance(expr, Apply):
        return (expr.op, expr.params, expr.shape, *(places[arg] for arg in expr.operands))
    return expr


def frontier(old: Expr, new: Expr, depth: int = 5) -> list[Expr]:
    """What `new` shares with the upper part of `old`: a rule may assume nothing about it. The operands, if that is nothing."""
    below: set[Expr] = set()
    level = [old]
    for _ in range(depth):
        level = [arg for expr in level for arg in expr.args]
        below.update(level)
    return [expr for expr in _local(new, below) if expr in below] or list(old.args)


def deeper(free: list[Expr]) -> list[Expr]:
    """The operands of the free nodes in their place: for when one of them is made of another."""
    return [part for expr in free for part in (expr.args or (expr,))]
