"""The table primitive → rule, second part: counting, slicing, picking, putting."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradiens.equations.expression import Expr, is_number, is_op
from gradiens.equations.operations import apply
from gradiens.equations.primitives import RULES, rule, shape_of  # RULES is whole when this module is read

__all__ = ["RULES"]


@rule("iota")
def _iota(args: list[Expr], eqn: Any) -> Expr | None:
    if args:
        return None
    counted = apply("iota", shape=tuple(eqn.params["shape"]), axis=eqn.params["dimension"])
    return apply("as_real", counted) if np.dtype(eqn.params["dtype"]).kind == "f" else counted


@rule("slice")
def _slice(args: list[Expr], eqn: Any) -> Expr:
    start, stop = tuple(eqn.params["start_indices"]), tuple(eqn.params["limit_indices"])
    step = tuple(eqn.params["strides"] or (1,) * len(start))
    if (
        all(n == 1 for n in shape_of(eqn)[:1])
        and start[1:] == (0,) * (len(start) - 1)
        and stop[1:] == args[0].shape[1:]
    ):
        row = apply("index", args[0], start[0])  # one entry of a vector, one row of a matrix
        return apply("reshape", row, shape=shape_of(eqn))
    return apply("slice", args[0], start=start, stop=stop, step=step)


@rule("dynamic_slice")
def _dynamic_slice(args: list[Expr], eqn: Any) -> Expr | None:
    """One entry along the first axes, all of the others."""
    a, at, sizes = args[0], args[1:], tuple(eqn.params["slice_sizes"])
    picked = [size == 1 and n > 1 for size, n in zip(sizes, a.shape)]
    count = sum(picked)
    if not all(picked[:count]) or any(size != n for size, n in zip(sizes[count:], a.shape[count:])) or not count:
        return None
    if not all(is_number(i, 0) for i in at[count:]):
        return None
    return apply("reshape", apply("index", a, *at[:count]), shape=sizes)


@rule("dynamic_update_slice")
def _dynamic_update(args: list[Expr], eqn: Any) -> Expr | None:
    """A number put into a vector of zeros is a multiple of a unit vector."""
    a, new, *at = args
    zero = is_op(a, "fill") and is_number(a.args[0], 0)
    if not zero or len(a.shape) != 1 or new.size != 1:
        return None
    return apply("mul", apply("reshape", new, shape=()), apply("one_hot", at[0], size=a.shape[0]))


@rule("concatenate")
def _concatenate(args: list[Expr], eqn: Any) -> Expr:
    return args[0] if len(args) == 1 else apply("join", *args, axis=eqn.params["dimension"])


@rule("clamp")
def _clamp(args: list[Expr], eqn: Any) -> Expr:
    low, x, high = args
    return apply("min", apply("max", x, low), high)


@rule("gather")
def _gather(args: list[Expr], eqn: Any) -> Expr | None:
    """`E[c]` with one whole number along the first axis."""
    a, at = args
    numbers = eqn.params["dimension_numbers"]
    sizes = tuple(eqn.params["slice_sizes"])
    if at.size != 1 or tuple(numbers.start_index_map) != (0,) or sizes != (1, *a.shape[1:]):
        return None
    if str(eqn.params["mode"]).endswith("FILL_OR_DROP") or numbers.operand_batching_dims:
        return None
    return apply("reshape", apply("index", a, apply("reshape", at, shape=())), shape=shape_of(eqn))


@rule("split")
def _split(args: list[Expr], eqn: Any) -> list[Expr]:
    """The parts of an array along one axis."""
    (arg,), axis = args, eqn.params["axis"]
    parts, at = [], 0
    for size in eqn.params["sizes"]:
        start, stop = [0] * len(arg.shape), list(arg.shape)
        start[axis], stop[axis] = at, at + size
        parts.append(apply("slice", arg, start=tuple(start), stop=tuple(stop), step=(1,) * len(start)))
        at += size
    return parts


@rule("pad")
def _pad(args: list[Expr], eqn: Any) -> Expr | None:
    """One number among zeros is a multiple of a unit vector."""
    arg, filler = args
    if arg.shape != (1,) or not is_number(filler, 0):
        return None
    ((low, high, _),) = eqn.params["padding_config"]
    if low < 0 or high < 0:
        return None
    return apply("mul", apply("reshape", arg, shape=()), apply("one_hot", low, size=low + 1 + high))


@rule("scatter-add", "scatter_add")
def _scatter_add(args: list[Expr], eqn: Any) -> Expr | None:
    """A row added into a matrix of zeros is e_c uᵀ, a number added into a vector of zeros a multiple of e_c."""
    base, at, new = args
    numbers = eqn.params["dimension_numbers"]
    zero = is_op(base, "fill") and is_number(base.args[0], 0) and len(base.shape) in (1, 2)
    if not zero or at.size != 1 or tuple(numbers.scatter_dims_to_operand_dims) != (0,):
        return None
    if tuple(numbers.inserted_window_dims) != (0,) or new.size * base.shape[0] != base.size:
        return None
    unit = apply("one_hot", apply("reshape", at, shape=()), size=base.shape[0])
    if len(base.shape) == 1:
        return apply("mul", apply("reshape", new, shape=()), unit)
    return apply("outer", unit, apply("reshape", new, shape=base.shape[1:]))
