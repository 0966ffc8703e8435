"""The table primitive → rule, fourth part: running sums, sorting, picking and putting, linear systems, special functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradiens.equations.program import gathers, positions, windows
from gradiens.equations.program.primitives import RULES, entrywise, rule, shape_of
from gradiens.equations.tree import arrays, picking, special
from gradiens.equations.tree.expression import Expr, is_number, is_op
from gradiens.equations.tree.operations import apply

# With these the table RULES is whole.
__all__ = ["RULES", "arrays", "gathers", "picking", "positions", "special", "windows"]


def _along(x: Expr, axis: int) -> dict[str, int]:
    """The axis, which of a vector need not be said."""
    return {"axis": axis} if len(x.shape) > 1 else {}


def _each(values: Any) -> Any:
    """A setting for each axis, of a vector as one number."""
    return int(values[0]) if len(values) == 1 else tuple(int(value) for value in values)


@rule("cumsum", "cumprod", "cummax", "cummin", "cumlogsumexp")
def _running(args: list[Expr], eqn: Any) -> Expr:
    back = {"reverse": True} if eqn.params["reverse"] else {}
    return apply(eqn.primitive.name, args[0], **_along(args[0], eqn.params["axis"]), **back)


@rule("sort")
def _sort(args: list[Expr], eqn: Any) -> list[Expr]:
    """Several arrays are sorted by the first of them; a count of places so sorted is the order."""
    keys, along = eqn.params["num_keys"], _along(args[0], eqn.params["dimension"])
    if len(args) == 1:
        return [apply("sort", args[0], **along)]
    first = [apply("sort", args[0], **along)] if keys == 1 else [apply("sort_by", args[0], *args[:keys], **along)]
    return first + [_sorted_by(arg, args[:keys], along) for arg in args[1:]]


def _sorted_by(arg: Expr, keys: list[Expr], along: dict[str, int]) -> Expr:
    if is_op(arg, "iota") and arg.param("axis") == along.get("axis", 0):  # pyright: ignore[reportAttributeAccessIssue]
        return apply("argsort", *keys, **along)
    return apply("sort_by", arg, *keys, **along)


@rule("argmax", "argmin")
def _extreme(args: list[Expr], eqn: Any) -> Expr:
    return apply(eqn.primitive.name, args[0], **_along(args[0], eqn.params["axes"][0]))


@rule("top_k")
def _top(args: list[Expr], eqn: Any) -> list[Expr] | None:
    if eqn.params.get("axis", len(args[0].shape) - 1) != len(args[0].shape) - 1:
        return None
    size = eqn.params["k"]
    return [apply("largest", args[0], size=size), apply("largest_at", args[0], size=size)]


_SPECIAL = {
    "cbrt": "cbrt", "erf_inv": "erf_inv", "igamma": "igamma", "igammac": "igammac", "regularized_incomplete_beta": "betainc",
    "bessel_i0e": "bessel_i0e", "bessel_i1e": "bessel_i1e", "polygamma": "polygamma", "zeta": "zeta", "real": "Re",
    "imag": "Im", "conj": "conj", "complex": "complex", "rem": "rem",
}  # fmt: skip


@rule(*_SPECIAL)
def _special(args: list[Expr], eqn: Any) -> Expr:
    return entrywise(_SPECIAL[eqn.primitive.name], args, shape_of(eqn))


@rule("div")
def _div(args: list[Expr], eqn: Any) -> Expr:
    whole = all(arg.kind == "integer" for arg in args)
    return entrywise("quotient" if whole else "div", args, shape_of(eqn))


@rule("lt_to", "le_to")
def _total_order(args: list[Expr], eqn: Any) -> Expr:
    """The order in which sorting puts numbers: that of numbers, NaN apart."""
    return entrywise(eqn.primitive.name[:2], args, shape_of(eqn))


_BITS = {
    "and": "bit_and", "or": "bit_or", "xor": "bit_xor", "not": "bit_not", "shift_left": "shift_left",
    "shift_right_arithmetic": "shift_right",
}  # fmt: skip


@rule(*_BITS)
def _bits(args: list[Expr], eqn: Any) -> Expr | None:
    """Logic of truth values, or of the bits of whole numbers."""
    name = eqn.primitive.name
    if all(arg.kind == "truth" for arg in args):
        return entrywise("ne" if name == "xor" else name, args, shape_of(eqn))
    signed = np.dtype(eqn.invars[0].aval.dtype).kind == "i"
    return entrywise(_BITS[name], args, shape_of(eqn)) if signed else None


@rule("tile")
def _tile(args: list[Expr], eqn: Any) -> Expr:
    """Copies end to end: [x; x]; many of them as rows of ones times x."""
    x, copies = args[0], tuple(eqn.params["reps"])
    for axis, count in enumerate(copies):
        if count != 1:
            wide = (*x.shape[:axis], count, *x.shape[axis:])
            spread = apply("spread", x, shape=wide, axes=tuple(k for k in range(len(wide)) if k != axis))
            shape = (*x.shape[:axis], count * x.shape[axis], *x.shape[axis + 1 :])
            x = apply("join", *[x] * count, axis=axis) if count <= 4 else apply("reshape", spread, shape=shape)
    return x


@rule("unstack")
def _unstack(args: list[Expr], eqn: Any) -> list[Expr]:
    """The rows of an array."""
    x, axis = args[0], eqn.params["axis"]
    order = (axis, *(k for k in range(len(x.shape)) if k != axis))
    rows = x if axis == 0 else apply("transpose", x, axes=order)
    return [apply("index", rows, place) for place in range(x.shape[axis])]


@rule("stack")
def _stack(args: list[Expr], eqn: Any) -> Expr:
    """Arrays of one shape along a new axis."""
    axis, shape = eqn.params["axis"], args[0].shape
    rows = [apply("reshape", arg, shape=(*shape[:axis], 1, *shape[axis:])) for arg in args]
    return rows[0] if len(rows) == 1 else apply("join", *rows, axis=axis)


@rule("select_n")
def _select(args: list[Expr], eqn: Any) -> Expr:
    """select_n(c, a, b) is b where c holds; with a number as c, its place among the values."""
    which, *values = args
    shape = shape_of(eqn)
    wide = apply("fill", which, shape=shape) if which.shape == () and shape else which
    if which.kind == "truth":
        return apply("where", wide, values[1], values[0])
    made = values[-1]
    for place in range(len(values) - 2, -1, -1):
        made = apply("where", apply("le", wide, place), values[place], made)
    return made


@rule("round")
def _round(args: list[Expr], eqn: Any) -> Expr:
    (x,) = args
    if int(eqn.params["rounding_method"]) == 1:  # to the even neighbour
        return apply("round", x)
    return apply("mul", apply("sign", x), apply("floor", apply("add", apply("abs", x), 0.5)))


@rule("pad")
def _pad(args: list[Expr], eqn: Any) -> Expr:
    """One number among zeros is a multiple of a unit vector."""
    x, filler = args
    before, after, gaps = zip(*eqn.params["padding_config"])
    if x.shape == (1,) and is_number(filler, 0) and before[0] >= 0 and after[0] >= 0:
        unit = apply("one_hot", before[0], size=before[0] + 1 + after[0])
        return apply("mul", apply("reshape", x, shape=()), unit)
    if not any((*before, *after, *gaps)):
        return x
    margins = {"before": before, "after": after, "gaps": gaps}
    return apply("pad", x, filler, **{name: _each(value) for name, value in margins.items() if any(value)})


@rule("cholesky")
def _cholesky(args: list[Expr], eqn: Any) -> Expr | None:
    return apply("cholesky", args[0]) if len(args[0].shape) == 2 else None


@rule("triangular_solve")
def _triangular(args: list[Expr], eqn: Any) -> Expr | None:
    """A⁻¹ b, where of A only the lower or the upper half is looked at."""
    A, b = args
    params = eqn.params
    if len(A.shape) != 2 or params["unit_diagonal"] or A.kind == "complex":
        return None
    half = A if _triangle(A, params["lower"]) else apply("lower" if params["lower"] else "upper", A)
    turned = apply("transpose", half, axes=(1, 0))
    if params["left_side"]:
        return apply("solve", turned if params["transpose_a"] else half, b)
    return _turn(apply("solve", half if params["transpose_a"] else turned, _turn(b)))  # b A⁻¹ = (A⁻ᵀ bᵀ)ᵀ


def _turn(A: Expr) -> Expr:
    return apply("transpose", A, axes=(1, 0))


def _triangle(A: Expr, lower: bool) -> bool:
    if is_op(A, "transpose"):
        return _triangle(A.args[0], not lower)
    return is_op(A, "cholesky", "lower") if lower else is_op(A, "upper")


@rule("eigh")
def _eigh(args: list[Expr], eqn: Any) -> list[Expr] | None:
    if len(args[0].shape) != 2 or args[0].kind == "complex":
        return None
    return [apply("eigenvectors", args[0]), apply("eigenvalues", args[0])]


@rule("svd")
def _svd(args: list[Expr], eqn: Any) -> list[Expr] | None:
    (A,) = args
    if len(A.shape) != 2 or A.kind == "complex" or eqn.params.get("subset_by_index") is not None:
        return None
    full = {"full": True} if eqn.params["full_matrices"] and eqn.params["compute_uv"] else {}
    values: list[Expr] = [apply("singular_values", A)]
    return values + ([apply("svd_left", A, **full), apply("svd_right", A, **full)] if eqn.params["compute_uv"] else [])


@rule("qr")
def _qr(args: list[Expr], eqn: Any) -> list[Expr] | None:
    (A,) = args
    if len(A.shape) != 2 or A.kind == "complex" or eqn.params.get("pivoting"):
        return None
    full = {"full": True} if eqn.params["full_matrices"] else {}
    return [apply("qr_q", A, **full), apply("qr_r", A, **full)]


@rule("fft")
def _fft(args: list[Expr], eqn: Any) -> Expr:
    name = str(eqn.params["fft_type"]).rsplit(".", 1)[-1].lower()
    names = {"0": "fft", "1": "ifft", "2": "rfft", "3": "irfft"}
    return apply(names.get(name, name), args[0], size=_each(eqn.params["fft_lengths"]))


@rule("dynamic_slice")
def _dynamic_slice(args: list[Expr], eqn: Any) -> Expr:
    """Entries along some axes, all of the others: x_i; else a part of the array."""
    x, at, sizes = args[0], args[1:], tuple(eqn.params["slice_sizes"])
    picked = tuple(axis for axis, (size, n) in enumerate(zip(sizes, x.shape)) if size == 1 and n > 1)
    rest = tuple(axis for axis in range(len(sizes)) if axis not in picked)
    if picked and all(sizes[axis] == x.shape[axis] for axis in rest):  # their position is 0, whatever is said
        order = (*picked, *rest)
        front = x if order == tuple(range(len(order))) else apply("transpose", x, axes=order)
        return apply("reshape", apply("index", front, *(at[axis] for axis in picked)), shape=sizes)
    return apply("part", x, *at, size=_each(sizes))


@rule("dynamic_update_slice")
def _dynamic_update(args: list[Expr], eqn: Any) -> Expr:
    """A number put into a vector of zeros is a multiple of a unit vector."""
    x, new, *at = args
    zero = is_op(x, "fill") and is_number(x.args[0], 0)
    if zero and len(x.shape) == 1 and new.size == 1:
        return apply("mul", apply("reshape", new, shape=()), apply("one_hot", at[0], size=x.shape[0]))
    return apply("put", x, new, *at)
