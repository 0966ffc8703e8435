"""Products, transposes, sums, means, norms: the operations of linear algebra. A vector is a column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradiens.equations.expression import Apply, Expr, Kind, Shape
from gradiens.equations.layout import ATOM, BIG, FUNCTION, PRODUCT, Draw, Drawn, Layout, listed_index
from gradiens.equations.notation import SPACE, Big, Digits, Fence, Frac, Letter, Script, Sign, Word, marked, paren, row
from gradiens.equations.operations import enter, widest

Index = tuple[str, ...]
_T = Sign("⊤", tight=True)


def _matmul_shape(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    a, b = args
    if not a.shape or not b.shape or a.shape[-1] != b.shape[0]:
        raise ValueError(f"a product of shapes {a.shape} and {b.shape}")
    return a.shape[:-1] + b.shape[1:], widest(args)


def _matmul(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """`W x`, and `uᵀ v` of two vectors."""
    a, b = expr.operands
    left = layout.box(a, PRODUCT)
    if len(a.shape) == 1:
        left = marked(layout.box(a, ATOM), _T)
    return row(left, SPACE, layout.box(b, FUNCTION if _is_product(b) else PRODUCT)), PRODUCT


def _is_product(expr: Expr) -> bool:
    return isinstance(expr, Apply) and expr.op in ("matmul", "mul")


def _outer(layout: Layout, expr: Apply, index: Index) -> Drawn:
    a, b = expr.operands
    return row(layout.box(a, PRODUCT), SPACE, marked(layout.box(b, ATOM), _T)), PRODUCT


def _transpose(layout: Layout, expr: Apply, index: Index) -> Drawn:
    axes = expr.param("axes")
    base = layout.box(expr.args[0], ATOM)
    if axes == (1, 0):
        return marked(base, _T), ATOM
    return row(Script(Word("transpose"), row(*(Digits(str(axis + 1)) for axis in axes))), paren(base)), ATOM


def _transposed(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    return tuple(args[0].shape[axis] for axis in params["axes"]), args[0].kind


def _reduced(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    axes = params["axes"]
    shape = () if axes is None else tuple(n for axis, n in enumerate(args[0].shape) if axis not in axes)
    return shape, params.get("kind", args[0].kind)


def _running(sign: str, weight: bool = False) -> Draw:
    """A sum, mean, product or maximum over all entries runs an index; over some axes it names them."""

    def draw(layout: Layout, expr: Apply, index: Index) -> Drawn:
        arg, axes = expr.args[0], expr.param("axes")
        if axes is not None:
            return _over_axes(layout, expr, sign, weight)
        letters = layout.fresh(len(arg.shape))
        body = layout.box(arg, BIG if sign == "Σ" else PRODUCT, letters)
        layout.release(len(arg.shape))
        box = row(Big(sign, listed_index(letters)), body)
        if weight:
            box = row(Frac(Digits("1"), layout.size(arg.size)), SPACE, box)
        return box, BIG

    return draw


def _over_axes(layout: Layout, expr: Apply, sign: str, weight: bool) -> Drawn:
    """Row and column sums of a matrix are products with 𝟏; else the axes are named, counted from 1."""
    arg, axes = expr.args[0], expr.param("axes")
    if sign == "Σ" and len(arg.shape) == 2:
        base = layout.box(arg, FUNCTION if _is_product(arg) else PRODUCT)
        left = base if axes == (1,) else marked(layout.box(arg, ATOM), _T)
        share = row(Frac(Digits("1"), layout.size(arg.shape[axes[0]])), SPACE) if weight else row()
        return row(share, left, SPACE, Letter("𝟏")), PRODUCT
    name = {"Σ": "mean" if weight else "sum", "Π": "prod"}.get(sign, sign)
    over = row(*(Digits(str(axis + 1)) for axis in axes))
    return row(Script(Word(name), row(Word("axis"), SPACE, over)), paren(layout.box(arg))), ATOM


def _norm(squared: bool) -> Draw:
    def draw(layout: Layout, expr: Apply, index: Index) -> Drawn:
        bars = Fence("‖", layout.box(expr.args[0]), "‖")
        sub = Letter("F") if len(expr.args[0].shape) == 2 else None
        return Script(bars, sub, Digits("2") if squared else None) if squared or sub else bars, ATOM

    return draw


def _vector_function(name: str) -> Draw:
    def draw(layout: Layout, expr: Apply, index: Index) -> Drawn:
        rows = expr.param("axes") is not None
        head = Script(Word(name), Word("rows")) if rows else Word(name)
        return row(head, paren(layout.box(expr.args[0]))), ATOM

    return draw


def _lse(xp: Any, z: Any, axes: Any = None) -> Any:
    peak = xp.max(z, axis=axes, keepdims=True)
    total = xp.log(xp.sum(xp.exp(z - peak), axis=axes))
    return total + (xp.max(z, axis=axes) if axes is not None else xp.max(z))


def _softmax(xp: Any, z: Any, axes: Any = None) -> Any:
    power = xp.exp(z - xp.max(z, axis=axes, keepdims=True))
    return power / xp.sum(power, axis=axes, keepdims=True)


def _contraction(layout: Layout, expr: Apply, index: Index) -> Drawn:
    left, right, out = expr.param("letters")
    head = Script(Word("einsum"), row(Letter(left), Sign(",", True), Letter(right), Sign("→", True), Letter(out)))
    args = [layout.box(arg) for arg in expr.operands]
    return row(head, paren(row(args[0], Sign(",", True), SPACE, args[1]))), ATOM


def _contracted(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    left, right, out = params["letters"]
    sizes = dict(zip(left, args[0].shape)) | dict(zip(right, args[1].shape))
    return tuple(sizes[letter] for letter in out), widest(args)


def _einsum(xp: Any, a: Any, b: Any, letters: tuple[str, str, str]) -> Any:
    return xp.einsum(f"{letters[0]},{letters[1]}->{letters[2]}", a, b)


def _count(shape: Shape, axes: Any) -> int:
    return int(np.prod([n for axis, n in enumerate(shape) if axes is None or axis in axes], dtype=np.int64))


def _scalar(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    return (), "real"


def _outer_shape(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    return args[0].shape + args[1].shape, widest(args)


def _same(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    return args[0].shape, "real"


enter("matmul", lambda xp, a, b: xp.matmul(a, b), _matmul_shape, _matmul)
enter("outer", lambda xp, a, b: a[:, None] * b[None, :], _outer_shape, _outer)
enter("transpose", lambda xp, a, axes: xp.transpose(a, axes), _transposed, _transpose)
enter("einsum", _einsum, _contracted, _contraction)
enter("sum", lambda xp, a, axes: xp.sum(a, axis=axes), _reduced, _running("Σ"))
enter("mean", lambda xp, a, axes: xp.sum(a, axis=axes) / _count(a.shape, axes), _reduced, _running("Σ", weight=True))
enter("prod", lambda xp, a, axes: xp.prod(a, axis=axes), _reduced, _running("Π"))
enter("reduce_max", lambda xp, a, axes: xp.max(a, axis=axes), _reduced, _running("max"))
enter("reduce_min", lambda xp, a, axes: xp.min(a, axis=axes), _reduced, _running("min"))
enter("any", lambda xp, a, axes: xp.any(a, axis=axes), _reduced, _running("any"))
enter("all", lambda xp, a, axes: xp.all(a, axis=axes), _reduced, _running("all"))
enter("norm2", lambda xp, a: xp.sum(a * a), _scalar, _norm(squared=True))
enter("norm", lambda xp, a: xp.sqrt(xp.sum(a * a)), _scalar, _norm(squared=False))
enter("softmax", _softmax, _same, _vector_function("softmax"))
enter("lse", _lse, _reduced, _vector_function("lse"))
