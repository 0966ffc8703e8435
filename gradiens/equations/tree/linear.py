"""Products, transposes, sums, means, norms: the operations of linear algebra. A vector is a column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from gradiens.equations.boxes.notation import (
    SPACE,
    Big,
    Box,
    Digits,
    Fence,
    Frac,
    Letter,
    Script,
    Sign,
    Word,
    marked,
    named,
    paren,
    row,
)
from gradiens.equations.tree.expression import Apply, Expr, Kind, Shape, is_op
from gradiens.equations.tree.extent import tells
from gradiens.equations.tree.layout import ATOM, BIG, FITS, FUNCTION, OPEN, PRODUCT, Draw, Drawn, Layout
from gradiens.equations.tree.operations import apply, enter, widest
from gradiens.equations.tree.settings import value_box

Index = tuple[str, ...]
_BARE = ("fill", "spread", "reshape", "iota", "where")  # better by their entries
_T = Sign("⊤", tight=True)


def _matmul_shape(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    a, b = args
    if not a.shape or not b.shape or a.shape[-1] != b.shape[0]:
        raise ValueError(f"a product of shapes {a.shape} and {b.shape}")
    return a.shape[:-1] + b.shape[1:], widest(args)


def _matmul(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """`W x`, `uᵀ v` of two vectors; a vector times a matrix is Aᵀ u; what has more axes is drawn by its entries."""
    a, b = expr.operands
    if len(a.shape) > 2 or len(b.shape) > 2:
        return _contraction(layout, apply("einsum", a, b, letters=_letters(a, b)), index)
    if index:
        return layout.entry_of(paren(_matmul(layout, expr, ())[0]), map(named, index)), ATOM
    if len(a.shape) == 1 and len(b.shape) == 2:
        return row(marked(layout.box(b, ATOM), _T), SPACE, _right(layout, a, tells(b)[0])), PRODUCT
    right = _right(layout, b, (len(b.shape) == 1 or is_op(b, "identity")) and tells(a)[-1])
    if len(a.shape) == 2:
        fits = FITS if is_op(a, "identity") and tells(b)[0] else OPEN
        return row(layout.box(a, PRODUCT, (), fits), SPACE, right), PRODUCT
    return row(marked(layout.box(a, ATOM, (), FITS if tells(b)[0] else OPEN), _T), SPACE, right), PRODUCT


def _right(layout: Layout, expr: Expr, fits: bool) -> Box:
    """The right side of a product, in brackets when it is a product itself; `fits` when the left side tells its size."""
    return layout.box(expr, FUNCTION if _is_product(expr) else PRODUCT, (), FITS if fits else OPEN)


def _is_product(expr: Expr) -> bool:
    return is_op(expr, "matmul", "mul", "outer", "spread", "fill") or (
        is_op(expr, "reshape", "as_real") and _is_product(expr.args[0])
    )


def _letters(a: Expr, b: Expr) -> tuple[str, str, str]:
    pool = "ijklmnpqrs"
    left = pool[: len(a.shape)]
    right = left[-1] + pool[len(left) : len(left) + len(b.shape) - 1]
    return left, right, left[:-1] + right[1:]


def _outer(layout: Layout, expr: Apply, index: Index) -> Drawn:
    a, b = expr.operands
    if index:
        one, other = (layout.draw(arg, (at,)) for arg, at in zip((a, b), index))
        left, right = (box if level >= PRODUCT else paren(box) for box, level in (one, other))
        return row(left, SPACE, right), PRODUCT
    known = FITS if layout.given else OPEN
    return row(layout.box(a, PRODUCT, (), known), SPACE, marked(layout.box(b, ATOM, (), known), _T)), PRODUCT


def _transpose(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """`Aᵀ`, by its entries A_{ji}; so is any other order of axes, [A_{kij}]_{ijk}, [relu(W ⋆ x + b)_{kij}]_{ijk}."""
    (arg,), axes = expr.operands, expr.param("axes")
    if index:
        turned = dict(zip(axes, index))
        return layout.draw(arg, tuple(turned[axis] for axis in range(len(axes))))
    if axes == (1, 0):
        return marked(layout.box(arg, ATOM, (), layout.given), _T), ATOM
    if not isinstance(arg, Apply) or layout.by_entries(arg) or not layout.table[arg.op].entrywise or arg.op in _BARE:
        return layout.entries(expr)
    letters = layout.fresh(len(expr.shape))
    box, level = layout.draw(arg)
    whole = layout.entry_of(
        box if level >= ATOM else paren(box), [named(letters[axes.index(i)]) for i in range(len(axes))]
    )
    layout.release(len(expr.shape))
    return Script(Fence("[", whole, "]"), layout.bounded(letters, expr.shape, (True,) * len(letters))), ATOM


def _transposed(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    return tuple(args[0].shape[axis] for axis in params["axes"]), args[0].kind


def _reduced(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    axes = params["axes"]
    shape = () if axes is None else tuple(n for axis, n in enumerate(args[0].shape) if axis not in axes)
    return shape, params.get("kind", args[0].kind)


def _running(sign: str, mean: bool = False) -> Draw:
    """A sum, mean, product or maximum runs an index over the axes that it takes away."""

    def draw(layout: Layout, expr: Apply, index: Index) -> Drawn:
        arg, axes = expr.args[0], expr.param("axes")
        if not index and expr.shape:
            matrix = sign == "Σ" and len(arg.shape) == 2
            return _by_ones(layout, expr, mean) if matrix else layout.entries(expr)
        over = range(len(arg.shape)) if axes is None else axes
        letters, kept = layout.fresh(len(over)), iter(index)
        inner = dict(zip(over, letters))
        at = tuple(inner[axis] if axis in inner else next(kept) for axis in range(len(arg.shape)))
        body = layout.box(arg, BIG if sign == "Σ" else PRODUCT, at)
        layout.release(len(over))
        told = tells(arg, True)
        below = layout.bounded(letters, (arg.shape[axis] for axis in over), (told[axis] for axis in over))
        box = row(Big(sign, below), body)
        return (row(_share(layout, expr), SPACE, box) if mean else box), BIG

    return draw


def _share(layout: Layout, expr: Apply) -> Box:
    """1/n, for the mean of n values."""
    return Frac(Digits("1"), layout.size(expr.args[0].size // max(expr.size, 1)))


def _by_ones(layout: Layout, expr: Apply, mean: bool) -> Drawn:
    """Row sums `A 𝟏` and column sums `Aᵀ 𝟏` of a matrix."""
    arg, axes = expr.args[0], expr.param("axes")
    left = layout.box(arg, PRODUCT) if axes == (1,) else marked(layout.box(arg, ATOM), _T)
    share = row(_share(layout, expr), SPACE) if mean else row()
    return row(share, left, SPACE, Letter("𝟏")), PRODUCT


def _norm(squared: bool) -> Draw:
    def draw(layout: Layout, expr: Apply, index: Index) -> Drawn:
        bars = Fence("‖", layout.box(expr.args[0]), "‖")
        sub = Letter("F") if len(expr.args[0].shape) == 2 else None
        return Script(bars, sub, Digits("2") if squared else None) if squared or sub else bars, ATOM

    return draw


def _vector_function(name: str) -> Draw:
    """`softmax(z)`; `softmax_rows(A)` along the last axis, else the axis is named."""

    def draw(layout: Layout, expr: Apply, index: Index) -> Drawn:
        arg, axes = expr.args[0], expr.param("axes")
        last = len(arg.shape) - 1
        if axes is None or last < 1:
            whole = layout.box(arg) if last < 1 else row(Word("flat"), paren(layout.box(arg)))
            box = row(Word(name), paren(whole))
            return (box if len(expr.shape) < 2 else row(layout.reshaping(expr.shape), paren(box))), ATOM
        which = Word("rows") if axes == (last,) else None
        named_axis = axes[0] if len(axes) == 1 else axes
        below = which or row(Word("axis"), Sign("=", True), value_box(named_axis))
        return row(Script(Word(name), below), paren(layout.box(arg))), ATOM

    return draw


def _lse(xp: Any, z: Any, axes: Any = None) -> Any:
    peak = _peak(xp, z, axes)
    return xp.log(xp.sum(xp.exp(z - peak), axis=axes)) + xp.squeeze(peak, axis=axes)


def _softmax(xp: Any, z: Any, axes: Any = None) -> Any:
    power = xp.exp(z - _peak(xp, z, axes))
    return power / xp.sum(power, axis=axes, keepdims=True)


def _peak(xp: Any, z: Any, axes: Any) -> Any:
    """max z, so that no exponential overflows; neither value nor derivative depends on it."""
    peak = xp.max(z, axis=axes, keepdims=True)
    return peak if xp is np else jax.lax.stop_gradient(peak)


def _contraction(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """`[Σ_k A_{ik} B_{kj}]_{ij}`: a sum over the letters that the result does not have."""
    if expr.shape and not index:
        return layout.entries(expr)
    *inside, out = expr.param("letters")
    over = [letter for letter in dict.fromkeys("".join(inside)) if letter not in out]
    letters = layout.fresh(len(over))
    at = dict(zip([*out, *over], [*index, *letters], strict=True))
    parts: list[Box] = []
    for own, arg in zip(inside, expr.operands, strict=True):
        box, level = layout.draw(arg, tuple(at[letter] for letter in own))
        parts += [*([SPACE] if parts else []), box if level >= ATOM else paren(box)]
    layout.release(len(over))
    if not over:
        return row(*parts), PRODUCT
    return row(Big("Σ", layout.bounded(letters, *_bounds(expr, over))), *parts), BIG


def _bounds(expr: Apply, over: list[str]) -> tuple[list[int], list[bool]]:
    """The sizes of the letters of a sum, and whether an operand tells them."""
    *inside, _ = expr.param("letters")
    places = [
        (letter, n, known)
        for own, arg in zip(inside, expr.operands)
        for letter, n, known in zip(own, arg.shape, tells(arg, True))
    ]
    sizes = {letter: n for letter, n, _ in places}
    return [sizes[letter] for letter in over], [
        any(known for own, _, known in places if own == letter) for letter in over
    ]


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


enter("matmul", lambda xp, a, b: xp.matmul(a, b), _matmul_shape, _matmul, indexed=True)
enter("outer", lambda xp, a, b: a[:, None] * b[None, :], _outer_shape, _outer, indexed=True)
enter("transpose", lambda xp, a, axes: xp.transpose(a, axes), _transposed, _transpose, indexed=True)
enter("einsum", _einsum, _contracted, _contraction, indexed=True)
enter("sum", lambda xp, a, axes: xp.sum(a, axis=axes), _reduced, _running("Σ"), indexed=True)
enter(
    "mean",
    lambda xp, a, axes: xp.sum(a, axis=axes) / _count(a.shape, axes),
    _reduced,
    _running("Σ", mean=True),
    indexed=True,
)
enter("prod", lambda xp, a, axes: xp.prod(a, axis=axes), _reduced, _running("Π"), indexed=True)
enter("reduce_max", lambda xp, a, axes: xp.max(a, axis=axes), _reduced, _running("max"), indexed=True)
enter("reduce_min", lambda xp, a, axes: xp.min(a, axis=axes), _reduced, _running("min"), indexed=True)
enter("any", lambda xp, a, axes: xp.any(a, axis=axes), _reduced, _running("any"), indexed=True)
enter("all", lambda xp, a, axes: xp.all(a, axis=axes), _reduced, _running("all"), indexed=True)
enter("norm2", lambda xp, a: xp.sum(a * a), _scalar, _norm(squared=True))
enter("norm", lambda xp, a: xp.sqrt(xp.sum(a * a)), _scalar, _norm(squared=False))
enter("softmax", _softmax, _same, _vector_function("softmax"))
enter("lse", _lse, _reduced, _vector_function("lse"))
