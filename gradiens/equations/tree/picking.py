"""Picking entries by arrays of positions, and putting them: x[i, j], and x with something added or written at i, j.

`rows(E, c)` is the matrix whose row k is row c_k of E; `pick(X, y)` the vector whose entry k is X_{k, y_k}.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradiens.equations.boxes.notation import (
    SPACE,
    Fence,
    Letter,
    Script,
    Sign,
    Word,
    listed,
    lowered,
    named,
    paren,
    row,
)
from gradiens.equations.tree.expression import Apply, Expr, Kind, Shape
from gradiens.equations.tree.layout import ATOM, FUNCTION, PRODUCT, Drawn, Layout
from gradiens.equations.tree.operations import enter, widest
from gradiens.equations.tree.settings import call, settings_box

Index = tuple[str, ...]


def _inside(xp: Any, at: Sequence[Any], shape: Shape) -> tuple[Any, ...]:
    return tuple(xp.clip(xp.asarray(i).astype(int), 0, n - 1) for i, n in zip(at, shape))


def _rows(xp: Any, x: Any, *at: Any) -> Any:
    return x[_inside(xp, at, x.shape)]


def _rows_shape(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    x, *at = args
    return at[0].shape + x.shape[len(at) :], x.kind


def _add_at(xp: Any, x: Any, new: Any, *at: Any) -> Any:
    places = _inside(xp, at, x.shape)
    if xp is not np:
        return x.at[places].add(new)
    found = np.array(x, np.result_type(x, new))
    np.add.at(found, places, new)
    return found


def _put_at(xp: Any, x: Any, new: Any, *at: Any) -> Any:
    places = _inside(xp, at, x.shape)
    if xp is not np:
        return x.at[places].set(new)
    found = np.array(x, np.result_type(x, new))
    found[places] = new
    return found


def _add_rows(xp: Any, at: Any, new: Any, size: int) -> Any:
    """Σ_k e_{at_k} new_kᵀ: each row added at its place."""
    return _add_at(xp, xp.zeros((size, *new.shape[at.ndim :]), new.dtype), new, at)


def _first(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    return args[0].shape, widest(args[:2])


def _pick(xp: Any, x: Any, y: Any) -> Any:
    return x[xp.arange(x.shape[0]), xp.clip(y, 0, x.shape[1] - 1)]


def _draw_pick(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """The entries X_{k, y_k}: under an index the entry itself, else `[X_{k y_k}]_k`."""
    x, y = expr.operands
    letters = index or layout.fresh(1)
    at = listed(named(letters[0]), layout.box(y, index=letters[:1]))
    box = lowered(layout.box(x, FUNCTION), at)
    if index:
        return box, ATOM
    layout.release(1)
    return Script(Fence("[", box, "]"), named(letters[0])), ATOM


def _diag(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """The diagonal of a matrix, under an index A_ii; or the matrix that has a vector as its diagonal."""
    (A,) = expr.operands
    if len(A.shape) == 1 and index:
        inside = row(named(index[0]), Sign("="), named(index[1]))
        box, level = layout.draw(A, index[:1])
        return row(box if level >= PRODUCT else paren(box), SPACE, Letter("𝟏"), Fence("[", inside, "]")), PRODUCT
    if index:
        return lowered(layout.box(A, FUNCTION), row(named(index[0]), named(index[0]))), ATOM
    return row(Word("diag"), paren(layout.box(A))), ATOM


def _one_hots(xp: Any, y: Any, size: int) -> Any:
    return xp.where(y[..., None] == xp.arange(size)[(None,) * y.ndim], 1.0, 0.0)


def _draw_one_hots(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """The matrix with rows e_{y_k}: under indices 𝟏[y_i = j]."""
    (y,) = expr.operands
    if index:
        inside = row(layout.box(y, index=index[:-1]), Sign("="), named(index[-1]))
        return row(Letter("𝟏"), Fence("[", inside, "]")), ATOM
    head = Script(Word("one_hots"), settings_box({"size": expr.param("size")}))
    return row(head, paren(layout.box(y))), ATOM


def _diagonal_shape(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    shape = args[0].shape
    return shape * 2 if len(shape) == 1 else (min(shape),), args[0].kind


enter("rows", _rows, _rows_shape, call("rows"))
enter("add_at", _add_at, _first, call("add_at"))
enter("put_at", _put_at, _first, call("put_at"))
enter(
    "add_rows", _add_rows,
    lambda args, p: ((p["size"], *args[1].shape[len(args[0].shape) :]), args[1].kind), call("add_rows"),
)  # fmt: skip
enter("pick", _pick, lambda args, p: (args[1].shape + args[0].shape[2:], args[0].kind), _draw_pick, indexed=True)
enter("diag", lambda xp, A: xp.diag(A), _diagonal_shape, _diag, indexed=True)
enter("one_hots", _one_hots, lambda args, p: ((*args[0].shape, p["size"]), "real"), _draw_one_hots, indexed=True)
