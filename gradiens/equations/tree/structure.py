"""Choices, indices, shapes; and the primitive that has no entry of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradiens.equations.boxes.notation import (
    SPACE,
    Box,
    Cases,
    Digits,
    Fence,
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
from gradiens.equations.tree.expression import Apply, Expr, Kind, Shape, is_number
from gradiens.equations.tree.extent import squeezed
from gradiens.equations.tree.layout import (
    ATOM,
    BESIDE,
    FITS,
    FUNCTION,
    OPEN,
    PRODUCT,
    SUM,
    Drawn,
    Layout,
    each_map,
    times,
)
from gradiens.equations.tree.operations import enter, widest

Index = tuple[str, ...]


def _choice_shape(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    shape = next((arg.shape for arg in args if arg.shape), ())
    return shape, widest(args[1:])


def _choice(layout: Layout, expr: Apply, index: Index) -> Drawn:
    when, yes, no = expr.operands
    first = (layout.entry(yes, expr, index), row(Word("if "), layout.entry(when, expr, index)))
    return Cases((first, (layout.entry(no, expr, index), Word("otherwise")))), ATOM


def _given(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    return params["shape"], args[0].kind


def _fill(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """A constant array: its value under an index and beside an array; else 𝟏, c 𝟏 or 0 with their sizes, where none is told."""
    value = expr.args[0]
    if index or expr.size == 1 or layout.given == BESIDE:
        return layout.draw(value)
    sizes = times(map(layout.size, expr.shape))
    if is_number(value, 0):
        return Script(Digits("0"), sizes), ATOM
    ones = Letter("𝟏") if layout.given == FITS and len(expr.shape) == 1 else Script(Letter("𝟏"), sizes)
    if is_number(value, 1):
        return ones, ATOM
    return row(layout.box(value, PRODUCT), SPACE, ones), PRODUCT


def _reshape(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """Between vectors, rows and columns unit axes are not written, a row is a transposed vector; else the new shape is."""
    arg = expr.args[0]
    if index:
        return _entry_of_reshaped(layout, expr, index)
    if squeezed(arg) == squeezed(expr) and max(len(arg.shape), len(expr.shape)) <= 2:
        if _is_row(expr) != _is_row(arg):
            return marked(layout.box(arg, ATOM, (), layout.given), Sign("⊤", True)), ATOM
        return layout.draw(arg, (), layout.given)
    if not expr.shape:  # the one number of an array
        return layout.entry_of(layout.box(arg, FUNCTION), [Digits("0") for _ in arg.shape]), ATOM
    return row(layout.reshaping(expr.shape), paren(layout.box(arg))), ATOM


def _entry_of_reshaped(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """Unit axes come and go with their index, which can only be 0."""
    arg = expr.args[0]
    if squeezed(arg) != squeezed(expr):
        return layout.entry_of(row(layout.reshaping(expr.shape), paren(layout.box(arg))), map(named, index)), ATOM
    letters = iter([letter for letter, n in zip(index, expr.shape) if n != 1])
    if 1 not in arg.shape:
        return layout.draw(arg, tuple(letters))
    at = [Digits("0") if n == 1 else named(next(letters)) for n in arg.shape]
    return layout.entry_of(layout.box(arg, FUNCTION), at), ATOM


def _is_row(expr: Expr) -> bool:
    return len(expr.shape) == 2 and expr.shape[0] == 1 and expr.shape[1] > 1


def _spread(xp: Any, a: Any, shape: Shape, axes: tuple[int, ...]) -> Any:
    """`a` repeated along the axes of `shape` that `axes` does not name."""
    own = [1] * len(shape)
    for axis, n in zip(axes, a.shape):
        own[axis] = n
    return xp.broadcast_to(xp.reshape(a, tuple(own)), shape)


def _draw_spread(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """A vector repeated as the rows of a matrix is 𝟏 bᵀ, as its columns b 𝟏ᵀ; one number for each map is b where it
    stands beside maps; else [b_j]_{i≤3, j}.
    """
    arg, axes = expr.args[0], expr.param("axes")
    if index:
        return layout.draw(arg, tuple(index[axis] for axis in axes))
    if layout.given == BESIDE and each_map(expr):
        return layout.draw(arg, (), FITS)
    if len(arg.shape) != 1 or len(expr.shape) != 2:
        return layout.entries(expr)
    known = FITS if layout.given else OPEN
    one = Letter("𝟏") if known else Script(Letter("𝟏"), layout.size(expr.shape[1 - axes[0]]))
    if axes == (1,):
        return row(one, SPACE, marked(layout.box(arg, ATOM, (), known), Sign("⊤", True))), PRODUCT
    return row(layout.box(arg, PRODUCT, (), known), SPACE, marked(one, Sign("⊤", True))), PRODUCT


def _index(xp: Any, a: Any, *at: Any) -> Any:
    """The entry or slice at whole-number positions along the first axes."""
    return a[tuple(xp.clip(xp.asarray(i), 0, n - 1) for i, n in zip(at, a.shape))]


def _index_shape(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    return args[0].shape[len(args) - 1 :], args[0].kind


def _draw_index(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """`x_k`, row k of a matrix `X_{k, :}`, its entry `X_{kj}`; row k of the transpose is column k, `X_{:, k}`."""
    base, at = expr.args[0], [layout.box(arg) for arg in expr.operands[1:]]
    rest: list[Box] = [named(letter) for letter in index] or [Sign(":", True)] * len(expr.shape)
    places = [*at, *rest]
    if isinstance(base, Apply) and base.op == "transpose":
        axes = base.param("axes")
        base, places = base.args[0], [places[axes.index(axis)] for axis in range(len(axes))]
    box, level = layout.draw(base)
    return layout.entry_of(box if level >= FUNCTION else paren(box), places), ATOM


def _one_hot(xp: Any, y: Any, size: int) -> Any:
    return xp.where(xp.arange(size) == y, 1.0, 0.0)


def _draw_one_hot(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """The unit vector `e_y`, whose entries are 𝟏[i = y]; `onehot_{size=10}(y)` where its place does not tell its size."""
    if index:
        return row(Letter("𝟏"), Fence("[", row(named(index[0]), Sign("="), layout.box(expr.args[0], SUM)), "]")), ATOM
    box = layout.box(expr.args[0])
    if layout.given and "e" not in layout.names:
        return Script(Letter("e"), box), ATOM
    below = row(Word("size"), Sign("=", True), layout.size(expr.shape[0]))
    return row(Script(Word("onehot"), below), paren(box)), ATOM


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
    return layout.entry_of(layout.box(expr.args[0], FUNCTION), spans), ATOM


def _joined(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    axis, shape = params["axis"], list(args[0].shape)
    shape[axis] = sum(arg.shape[axis] for arg in args)
    return tuple(shape), widest(args)


def _draw_join(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """Vectors end to end `[a; b]`, matrices side by side `[A, B]`; along a later axis `join_{axis=2}(A, B)`."""
    axis = expr.param("axis")
    if len(expr.shape) > 2:
        head = Script(Word("join"), row(Word("axis"), Sign("=", True), Digits(str(axis))))
        return row(head, paren(listed(*map(layout.box, expr.operands)))), ATOM
    parts: list[Box] = []
    for arg in expr.operands:
        own = layout.box(arg)
        parts += [Sign(";" if axis == 0 else ",", True), SPACE, own] if parts else [own]
    return Fence("[", row(*parts), "]"), ATOM


def _iota_shape(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    return params["shape"], "integer"


def _iota(xp: Any, shape: Shape, axis: int) -> Any:
    own = [1] * len(shape)
    own[axis] = shape[axis]
    return xp.broadcast_to(xp.reshape(xp.arange(shape[axis]), tuple(own)), shape)


def _draw_iota(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """The position along an axis, counted from 0: `[i]_{i≤10}`."""
    return (named(index[expr.param("axis")]), ATOM) if index else layout.entries(expr)


def _primitive_shape(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    return params["program"].out(params["item"])


def _primitive(xp: Any, *args: Any, program: Any) -> Any:
    return program.run(args)


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
enter("spread", _spread, _given, _draw_spread, entrywise=True, indexed=True)
enter("index", _index, _index_shape, _draw_index, indexed=True)
enter("one_hot", _one_hot, lambda args, params: ((params["size"],), "real"), _draw_one_hot, entrywise=True)
enter("slice", _slice, _sliced, _draw_slice)
enter("join", lambda xp, *parts, axis: xp.concatenate(parts, axis), _joined, _draw_join)
enter("iota", _iota, _iota_shape, _draw_iota, entrywise=True, indexed=True)
enter("cast", _cast, _cast_shape, _draw_cast, entrywise=True)
enter("primitive", _primitive, _primitive_shape, _draw_primitive, printed=False, several=True)
enter("random", _primitive, _primitive_shape, _draw_primitive, several=True)
