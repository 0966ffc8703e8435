"""The table operation → Python: how each operation is written with jax.numpy."""

from __future__ import annotations

from gradiens.equations.printing.as_code import CALL, COMPARE, OR, POWER, SIGN, SUM, TERM, Coder, Make, Said
from gradiens.equations.tree.expression import Apply


def _binary(sign: str, level: int) -> Make:
    def make(coder: Coder, expr: Apply) -> Said:
        a, b = expr.operands
        return f"{coder.part(a, expr, level)} {sign} {coder.part(b, expr, level + 1)}", level

    return make


def _relation(sign: str) -> Make:
    def make(coder: Coder, expr: Apply) -> Said:
        a, b = expr.operands
        return f"{coder.part(a, expr, COMPARE + 1)} {sign} {coder.part(b, expr, COMPARE + 1)}", COMPARE

    return make


def _power(coder: Coder, expr: Apply) -> Said:
    a, b = expr.operands
    return f"{coder.part(a, expr, CALL)} ** {coder.part(b, expr, CALL)}", POWER


def _product(coder: Coder, expr: Apply) -> Said:
    a, b = expr.operands
    return f"{coder.at(a, TERM)} @ {coder.at(b, TERM + 1)}", TERM


def _call(name: str, after: str = "") -> Make:
    """`name(a, b)`, entry by entry."""

    def make(coder: Coder, expr: Apply) -> Said:
        return f"{name}({', '.join(coder.part(arg, expr, COMPARE) for arg in expr.operands)}{after})", CALL

    return make


def _over(name: str, setting: str = "axis") -> Make:
    """`name(A, axis=1)`."""

    def make(coder: Coder, expr: Apply) -> Said:
        axes = expr.param("axes")
        which = "" if axes is None else f", {setting}={axes[0] if len(axes) == 1 else axes}"
        if name == "softmax" and axes is None and len(expr.shape) > 1:
            which = f", {setting}={tuple(range(len(expr.shape)))}"
        return f"{name}({coder.at(expr.args[0], COMPARE)}{which})", CALL

    return make


def _transpose(coder: Coder, expr: Apply) -> Said:
    axes = expr.param("axes")
    if axes == (1, 0):
        return f"{coder.at(expr.args[0], CALL)}.T", CALL
    return f"jnp.transpose({coder.at(expr.args[0], COMPARE)}, {axes})", CALL


def _listed(coder: Coder, expr: Apply) -> str:
    return ", ".join(coder.at(arg, COMPARE) for arg in expr.operands)


def _einsum(coder: Coder, expr: Apply) -> Said:
    *inside, out = expr.param("letters")
    return f'jnp.einsum("{",".join(inside)}->{out}", {_listed(coder, expr)})', CALL


def _squares(coder: Coder, expr: Apply) -> Said:
    return f"jnp.sum({coder.at(expr.args[0], CALL)} ** 2)", CALL


def _fill(coder: Coder, expr: Apply) -> Said:
    return f"jnp.full({expr.shape}, {coder.at(expr.args[0], COMPARE)})", CALL


def _spread(coder: Coder, expr: Apply) -> Said:
    return f"jnp.broadcast_to({coder.stretched(expr)}, {expr.shape})", CALL


def _reshape(coder: Coder, expr: Apply) -> Said:
    return f"jnp.reshape({coder.at(expr.args[0], COMPARE)}, {expr.shape})", CALL


def _index(coder: Coder, expr: Apply) -> Said:
    base, *at = expr.operands
    return f"{coder.at(base, CALL)}[{', '.join(coder.at(one, COMPARE) for one in at)}]", CALL


def _slice(coder: Coder, expr: Apply) -> Said:
    spans = []
    for start, stop, step, n in zip(*(expr.param(name) for name in ("start", "stop", "step")), expr.args[0].shape):
        ends = f"{start or ''}:{stop if stop != n else ''}"
        spans.append(f"{ends}:{step}" if step != 1 else ends)
    return f"{coder.at(expr.args[0], CALL)}[{', '.join(spans)}]", CALL


