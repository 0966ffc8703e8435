"""The table primitive → rule: which operation a JAX primitive is. A rule returns None when it does not apply."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gradiens.equations.tree.expression import Expr, Kind, Number, Shape, Symbol, number
from gradiens.equations.tree.operations import apply

# Primitives that call a program: the parameter that holds it.
CALLS = {
    "jit": "jaxpr", "pjit": "jaxpr", "closed_call": "call_jaxpr", "core_call": "call_jaxpr", "remat": "jaxpr",
    "checkpoint": "jaxpr", "remat2": "jaxpr", "custom_jvp_call": "call_jaxpr", "custom_vjp_call": "call_jaxpr",
    "custom_vjp_call_jaxpr": "fun_jaxpr", "custom_lin": "call_jaxpr",
}  # fmt: skip

ENTRYWISE = {
    "add": "add", "add_any": "add", "sub": "sub", "mul": "mul", "neg": "neg", "max": "max", "min": "min", "exp": "exp",
    "log": "log", "sqrt": "sqrt", "abs": "abs", "sign": "sign", "floor": "floor", "ceil": "ceil", "sin": "sin", "cos": "cos",
    "tan": "tan", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "asin": "arcsin", "acos": "arccos", "atan": "arctan",
    "asinh": "arsinh", "acosh": "arcosh", "atanh": "artanh", "atan2": "atan2", "erf": "erf", "erfc": "erfc",
    "lgamma": "log_gamma", "digamma": "digamma", "gt": "gt", "ge": "ge", "lt": "lt", "le": "le", "eq": "eq", "ne": "ne",
    "is_finite": "is_finite", "logistic": "σ", "pow": "pow",
}  # fmt: skip


def extended(dtype: Any) -> bool:
    """Is it the dtype of random keys?"""
    return dtype is not None and bool(jnp.issubdtype(dtype, jax.dtypes.extended))


def kind_of(dtype: Any) -> Kind:
    """The kind of number that a dtype stands for."""
    if extended(dtype):
        return "other"
    kinds: dict[str, Kind] = {"b": "truth", "i": "integer", "u": "integer", "f": "real", "c": "complex", "V": "real"}
    return kinds.get(np.dtype(dtype).kind, "other")


def entrywise(op: str, args: list[Expr], shape: Shape) -> Expr:
    """An entrywise operation: operands are scalars or have the full shape; one with unit axes is spread out."""
    if op == "max" and len(args) == 2:
        args = [arg for arg in args if getattr(arg, "value", None) != -np.inf] or args
        if len(args) == 1:
            return args[0]
    return apply(op, *(_fit(arg, shape) for arg in args))


def _fit(arg: Expr, shape: Shape) -> Expr:
    if arg.shape in ((), shape):
        return arg
    if arg.size == 1:
        return apply("reshape", arg, shape=())
    kept = tuple(axis for axis, n in enumerate(arg.shape) if n == shape[axis])
    squeezed = apply("reshape", arg, shape=tuple(arg.shape[axis] for axis in kept))
    return apply("spread", squeezed, shape=shape, axes=kept)


Rule = Callable[[list[Expr], Any], Expr | list[Expr] | None]
RULES: dict[str, Rule] = {}


def rule(*primitives: str) -> Callable[[Rule], Rule]:
    """Enter a rule for these primitives."""

    def add(made: Rule) -> Rule:
        RULES.update(dict.fromkeys(primitives, made))
        return made

    return add


def shape_of(eqn: Any) -> tuple[int, ...]:
    """The shape of the value of a primitive."""
    return eqn.outvars[0].aval.shape


@rule("stop_gradient", "copy", "copy_p", "optimization_barrier", "reduce_precision", "pvary", "sharding_constraint")
def _through(args: list[Expr], eqn: Any) -> Expr | None:
    return args[0] if len(args) == 1 and eqn.primitive.name != "reduce_precision" else None


@rule("square")
def _square(args: list[Expr], eqn: Any) -> Expr:
    return apply("pow", args[0], 2)


@rule("one_minus_square")  # since JAX 0.12, in the derivative of tanh
def _one_minus_square(args: list[Expr], eqn: Any) -> Expr:
    return apply("sub", 1, apply("pow", args[0], 2))


@rule("integer_pow")
def _integer_pow(args: list[Expr], eqn: Any) -> Expr:
    power = eqn.params["y"]
    return apply("div", 1, apply("pow", args[0], -power)) if power < 0 else apply("pow", args[0], power)


@rule("rsqrt")
def _rsqrt(args: list[Expr], eqn: Any) -> Expr:
    return apply("div", 1, apply("sqrt", args[0]))


@rule("exp2")
def _exp2(args: list[Expr], eqn: Any) -> Expr:
    return apply("pow", 2, args[0])


@rule("log1p")
def _log1p(args: list[Expr], eqn: Any) -> Expr:
    return apply("log", apply("add", 1, args[0]))


@rule("expm1")
def _expm1(args: list[Expr], eqn: Any) -> Expr:
    return apply("sub", apply("exp", args[0]), 1)


@rule("convert_element_type")
def _convert(args: list[Expr], eqn: Any) -> Expr | None:
    (arg,), new = args, np.dtype(eqn.params["new_dtype"])
    old, kind = eqn.invars[0].aval.dtype, kind_of(new)
    if kind == arg.kind:
        narrower = kind == "real" and new.itemsize < np.dtype(old).itemsize
        return apply("cast", arg, to=str(new), kind=kind) if narrower and not isinstance(arg, Number) else arg
    if isinstance(arg, Number) and kind == "real":
        return number(float(arg.value))  # pyright: ignore[reportArgumentType]
    if kind == "real" and arg.kind == "truth":
        return apply("indicator", arg)
    if kind == "real" and arg.kind == "integer":
        return apply("as_real", arg)
    return apply("cast", arg, to=str(new), kind=kind)


@rule("broadcast_in_dim")
def _broadcast(args: list[Expr], eqn: Any) -> Expr | None:
    if len(args) != 1:
        return None
    arg, shape, axes = args[0], shape_of(eqn), tuple(int(axis) for axis in eqn.params["broadcast_dimensions"])
    if arg.size == 1:
        return apply("fill", apply("reshape", arg, shape=()) if arg.shape else arg, shape=shape)
    kept = [(axis, n) for axis, n in zip(axes, arg.shape) if n != 1]
    if len(kept) < len(arg.shape):
        arg = apply("reshape", arg, shape=tuple(n for _, n in kept))
    if int(np.prod(shape)) == arg.size:
        return arg if arg.shape == shape else apply("reshape", arg, shape=shape)
    return apply("spread", arg, shape=shape, axes=tuple(axis for axis, _ in kept))


@rule("reshape", "squeeze", "expand_dims")
def _reshape(args: list[Expr], eqn: Any) -> Expr | None:
    order = eqn.params.get("dimensions") if eqn.primitive.name == "reshape" else None
    if order is not None:  # read in another order of the axes: as the kernel of groups is, turned for the gradient
        return apply("reshape", apply("transpose", args[0], axes=tuple(order)), shape=shape_of(eqn))
    place = isinstance(args[0], Symbol) and args[0].kind == "integer"
    if place and (args[0].shape, shape_of(eqn)) == ((1,), ()):
        return apply("index", args[0], number(0))  # c₀, not c: as a place, the vector c would give a matrix of one row
    return args[0] if args[0].shape == shape_of(eqn) else apply("reshape", args[0], shape=shape_of(eqn))


@rule("transpose")
def _transpose(args: list[Expr], eqn: Any) -> Expr:
    axes = tuple(eqn.params["permutation"])
    return args[0] if axes == tuple(range(len(axes))) else apply("transpose", args[0], axes=axes)


_REDUCTIONS = {
    "reduce_sum": "sum", "reduce_max": "reduce_max", "reduce_min": "reduce_min", "reduce_prod": "prod",
    "reduce_and": "all", "reduce_or": "any",
}  # fmt: skip


@rule(*_REDUCTIONS)
def _reduce(args: list[Expr], eqn: Any) -> Expr:
    arg, axes = args[0], tuple(int(axis) for axis in eqn.params["axes"])
    if not axes:
        return arg
    op = _REDUCTIONS[eqn.primitive.name]
    return apply(op, arg, axes=None if len(axes) == len(arg.shape) else axes)


@rule("dot_general")
def _dot(args: list[Expr], eqn: Any) -> Expr | None:
    """Products of vectors and matrices as products; what has batch axes or more axes as an index sum."""
    a, b = args
    ((over_a, over_b), (batch_a, batch_b)) = eqn.params["dimension_numbers"]
    if not batch_a and len(over_a) == 1 and len(a.shape) <= 2 and len(b.shape) <= 2:
        left = a if over_a[0] == len(a.shape) - 1 else apply("transpose", a, axes=(1, 0))
        right = b if over_b[0] == 0 else apply("transpose", b, axes=(1, 0))
        if len(left.shape) == 1 and len(right.shape) == 2:  # a row times a matrix, as columns
            return apply("matmul", apply("transpose", right, axes=(1, 0)), left)
        return apply("matmul", left, right)
    if not batch_a and not over_a and len(a.shape) <= 1 and len(b.shape) <= 1:
        return apply("outer", a, b) if a.shape and b.shape else apply("mul", a, b)
    return _einsum(a, b, over_a, over_b, batch_a, batch_b)


def _einsum(a: Expr, b: Expr, over_a: Any, over_b: Any, batch_a: Any, batch_b: Any) -> Expr:
    letters = iter("ijklmnpqrstuvw")
    left: list[str] = [next(letters) for _ in a.shape]
    right = [""] * len(b.shape)
    for axis_a, axis_b in zip([*over_a, *batch_a], [*over_b, *batch_b]):
        right[axis_b] = left[axis_a]
    right = [letter or next(letters) for letter in right]
    out = [left[axis] for axis in batch_a]
    out += [letter for axis, letter in enumerate(left) if axis not in (*batch_a, *over_a)]
    out += [letter for axis, letter in enumerate(right) if axis not in (*batch_b, *over_b)]
    return apply("einsum", a, b, letters=("".join(left), "".join(right), "".join(out)))
