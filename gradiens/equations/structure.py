"""Choices, indices, shapes; and the primitive that has no entry of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradiens.equations.expression import Apply, Expr, Kind, Shape
from gradiens.equations.layout import ATOM, FUNCTION, PRODUCT, RELATION, Drawn, Layout
from gradiens.equations.notation import (
    SPACE,
    Box,
    Cases,
    Digits,
    Letter,
    Script,
    Sign,
    Word,
    listed,
    lowered,
    marked,
    named,
    paren,
    row,
)  # fmt: skip
from gradiens.equations.operations import enter, widest

Index = tuple[str, ...]


def _choice_shape(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    shape = next((arg.shape for arg in args if arg.shape), ())
    return shape, widest(args[1:])


def _choice(layout: Layout, expr: Apply, index: Index) -> Drawn:
    when, yes, no = expr.operands
    first = (layout.entry(yes, expr, index), row(Word("if"), SPACE, layout.entry(when, expr, index)))
    return Cases((first, (layout.entry(no, expr, index), Word("otherwise")))), ATOM


def _given(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    return params["shape"], args[0].kind


def _fill(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """A constant array: its value where it has one entry or under an index, else `0`, `𝟏` or `c 𝟏`."""
    value = expr.args[0]
    box, level = layout.draw(value)
    if index or expr.size == 1:
        return box, level
    if getattr(value, "value", None) == 0:
        return box, level
    if getattr(value, "value", None) == 1:
        return Letter("𝟏"), ATOM
    return row(layout.box(value, PRODUCT), SPACE, Letter("𝟏")), PRODUCT


def _reshape(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """Unit axes are not written, a row is a transposed vector; any other change of shape is."""
    arg = expr.args[0]
    if _squeezed(arg.shape) == _squeezed(expr.shape):
        turned = _is_row(expr.shape) != _is_row(arg.shape)
        box = (marked(layout.box(arg, ATOM), Sign("⊤", True)), ATOM) if turned else layout.draw(arg)
    elif len(expr.shape) == 1:
        box = row(Word("flat"), paren(layout.box(arg))), ATOM
    else:
        over = _times([layout.size(n) for n in expr.shape])
        box = row(Script(Word("reshape"), over), paren(layout.box(arg))), ATOM
    if not index:
        return box
    return lowered(box[0] if box[1] >= FUNCTION else paren(box[0]), row(*(named(i) for i in index))), ATOM


def _is_row(shape: Shape) -> bool:
    return len(shape) == 2 and shape[0] == 1 and shape[1] > 1


def _times(sizes: list[Box]) -> Box:
    parts: list[Box] = []
    for size in sizes:
        parts += [Sign("×", True), size] if parts else [size]
    return row(*parts)


def _squeezed(shape: Shape) -> Shape:
    return tuple(n for n in shape if n != 1)


def _spread(xp: Any, a: Any, shape: Shape, axes: tuple[int, ...]) -> Any:
    """`a` repeated along the axes of `shape` that `axes` does not name."""
    own = [1] * len(shape)
    for axis, n in zip(axes, a.shape):
        own[axis] = n
    return xp.broadcast_to(xp.reshape(a, tuple(own)), shape)


def _draw_spread(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """A vector repeated as the rows of a matrix is 𝟏 bᵀ, as its columns b 𝟏ᵀ."""
    arg, axes = expr.args[0], expr.param("axes")
    if index:
        return layout.draw(arg, tuple(index[axis] for axis in axes))
    one, t = Letter("𝟏"), Sign("⊤", True)
    if len(arg.shape) == 1 and len(expr.shape) == 2:
        if axes == (1,):
            return row(one, SPACE, marked(layout.box(arg, ATOM), t)), PRODUCT
        return row(layout.box(arg, PRODUCT), SPACE, Script(one, None, t)), PRODUCT
    over = row(*(Digits(str(axis + 1)) for axis in axes))
    return row(Script(Word("spread"), over), paren(layout.box(arg))), ATOM


def _index(xp: Any, a: Any, *at: Any) -> Any:
    """The entry or slice at whole-number positions along the first axes."""
    return a[tuple(xp.clip(xp.asarray(i), 0, n - 1) for i, n in zip(at, a.shape))]


def _index_shape(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    return args[0].shape[len(args) - 1 :], args[0].kind


def _draw_index(layout: Layout, expr: Apply, index: Index) -> Drawn:
    base = layout.box(expr.args[0], FUNCTION)
    at = [layout.box(arg) for arg in expr.operands[1:]]
    rest = [Letter("·")] * len(expr.shape)
    return lowered(base, row(*at) if len(at) == 1 and not rest else listed(*at, *rest)), ATOM


def _one_hot(xp: Any, y: Any, size: int) -> Any:
    return xp.where(xp.arange(size) == y, 1.0, 0.0)


def _draw_one_hot(layout: Layout, expr: Apply, index: Index) -> Drawn:
    box, level = layout.draw(expr.args[0])
    if index:
        from gradiens.equations.notation import Fence

        return row(Letter("𝟏"), Fence("[", row(named(index[0]), Sign("="), box), "]")), ATOM
    return Script(Letter("e"), box if level > RELATION else paren(box)), ATOM


def _sliced(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    spans = zip(params["start"], params["stop"], params["step"])
    return tuple(len(range(start, stop, step)) for start, stop, step in spans), args[0].kind


def _slice(xp: Any, a: Any, start: Shape, stop: Shape, step: Shape) -> Any:
    return a[tuple(slice(*span) for span in zip(start, stop, step))]


def _draw_slice(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """`x_{2:4}`: positions counted from 0, the last one not included, as in the program."""
    spans: list[Box] = []
    for start, stop, step, n in zip(*(expr.param(name) for name in ("start", "stop", "step")), expr.args[0].shape):
        whole = (start, stop, step) == (0, n, 1)
        ends = ("" if start == 0 else str(start)) + ":" + ("" if stop == n else str(stop))
        spans.append(Sign(":" if whole else ends + (f":{step}" if step != 1 else ""), True))
    return lowered(layout.box(expr.args[0], FUNCTION), listed(*spans)), ATOM


def _joined(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    axis, shape = params["axis"], list(args[0].shape)
    shape[axis] = sum(arg.shape[axis] for arg in args)
    return tuple(shape), widest(args)


def _draw_join(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """Vectors end to end: `[a; b]`, matrices side by side `[A, B]`."""
    from gradiens.equations.notation import Fence

    mark = ";" if expr.param("axis") == 0 else ","
    if expr.param("axis") > 1:
        head = Script(Word("join"), Digits(str(expr.param("axis") + 1)))
        return row(head, paren(listed(*(layout.box(arg) for arg in expr.operands)))), ATOM
    parts: list[Box] = []
    for arg in expr.operands:
        parts += [Sign(mark, True), SPACE, layout.box(arg)] if parts else [layout.box(arg)]
    return Fence("[", row(*parts), "]"), ATOM


def _iota_shape(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    return params["shape"], "integer"


def _iota(xp: Any, shape: Shape, axis: int) -> Any:
    own = [1] * len(shape)
    own[axis] = shape[axis]
    return xp.broadcast_to(xp.reshape(xp.arange(shape[axis]), tuple(own)), shape)


def _draw_iota(layout: Layout, expr: Apply, index: Index) -> Drawn:
    axis, shape = expr.param("axis"), expr.param("shape")
    if index:
        return named(index[axis]), ATOM
    last = Digits(str(shape[axis] - 1))
    counted = paren(listed(Digits("0"), Digits("1"), Sign("…", True), last))
    return (counted if len(shape) == 1 else row(Script(Word("count"), Digits(str(axis + 1))), counted)), ATOM


def _primitive_shape(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    return params["program"].out(params["item"])


def _primitive(xp: Any, *args: Any, program: Any, item: int) -> Any:
    return program.run(args)[item]


def _draw_primitive(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """The name of the operation, its settings, its operands: honest, if not notation."""
    program = expr.param("program")
    settings = [row(Word(name), Sign("=", True), Word(str(value))) for name, value in program.settings]
    head: Box = Script(Word(program.name), listed(*settings)) if settings else Word(program.name)
    box = row(head, paren(listed(*(layout.box(arg) for arg in expr.operands))))
    return (box if program.outputs == 1 else lowered(box, Digits(str(expr.param("item") + 1)))), ATOM


def _cast_shape(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    return args[0].shape, params["kind"]


def _cast(xp: Any, a: Any, to: str, kind: str) -> Any:
    if kind == "integer":
        return xp.trunc(a).astype(to)
    return xp.asarray(a).astype(to)


def _draw_cast(layout: Layout, expr: Apply, index: Index) -> Drawn:
    return row(Word(expr.param("to")), paren(layout.entry(expr.args[0], expr, index))), ATOM


enter("where", lambda xp, c, a, b: xp.where(c, a, b), _choice_shape, _choice, entrywise=True)
enter("fill", lambda xp, a, shape: xp.broadcast_to(a, shape), _given, _fill, entrywise=True)
enter("reshape", lambda xp, a, shape: xp.reshape(a, shape), _given, _reshape, entrywise=True)
enter("spread", _spread, _given, _draw_spread, entrywise=True)
enter("index", _index, _index_shape, _draw_index)
enter("one_hot", _one_hot, lambda args, params: ((params["size"],), "real"), _draw_one_hot, entrywise=True)
enter("slice", _slice, _sliced, _draw_slice)
enter("join", lambda xp, *parts, axis: xp.concatenate(parts, axis), _joined, _draw_join)
enter("iota", _iota, _iota_shape, _draw_iota, entrywise=True)
enter("cast", _cast, _cast_shape, _draw_cast, entrywise=True)
enter("primitive", _primitive, _primitive_shape, _draw_primitive, printed=False)