def _join(coder: Coder, expr: Apply) -> Said:
    axis = expr.param("axis")
    return f"jnp.concatenate([{_listed(coder, expr)}]{f', axis={axis}' if axis else ''})", CALL


def _one_hot(coder: Coder, expr: Apply) -> Said:
    return f"one_hot({coder.at(expr.args[0], COMPARE)}, {expr.shape[0]})", CALL


def _iota(coder: Coder, expr: Apply) -> Said:
    axis = expr.param("axis")
    counted = f"jnp.arange({expr.shape[axis]})"
    if len(expr.shape) == 1:
        return counted, CALL
    at = ", ".join(":" if place == axis else "None" for place in range(len(expr.shape)))
    return f"jnp.broadcast_to({counted}[{at}], {expr.shape})", CALL


def _indicator(coder: Coder, expr: Apply) -> Said:
    return f"jnp.where({coder.at(expr.args[0], OR)}, 1.0, 0.0)", CALL


def _as_real(coder: Coder, expr: Apply) -> Said:
    return f"jnp.asarray({coder.at(expr.args[0], COMPARE)}, float)", CALL


def _cast(coder: Coder, expr: Apply) -> Said:
    if expr.param("kind") == "integer":  # what is cut off is not rounded
        return coder.by_table(expr), CALL
    return f'jnp.asarray({coder.at(expr.args[0], COMPARE)}, "{expr.param("to")}")', CALL


def _negative(coder: Coder, expr: Apply) -> Said:
    return f"-{coder.at(expr.args[0], SIGN)}", SIGN


CODE: dict[str, Make] = {
    "add": _binary("+", SUM), "sub": _binary("-", SUM), "mul": _binary("*", TERM), "div": _binary("/", TERM),
    "neg": _negative, "pow": _power, "matmul": _product, "where": _call("jnp.where"),
    "gt": _relation(">"), "ge": _relation(">="), "lt": _relation("<"), "le": _relation("<="), "eq": _relation("=="),
    "ne": _relation("!="), "and": _call("jnp.logical_and"), "or": _call("jnp.logical_or"), "not": _call("jnp.logical_not"),
    "sum": _over("jnp.sum"), "mean": _over("jnp.mean"), "prod": _over("jnp.prod"), "reduce_max": _over("jnp.max"),
    "reduce_min": _over("jnp.min"), "any": _over("jnp.any"), "all": _over("jnp.all"), "softmax": _over("softmax"),
    "lse": _over("logsumexp"), "transpose": _transpose, "einsum": _einsum, "norm2": _squares,
    "norm": _call("jnp.linalg.norm"), "outer": _call("jnp.outer"), "fill": _fill, "spread": _spread, "reshape": _reshape,
    "index": _index, "slice": _slice, "join": _join, "one_hot": _one_hot, "iota": _iota, "indicator": _indicator,
    "as_real": _as_real, "cast": _cast, "max": _call("jnp.maximum"), "min": _call("jnp.minimum"), "σ": _call("sigmoid"),
    "relu": _call("relu"), "softplus": _call("softplus"), "silu": _call("silu"), "elu": _call("elu"),
    "leaky_relu": _call("leaky_relu"), "gelu": _call("gelu", ", approximate=False"), "gelu_tanh": _call("gelu"),
    "erf": _call("erf"), "erfc": _call("erfc"), "log_gamma": _call("gammaln"), "digamma": _call("digamma"),
    "arsinh": _call("jnp.arcsinh"), "arcosh": _call("jnp.arccosh"), "artanh": _call("jnp.arctanh"), "atan2": _call("jnp.arctan2"),
    "is_finite": _call("jnp.isfinite"),
    **{name: _call(f"jnp.{name}") for name in (
        "exp", "log", "sqrt", "abs", "floor", "ceil", "sign", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos",
        "arctan",
    )},
}  # fmt: skip
