"""The table primitive → rule, second part: counting, slicing, joining."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradiens.equations.program.primitives import rule, shape_of
from gradiens.equations.tree.expression import Expr
from gradiens.equations.tree.operations import apply


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


@rule("concatenate")
def _concatenate(args: list[Expr], eqn: Any) -> Expr:
    return args[0] if len(args) == 1 else apply("join", *args, axis=eqn.params["dimension"])


@rule("clamp")
def _clamp(args: list[Expr], eqn: Any) -> Expr:
    low, x, high = args
    return apply("min", apply("max", x, low), high)


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
