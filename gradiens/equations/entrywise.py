"""Operations that act entry by entry: arithmetic, relations, elementary functions, activations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradiens.equations.expression import Apply, Expr, Number
from gradiens.equations.layout import (
    ATOM,
    BIG,
    FUNCTION,
    HADAMARD,
    NEGATION,
    PRODUCT,
    RELATION,
    SUM,
    Draw,
    Drawn,
    Layout,
    negative,
)  # fmt: skip
from gradiens.equations.notation import (
    APPLY,
    SPACE,
    Box,
    Fence,
    Frac,
    Letter,
    Root,
    Script,
    Sign,
    Word,
    listed,
    paren,
    raised,
    row,
)
from gradiens.equations.operations import enter, real, together, truth

Index = tuple[str, ...]


def _sum(sign: str) -> Draw:
    def draw(layout: Layout, expr: Apply, index: Index) -> Drawn:
        a, b = expr.operands
        left = layout.entry(a, expr, index, NEGATION)
        right = layout.entry(b, expr, index, SUM if sign == "+" else BIG)
        return row(left, Sign(sign), paren(right) if negative(b) and not isinstance(right, Fence) else right), SUM

    return draw


def _neg(layout: Layout, expr: Apply, index: Index) -> Drawn:
    return row(Sign("-", tight=True), layout.entry(expr.args[0], expr, index, BIG)), NEGATION


def _product(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """Scalars, or a scalar and an array, side by side; two arrays are joined by ⊙."""
    a, b = expr.operands
    if index or a.size == 1 or b.size == 1:
        if negative(a):
            inside = layout.entry(a, expr, index, NEGATION)
            return row(
                inside if _begins_with_minus(inside) else paren(inside), SPACE, _right(layout, b, expr, index)
            ), NEGATION
        inner = isinstance(a, Apply) and a.op == "matmul"  # (uᵀ v) a
        left = layout.entry(a, expr, index, FUNCTION if inner else PRODUCT)
        right = _right(layout, b, expr, index)
        dot = isinstance(b, Number) or _begins_with_digit(right)
        return row(left, Sign("·") if dot else SPACE, right), PRODUCT
    return row(
        layout.box(a, HADAMARD if _is_hadamard(a) else FUNCTION),
        Sign("⊙"),
        layout.box(b, HADAMARD if _is_hadamard(b) else FUNCTION),
    ), HADAMARD


def _right(layout: Layout, arg: Expr, of: Apply, index: Index) -> Box:
    box, level = layout.draw(arg, index if arg.shape == of.shape else ())
    return box if level >= PRODUCT or level == BIG else paren(box)


def _is_hadamard(expr: Expr) -> bool:
    return isinstance(expr, Apply) and expr.op == "mul" and all(arg.size > 1 for arg in expr.operands)


def _begins_with_minus(box: Box) -> bool:
    items = getattr(box, "items", ())
    return bool(items) and items[0] == Sign("-", tight=True)


def _begins_with_digit(box: Box) -> bool:
    from gradiens.equations.print_unicode import unicode

    return unicode(box)[:1] in "0123456789½"


def _quotient(layout: Layout, expr: Apply, index: Index) -> Drawn:
    a, b = expr.operands
    over, level = layout.draw(a, index if a.shape == expr.shape else ())
    over = paren(over) if layout.flat and level == BIG else over
    box = Frac(over, layout.entry(b, expr, index))
    return box, (NEGATION if negative(a) else HADAMARD) if layout.flat else ATOM


def _power(layout: Layout, expr: Apply, index: Index) -> Drawn:
    a, b = expr.operands
    base, exponent = layout.entry(a, expr, index, ATOM), layout.entry(b, expr, index)
    if len(expr.shape) >= 2 and not index:  # the power of each entry, not of the matrix
        exponent = row(Sign("∘", tight=True), exponent)
    return raised(base, exponent), ATOM


def _exp(layout: Layout, expr: Apply, index: Index) -> Drawn:
    exponent = layout.entry(expr.args[0], expr, index)
    if expr.shape == () or index:
        return Script(Letter("e"), None, exponent), ATOM
    return row(Word("exp"), paren(exponent)), ATOM


def function(name: str) -> Draw:
    """`name(a, b)`, entry by entry."""

    def draw(layout: Layout, expr: Apply, index: Index) -> Drawn:
        args = [layout.entry(arg, expr, index) for arg in expr.operands]
        head = Letter(name) if len(name) == 1 else Word(name)
        return row(head, paren(listed(*args))), ATOM

    return draw


def prefix(name: str) -> Draw:
    """`log x`: no brackets around what is simple."""

    def draw(layout: Layout, expr: Apply, index: Index) -> Drawn:
        box, level = layout.draw(expr.args[0], index)
        simple = level >= ATOM and not isinstance(box, Fence | Frac)
        return row(Word(name), APPLY if simple else row(), box if simple else paren(box)), FUNCTION if simple else ATOM

    return draw


def _relation(sign: str) -> Draw:
    def draw(layout: Layout, expr: Apply, index: Index) -> Drawn:
        a, b = expr.operands
        return row(layout.entry(a, expr, index, NEGATION), Sign(sign), layout.entry(b, expr, index, NEGATION)), RELATION

    return draw


def _fence(left: str, right: str) -> Draw:
    def draw(layout: Layout, expr: Apply, index: Index) -> Drawn:
        return Fence(left, layout.entry(expr.args[0], expr, index), right), ATOM

    return draw


def _root(layout: Layout, expr: Apply, index: Index) -> Drawn:
    return Root(layout.entry(expr.args[0], expr, index)), ATOM


def _not(layout: Layout, expr: Apply, index: Index) -> Drawn:
    return row(Sign("¬", tight=True), layout.entry(expr.args[0], expr, index, FUNCTION)), FUNCTION


def _indicator(layout: Layout, expr: Apply, index: Index) -> Drawn:
    return row(Letter("𝟏"), Fence("[", layout.entry(expr.args[0], expr, index), "]")), ATOM


def _transparent(layout: Layout, expr: Apply, index: Index) -> Drawn:
    return layout.draw(expr.args[0], index)


def with_parameter(name: str, mark: str = "") -> Draw:
    """`elu_α(z)`, `gelu′(z)`: the parameter below, the mark of a derivative above."""

    def draw(layout: Layout, expr: Apply, index: Index) -> Drawn:
        z, *rest = expr.operands
        sub, sup = layout.box(rest[0]) if rest else None, Sign(mark, tight=True) if mark else None
        head = Script(Word(name), sub, sup) if rest or mark else Word(name)
        return row(head, paren(layout.entry(z, expr, index))), ATOM

    return draw


def _entrywise(name: str, run: Callable[..., Any], draw: Draw, shape: Any = real, commutes: bool = False) -> None:
    enter(name, run, shape, draw, entrywise=True, commutes=commutes)


def _sigmoid(xp: Any, z: Any) -> Any:
    return (1 + xp.tanh(z / 2)) / 2


def _erf(xp: Any, x: Any) -> Any:
    return _special(xp, "erf", x)


def _special(xp: Any, name: str, *args: Any) -> Any:
    if xp is np:
        import scipy.special as special
    else:
        import jax.scipy.special as special
    return getattr(special, name)(*args)


def _gelu(xp: Any, z: Any) -> Any:
    return z * (1 + _special(xp, "erf", z / 2**0.5)) / 2


def _gelu_slope(xp: Any, z: Any) -> Any:
    density = xp.exp(-z * z / 2) / (2 * np.pi) ** 0.5
    return (1 + _special(xp, "erf", z / 2**0.5)) / 2 + z * density


_entrywise("add", lambda xp, a, b: a + b, _sum("+"), together, commutes=True)
_entrywise("sub", lambda xp, a, b: a - b, _sum("-"), together)
_entrywise("neg", lambda xp, a: -a, _neg, together)
_entrywise("mul", lambda xp, a, b: a * b, _product, together, commutes=True)
_entrywise("div", lambda xp, a, b: a / b, _quotient)
_entrywise("pow", lambda xp, a, b: a**b, _power, together)
_entrywise("exp", lambda xp, a: xp.exp(a), _exp)
_entrywise("log", lambda xp, a: xp.log(a), prefix("log"))
_entrywise("sqrt", lambda xp, a: xp.sqrt(a), _root)
_entrywise("abs", lambda xp, a: xp.abs(a), _fence("|", "|"), together)
_entrywise("floor", lambda xp, a: xp.floor(a), _fence("⌊", "⌋"), together)
_entrywise("ceil", lambda xp, a: xp.ceil(a), _fence("⌈", "⌉"), together)
_entrywise("max", lambda xp, a, b: xp.maximum(a, b), function("max"), together, commutes=True)
_entrywise("min", lambda xp, a, b: xp.minimum(a, b), function("min"), together, commutes=True)
_entrywise("sign", lambda xp, a: xp.sign(a), function("sign"), together)
for _name, _run in {
    "sin": "sin", "cos": "cos", "tan": "tan", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh",
    "arcsin": "arcsin", "arccos": "arccos", "arctan": "arctan", "arsinh": "arcsinh", "arcosh": "arccosh", "artanh": "arctanh",
}.items():  # fmt: skip
    _entrywise(
        _name, lambda xp, a, run=_run: getattr(xp, run)(a), prefix(_name) if _name != "tanh" else function(_name)
    )
_entrywise("atan2", lambda xp, a, b: xp.arctan2(a, b), function("atan2"))
_entrywise("erf", _erf, function("erf"))
_entrywise("erfc", lambda xp, a: _special(xp, "erfc", a), function("erfc"))
_entrywise("log_gamma", lambda xp, a: _special(xp, "gammaln", a), prefix("log Γ"))
_entrywise("digamma", lambda xp, a: _special(xp, "digamma", a), function("ψ"))
for _name, _sign_text, _run in (
    ("gt", ">", "greater"), ("ge", "≥", "greater_equal"), ("lt", "<", "less"), ("le", "≤", "less_equal"),
    ("eq", "=", "equal"), ("ne", "≠", "not_equal"), ("and", "∧", "logical_and"), ("or", "∨", "logical_or"),
):  # fmt: skip
    _entrywise(
        _name,
        lambda xp, a, b, run=_run: getattr(xp, run)(a, b),
        _relation(_sign_text),
        truth,
        commutes=_name in ("eq", "ne", "and", "or"),
    )
_entrywise("not", lambda xp, a: xp.logical_not(a), _not, truth)
_entrywise("is_finite", lambda xp, a: xp.isfinite(a), function("finite"), truth)
_entrywise("indicator", lambda xp, c: xp.where(c, 1.0, 0.0), _indicator)
_entrywise("as_real", lambda xp, a: xp.asarray(a).astype(float), _transparent)  # a whole number taken as a real one
# Activations, each with its definition in `forms.py`.
_entrywise("σ", _sigmoid, function("σ"))
_entrywise("relu", lambda xp, z: xp.maximum(z, 0), function("relu"))
_entrywise("leaky_relu", lambda xp, z, a: xp.where(z > 0, z, a * z), with_parameter("leaky relu"))
_entrywise("elu", lambda xp, z, a: xp.where(z > 0, z, a * xp.expm1(xp.minimum(z, 0))), with_parameter("elu"))
_entrywise("softplus", lambda xp, z: xp.logaddexp(z, xp.zeros_like(z)), function("softplus"))
_entrywise("gelu", _gelu, function("gelu"))
_entrywise("silu", lambda xp, z: z * _sigmoid(xp, z), function("silu"))
_entrywise("leaky_relu'", lambda xp, z, a: xp.where(z > 0, 1.0, a), with_parameter("leaky relu", "′"))
_entrywise("elu'", lambda xp, z, a: xp.where(z > 0, 1.0, a * xp.exp(xp.minimum(z, 0))), with_parameter("elu", "′"))
_entrywise("gelu'", _gelu_slope, with_parameter("gelu", "′"))
_entrywise("silu'", lambda xp, z: _sigmoid(xp, z) * (1 + z * (1 - _sigmoid(xp, z))), with_parameter("silu", "′"))
