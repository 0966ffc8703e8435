"""Normalised vectors: layer_norm_ε(x) = (x - μ) / √(σ² + ε) with the mean and variance of x, rms_norm_ε(x) = x / √(x̄² + ε)
with the mean of its squares; `layer_norm_rows` does so to each row of a matrix, batch_norm_ε(X) to each column: over the
examples, and of images over their places, each map by itself.

Source: Ba, Kiros & Hinton (2016), layer norm; Zhang & Sennrich (2019), RMS norm; Ioffe & Szegedy (2015), batch norm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradiens.equations.boxes.notation import Script, Word, paren, row
from gradiens.equations.tree.expression import Apply, Expr, Kind, Shape
from gradiens.equations.tree.layout import ATOM, Draw, Drawn, Layout
from gradiens.equations.tree.operations import enter


def _normalised(centred: bool, rows: bool) -> Callable[..., Any]:
    def run(xp: Any, x: Any, eps: Any) -> Any:
        return _along(xp, x, eps, -1 if rows else None, centred)

    return run


def _batch(xp: Any, x: Any, eps: Any) -> Any:
    return _along(xp, x, eps, (0, *range(2, x.ndim)), True)


def _along(xp: Any, x: Any, eps: Any, axis: Any, centred: bool) -> Any:
    x = x - xp.mean(x, axis=axis, keepdims=True) if centred else x
    return x / xp.sqrt(xp.mean(x * x, axis=axis, keepdims=True) + eps)


def _same(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    if len(args) != 2 or args[1].shape:
        raise ValueError("something else than one array and below the name one number ε")
    return args[0].shape, "real"


def _stack(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    if len(args[0].shape) < 2:
        raise ValueError(f"an array of shape {args[0].shape} in place of examples as rows")
    return _same(args, params)


def _call(name: str) -> Draw:
    """`layer_norm_ε(x)`, of whole arrays."""

    def draw(layout: Layout, expr: Apply, index: tuple[str, ...]) -> Drawn:
        x, eps = expr.operands
        return row(Script(Word(name), layout.box(eps)), paren(layout.box(x))), ATOM

    return draw


for _name, _centred in (("layer_norm", True), ("rms_norm", False)):
    enter(_name, _normalised(_centred, False), _same, _call(_name))
    enter(f"{_name}_rows", _normalised(_centred, True), _same, _call(f"{_name}_rows"))
enter("batch_norm", _batch, _stack, _call("batch_norm"))
