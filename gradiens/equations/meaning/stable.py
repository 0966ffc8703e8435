"""A tree in the form that computes well: log softmax(z) is z - lse(z), which neither overflows nor loses small values."""

from __future__ import annotations

from collections.abc import Sequence

from gradiens.equations.tree.expression import Apply, Expr, is_number, is_op, rebuild
from gradiens.equations.tree.operations import apply


def stable(roots: Sequence[Expr]) -> list[Expr]:
    """The roots with logarithms of softmax and σ taken before the exponentials."""
    return rebuild(roots, _changed, {})


def _changed(expr: Expr) -> Expr:
    return (_log(expr.args[0]) or expr) if is_op(expr, "log") else expr


def _log(arg: Expr) -> Expr | None:
    if is_op(arg, "softmax"):
        return _log_softmax(arg)
    if is_op(arg, "index") and is_op(arg.args[0], "softmax"):
        return apply("index", _log_softmax(arg.args[0]), *arg.args[1:])
    if is_op(arg, "reshape") and is_op(arg.args[0], "σ"):
        assert isinstance(arg, Apply)
        return apply("reshape", _log(arg.args[0]) or arg, **dict(arg.params))
    if is_op(arg, "σ"):
        return apply("neg", apply("softplus", apply("neg", arg.args[0])))
    if is_op(arg, "sub") and is_number(arg.args[0], 1):
        inside = arg.args[1]
        if is_op(inside, "reshape") and is_op(inside.args[0], "σ"):
            assert isinstance(inside, Apply)
            return apply("reshape", apply("neg", apply("softplus", inside.args[0].args[0])), **dict(inside.params))
        if is_op(inside, "σ"):
            return apply("neg", apply("softplus", inside.args[0]))
    return None


def _log_softmax(expr: Expr) -> Expr:
    assert isinstance(expr, Apply)
    z, axes = expr.operands[0], expr.param("axes")
    total = apply("lse", z, axes=axes)
    if axes is not None:
        kept = tuple(axis for axis in range(len(z.shape)) if axis not in axes)
        total = apply("spread", total, shape=z.shape, axes=kept)
    return apply("sub", z, total)
