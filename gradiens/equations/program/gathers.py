"""The table primitive → rule, fifth part: `gather` and `scatter` brought to one form, x[i, j, …] along the first axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradiens.equations.program.primitives import rule, shape_of
from gradiens.equations.tree.expression import Apply, Expr, Symbol, is_number, is_op, number, walk
from gradiens.equations.tree.operations import apply, evaluate


@dataclass(frozen=True)
class _Points:
    """Which axes are looked up at which positions; `batch` is the shape of the positions, `kept` the other axes."""

    axes: tuple[int, ...]
    at: tuple[Expr, ...]
    batch: tuple[int, ...]
    kept: tuple[int, ...]


def _points(shape: tuple[int, ...], at: Expr, to: Any, sizes: Any, paired: Any, paired_at: Any) -> _Points | None:
    """The positions of a gather or scatter, one array for each axis; None where it is not entries that are looked up.
    `to` are the axes that the last axis of `at` counts for, `sizes` how much is taken along each axis.
    """
    batch = at.shape[:-1]
    found: dict[int, Expr] = {}
    for axis, place in zip(paired, paired_at):
        found[axis] = apply("iota", shape=batch, axis=place)
    for column, axis in enumerate(to):
        index = _column(at, column)
        if sizes[axis] == shape[axis] and shape[axis] > 1:
            continue  # all of the axis is taken: the position is 0, whatever is said
        if sizes[axis] != 1:
            return None
        found[axis] = index
    axes = tuple(sorted(found))
    kept = tuple(axis for axis in range(len(shape)) if axis not in found)
    if any(sizes[axis] != shape[axis] for axis in kept):
        return None
    return _Points(axes, tuple(found[axis] for axis in axes), batch, kept)


def _column(at: Expr, column: int) -> Expr:
    """Column `column` of the positions, without the last axis: of a join the part it comes from."""
    batch = at.shape[:-1]
    if is_op(at, "join") and all(part.shape[-1] == 1 for part in at.args):
        at, column = at.args[column], 0
    if at.shape[-1] == 1:
        return _settled(apply("reshape", at, shape=batch))
    start, stop = (0,) * len(batch), batch
    part = apply("slice", at, start=(*start, column), stop=(*stop, column + 1), step=(1,) * len(at.shape))
    return _settled(apply("reshape", part, shape=batch))


def _settled(expr: Expr) -> Expr:
    """An array of one number, if that is what it is."""
    if any(isinstance(one, Symbol) for one in walk(expr)) or expr.size == 0 or expr.size > 64:
        return expr
    value = np.asarray(evaluate([expr], {})[0])
    same = number(int(value.reshape(-1)[0]))
    if not (value == value.reshape(-1)[0]).all():
        return expr
    return apply("fill", same, shape=expr.shape) if expr.shape else same


def _front(x: Expr, points: _Points) -> Expr:
    """The axes that are looked up, first."""
    axes = (*points.axes, *points.kept)
    return x if axes == tuple(range(len(axes))) else apply("transpose", x, axes=axes)


def _looked_up(x: Expr, points: _Points) -> Expr:
    """x[i, j, …], with the axes of the positions first: x_i for one position, else rows."""
    a = _front(x, points)
    if not points.axes:
        return x
    batch = tuple(n for n in points.batch if n != 1)
    at = [_reshaped(i, batch) for i in points.at]
    found = apply("rows", a, *at) if batch else apply("index", a, *at)
    return found if batch == points.batch else apply("reshape", found, shape=points.batch + found.shape[len(batch) :])


def _reshaped(i: Expr, batch: tuple[int, ...]) -> Expr:
    """Positions without unit axes; those that count along an axis still do."""
    if i.shape == batch:
        return i
    if is_op(i, "iota"):
        assert isinstance(i, Apply)
        axis = i.param("axis")
        if i.shape[axis] > 1:
            return apply("iota", shape=batch, axis=sum(n != 1 for n in i.shape[:axis]))
    return apply("reshape", i, shape=batch)


@rule("gather")
def _gather(args: list[Expr], eqn: Any) -> Expr | None:
    x, at = args
    numbers, sizes = eqn.params["dimension_numbers"], tuple(eqn.params["slice_sizes"])
    if at.kind != "integer":
        return None
    points = _points(
        x.shape, at, numbers.start_index_map, sizes, numbers.operand_batching_dims, numbers.start_indices_batching_dims
    )
    if points is None or eqn.params["mode"] is None:
        return None
    found = _looked_up(x, points)
    gone = {*numbers.collapsed_slice_dims, *numbers.operand_batching_dims}
    rest = tuple(sizes[axis] for axis in range(len(x.shape)) if axis not in gone)
    return _placed(apply("reshape", found, shape=points.batch + rest), len(points.batch), numbers.offset_dims)


def _placed(found: Expr, batch: int, offset: Sequence[int]) -> Expr:
    """The axes of the positions first become those that are not in `offset`."""
    rank = len(found.shape)
    others = [axis for axis in range(rank) if axis not in offset]
    axes = [0] * rank
    for source, target in enumerate([*others, *offset]):
        axes[target] = source
    return found if axes == list(range(rank)) else apply("transpose", found, axes=tuple(axes))


@rule("scatter-add", "scatter_add", "scatter")
def _scatter(args: list[Expr], eqn: Any) -> Expr | None:
    x, at, new = args
    numbers = eqn.params["dimension_numbers"]
    if at.kind != "integer":
        return None
    window = iter(new.shape[axis] for axis in numbers.update_window_dims)
    gone = {*numbers.inserted_window_dims, *numbers.operand_batching_dims}
    sizes = tuple(1 if axis in gone else next(window) for axis in range(len(x.shape)))
    points = _points(
        x.shape, at, numbers.scatter_dims_to_operand_dims, sizes, numbers.operand_batching_dims,
        numbers.scatter_indices_batching_dims,
    )  # fmt: skip
    if points is None or not points.axes:
        return None
    batch_axes = [axis for axis in range(len(new.shape)) if axis not in numbers.update_window_dims]
    order = (*batch_axes, *numbers.update_window_dims)
    values = new if order == tuple(range(len(order))) else apply("transpose", new, axes=order)
    values = apply("reshape", values, shape=points.batch + tuple(x.shape[axis] for axis in points.kept))
    made = _put(_front(x, points), values, points, eqn.primitive.name == "scatter")
    back = tuple(int(axis) for axis in np.argsort((*points.axes, *points.kept)))
    made = made if back == tuple(range(len(back))) else apply("transpose", made, axes=back)
    return made if made.shape == shape_of(eqn) else apply("reshape", made, shape=shape_of(eqn))


def _put(x: Expr, new: Expr, points: _Points, write: bool) -> Expr:
    """x with `new` written or added at the positions; into zeros it is a product with unit vectors."""
    at = points.at
    zero = is_op(x, "fill") and is_number(x.args[0], 0)
    size, *others = x.shape
    if zero and int(np.prod(points.batch)) == 1 and len(at) == 1 and len(others) <= 1:
        unit = apply("one_hot", apply("reshape", at[0], shape=()) if at[0].shape else at[0], size=size)
        rest = apply("reshape", new, shape=tuple(others))
        return apply("outer", unit, rest) if rest.shape else apply("mul", rest, unit)
    if zero and not write and len(at) == 1:
        return apply("add_rows", at[0], new, size=size)
    return apply("put_at" if write else "add_at", x, new, *at)
