"""Functions of whole arrays by name: softmax and its kin, sums over an axis, changes of shape, windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradiens.equations.meaning import agreement as a
from gradiens.equations.meaning import maps
from gradiens.equations.meaning.arguments import exactly, value_of
from gradiens.equations.meaning.indexing import reduced
from gradiens.equations.meaning.scope import Scope
from gradiens.equations.meaning.sizes import Size, unknown
from gradiens.equations.meaning.terms import Term, operation, reshaped
from gradiens.equations.text import syntax as s
from gradiens.equations.tree.operations import apply

Rule = Callable[[Scope, s.Call, list[Term], Any], Term]


def _softmax(op: str) -> Rule:
    def rule(scope: Scope, expr: s.Call, args: list[Term], settings: Any) -> Term:
        (z,) = exactly(scope, expr, args)
        axis = _axis(scope, expr, z, settings)
        if axis is None and len(z.shape) > 1:
            name = scope.key(expr.head.base if isinstance(expr.head, s.Sub) else expr.head)
            scope.fail(expr.at, f"a vector in {name}", a.said(z.shape), f"write {name}_rows(A) for each row")
        if z.index:
            axis = len(z.shape) - 1 if axis is None else axis
        shape = z.shape
        if op == "lse":
            shape = () if axis is None else (*z.shape[:axis], *z.shape[axis + 1 :])
        axes = None if axis is None else (axis + len(z.index),)
        return _kept(z, operation(op, [z], shape, "real", expr.at, axes=axes))

    return rule


def _kept(z: Term, made: Term) -> Term:
    made.index, made.row = z.index, z.row and len(made.shape) == len(z.shape)
    return made


def _axis(scope: Scope, expr: s.Call, z: Term, settings: Sequence[s.Syntax]) -> int | None:
    for item in settings:
        if isinstance(item, s.Setting) and item.name in ("axis", "axes"):
            value = value_of(scope, item.value)
            axis = value[0] if isinstance(value, tuple) and value else value
            if not isinstance(axis, int) or not -len(z.shape) <= axis < len(z.shape):
                scope.fail(item.at, f"an axis of {a.said(z.shape)}", f"{axis}", "axes are counted from 0")
            return axis % max(len(z.shape), 1)
        if isinstance(item, s.Name | s.Word) and item.text in ("rows", "columns"):
            if not z.shape or (item.text == "columns" and len(z.shape) < 2):
                scope.fail(expr.at, f"a matrix for {item.text}", a.said(z.shape))
            return len(z.shape) - (1 if item.text == "rows" else 2)
    return None


def _over(op: str) -> Rule:
    """`sum(x)`, `mean_rows(A)`, `max_{axis=0}(A)`."""

    def rule(scope: Scope, expr: s.Call, args: list[Term], settings: Any) -> Term:
        if len(args) == 2 and op in ("reduce_max", "reduce_min"):
            return a.entries(scope, op.removeprefix("reduce_"), args, expr.at, "the arguments")
        (x,) = exactly(scope, expr, args)
        axis = _axis(scope, expr, x, settings)
        if axis is None and op in ("reduce_max", "reduce_min") and x.scalar:
            return x
        if axis is None:
            return reduced(scope, op, x, [], expr.at)
        shape = (*x.shape[:axis], *x.shape[axis + 1 :])
        axes = None if len(x.total) == 1 else (axis + len(x.index),)
        return _kept(x, operation(op, [x], shape, x.kind, expr.at, axes=axes))

    return rule


def _flat(scope: Scope, expr: s.Call, args: list[Term], settings: Any) -> Term:
    (x,) = exactly(scope, expr, args)
    if x.scalar or len(x.shape) == 1:
        return reshaped(x, x.shape or (Size(1),))
    known = [size.known for size in x.shape]
    total = Size(1)
    if None in known:
        total = scope.sizes.later(unknown("", "entries of the flat array"), x.shape, _times)
    else:
        total = Size(_times(*(n or 0 for n in known)), why="entries of the flat array")
    return reshaped(x, (total,))


def _times(*sizes: int) -> int:
    total = 1
    for size in sizes:
        total *= size
    return total


def _reshape(scope: Scope, expr: s.Call, args: list[Term], settings: Sequence[s.Syntax]) -> Term:
    """`reshape_{4×5}(x)`."""
    (x,) = exactly(scope, expr, args)
    items = settings[0].items if len(settings) == 1 and isinstance(settings[0], s.Times | s.Group) else settings
    sizes = tuple(size for size in (scope.size(item) for item in items) if size is not None)
    scope.sizes.later(unknown("", "entries of reshape"), (*x.shape, *sizes), lambda *ns: 0)
    known, wanted = [n.known for n in x.shape], [n.known for n in sizes]
    if None not in known + wanted and _times(*known) != _times(*wanted):  # pyright: ignore[reportArgumentType]
        scope.fail(expr.at, f"{_times(*known)} entries for the new shape", f"{_times(*wanted)}")  # pyright: ignore
    return reshaped(x, sizes)


def _trace(scope: Scope, expr: s.Call, args: list[Term], settings: Any) -> Term:
    """tr A = Σ_i A_ii."""
    (x,) = exactly(scope, expr, args)
    if len(x.shape) != 2:
        scope.fail(expr.at, "a matrix in tr", a.said(x.shape))
    scope.equal(x.shape[0], x.shape[1], expr.at, "the trace")
    return operation("trace", [x], (), x.kind, expr.at)


def _onehot(scope: Scope, expr: s.Call, args: list[Term], settings: Sequence[s.Syntax]) -> Term:
    (y,) = exactly(scope, expr, args)
    given = [item.value if isinstance(item, s.Setting) else item for item in settings]
    size = scope.size(given[0]) if given else None
    full = size if size is not None else unknown("", "entries of a unit vector")
    y = scope.kind(y, "integer")
    return Term((full,), "real", lambda ground: apply("one_hot", ground(y), size=ground.shape([full])[0]), expr.at)


FUNCTIONS: dict[str, Rule] = {
    "softmax": _softmax("softmax"), "lse": _softmax("lse"),
    "sum": _over("sum"), "mean": _over("mean"), "prod": _over("prod"), "max": _over("reduce_max"),
    "min": _over("reduce_min"), "any": _over("any"), "all": _over("all"),
    "flat": _flat, "reshape": _reshape, "tr": _trace, "onehot": _onehot, "one_hot": _onehot,
    "maxpool": maps.pooled, "minpool": maps.pooled, "avgpool": maps.pooled, "sumpool": maps.pooled,
}  # fmt: skip
