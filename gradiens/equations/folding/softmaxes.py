"""Rules for powers that are made to sum to one: softmax along any axes, its slope, its logarithm, log-sum-exp."""

from __future__ import annotations

from gradiens.equations.folding.fold import Rule, function_rule
from gradiens.equations.tree.expression import Apply, Expr, Shape, is_op
from gradiens.equations.tree.operations import apply


def _of_rows(expr: Expr, axes: tuple[int, ...], shape: Shape) -> Expr | None:
    """What `expr` repeats along `axes`: c of c 𝟏ᵀ, of a unit axis."""
    if is_op(expr, "spread"):
        kept = tuple(axis for axis in range(len(shape)) if axis not in axes)
        return expr.args[0] if expr.param("axes") == kept else None  # pyright: ignore[reportAttributeAccessIssue]
    return expr if expr.shape == () and len(axes) == len(shape) else None


def _power(expr: Expr) -> tuple[Expr, Expr | None] | None:
    """z and c of e^{z - c}."""
    if not is_op(expr, "exp"):
        return None
    (inside,) = expr.args
    return (inside.args[0], inside.args[1]) if is_op(inside, "sub") and inside.args[0].shape else (inside, None)


def softmax(node: Apply) -> Expr | None:
    """e^{z - c} / Σ e^{z - c} along some axes, whatever c is that does not vary along them."""
    above, below = node.operands
    power = _power(above)
    total = below.args[0] if is_op(below, "spread") else below
    if power is None or not isinstance(total, Apply) or total.op != "sum" or total.args[0] is not above:
        return None
    axes = total.param("axes")
    along = tuple(range(len(above.shape))) if axes is None else axes
    z, shift = power
    if total.shape and _of_rows(below, along, node.shape) is not total:
        return None
    if shift is not None and _of_rows(shift, along, node.shape) is None:
        return None
    return apply("softmax", z, axes=axes)


def softmax_slope(node: Apply) -> Expr | None:
    """(g/S - Σ g E/S²) ⊙ E, where E = e^{z - c} and S = Σ E, is p ⊙ (g - Σ g ⊙ p) with p = softmax(z)."""
    for inside, power in (node.operands, node.operands[::-1]):
        found = _power(power)
        if found is None or not is_op(inside, "sub") or not is_op(inside.args[0], "div"):
            continue
        g, below = inside.args[0].args
        total = below.args[0] if is_op(below, "spread") else below
        if not isinstance(total, Apply) or total.op != "sum" or total.args[0] is not power or g.shape != node.shape:
            continue
        axes = total.param("axes")
        p = apply("softmax", found[0], axes=axes)
        mean = apply("sum", apply("mul", g, p), axes=axes)
        if mean.shape:
            kept = tuple(axis for axis in range(len(node.shape)) if axis not in axes)
            mean = apply("spread", mean, shape=node.shape, axes=kept)
        return apply("mul", p, apply("sub", g, mean))
    return None


def softmax_weights(node: Apply) -> Expr | None:
    """(g/S) ⊙ E is g ⊙ softmax(z), where E = e^{z - c} and S = Σ E."""
    for inside, power in (node.operands, node.operands[::-1]):
        found = _power(power)
        share = inside.args[0] if is_op(inside, "spread") else inside
        if found is None or not is_op(share, "div"):
            continue
        g, below = share.args
        total = below.args[0] if is_op(below, "spread") else below
        if isinstance(total, Apply) and total.op == "sum" and total.args[0] is power:
            weight = (
                apply("spread", g, **dict(inside.params)) if isinstance(inside, Apply) and inside is not share else g
            )
            return apply("mul", weight, apply("softmax", found[0], axes=total.param("axes")))
    return None


def units_inward(node: Apply) -> Expr | None:
    """Axes of one that come or go around a softmax along the last axis come or go around what it is of."""
    (arg,) = node.operands
    if not is_op(arg, "softmax") or arg.param("axes") != (len(arg.shape) - 1,):  # pyright: ignore
        return None
    wide = [tuple(n for n in one.shape if n != 1) for one in (arg, node)]
    if wide[0] != wide[1] or node.shape[-1:] != arg.shape[-1:]:
        return None
    z = apply("reshape", arg.args[0], shape=node.shape)
    return apply("softmax", z, axes=(len(node.shape) - 1,) if len(node.shape) > 1 else None)


def log_sum_exp(node: Apply) -> Expr | None:
    """log Σ e^{z - c} along some axes."""
    (total,) = node.operands
    if not isinstance(total, Apply) or total.op != "sum":
        return None
    power = _power(total.args[0])
    if power is None or not total.args[0].shape:
        return None
    axes = total.param("axes")
    z, shift = power
    if shift is None:
        return apply("lse", z, axes=axes)
    along = tuple(range(len(z.shape))) if axes is None else axes
    c = _of_rows(shift, along, z.shape)
    return None if c is None else apply("sub", apply("lse", z, axes=axes), c)


def log_softmax(node: Apply) -> Expr | None:
    """(z - c) - (lse z - c) and z - lse z are log softmax(z), along the last axis too."""
    z, other = node.operands
    inner = other.args[0] if is_op(other, "spread") else other
    if is_op(inner, "sub") and is_op(inner.args[0], "lse") and is_op(z, "sub"):
        z, inner = z.args[0], inner.args[0]
    if not isinstance(inner, Apply) or inner.op != "lse" or inner.args[0] is not z:
        return None
    return apply("log", apply("softmax", z, axes=inner.param("axes")))


def softmax_rules() -> list[Rule]:
    """The rules, in the order in which they are tried."""
    return [
        function_rule("softmax along axes", ("div",), softmax),
        function_rule("axes of one around softmax", ("reshape",), units_inward),
        function_rule("slope of softmax", ("mul",), softmax_slope),
        function_rule("weights of softmax", ("mul",), softmax_weights),
        function_rule("log-sum-exp along axes", ("log",), log_sum_exp),
        function_rule("log softmax along axes", ("sub",), log_softmax),
    ]
