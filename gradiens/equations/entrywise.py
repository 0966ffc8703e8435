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
    begins_with_minus,
    negative,
)  # fmt: skip
from gradiens.equations.notation import (
    APPLY,
    SPACE,
    Big,
    Box,
    Cases,
    Digits,
    Fence,
    Frac,
    Letter,
    Matrix,
    Root,
    Row,
    Script,
    Sign,
    Word,
    listed,
    paren,
    raised,
    row,
)
from gradiens.equations.operations import enter, real, together, truth
from gradiens.functions.activations import relu

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
    if not (index or a.size == 1 or b.size == 1):
        return row(_factor(layout, a, expr), Sign("⊙"), _factor(layout, b, expr)), HADAMARD
    left, level = layout.drawn(a, expr, index)
    minus = begins_with_minus(left)
    inner = isinstance(a, Apply) and a.op == "matmul"  # (uᵀ v) a
    bare = level == FUNCTION and isinstance(left, Row)  # (log x) y
    minus = minus and level == NEGATION
    if not (minus or level >= PRODUCT) or inner or bare:
        left, minus = paren(left), False
    right, own = layout.drawn(b, expr, index)
    if own < PRODUCT and own != BIG:
        right, own = paren(right), ATOM
    dot = isinstance(b, Number) or _begins_with_digit(right)
    return row(left, Sign("·") if dot else SPACE, right), NEGATION if minus else min(own, PRODUCT)


def _factor(layout: Layout, arg: Expr, of: Apply) -> Box:
    return layout.entry(arg, of, (), HADAMARD if _is_hadamard(arg) else FUNCTION)


def _is_hadamard(expr: Expr) -> bool:
    return isinstance(expr, Apply) and expr.op == "mul" and all(arg.size > 1 for arg in expr.operands)


def _begins_with_digit(box: Box) -> bool:
    while isinstance(box, Row | Script):
        box = box.items[0] if isinstance(box, Row) else box.base
    return isinstance(box, Digits)


def _quotient(layout: Layout, expr: Apply, index: Index) -> Drawn:
    a, b = expr.operands
    over, level = layout.drawn(a, expr, index)
    open_end = level == BIG or (level == NEGATION and _ends_open(over))
    box = Frac(paren(over) if layout.flat and open_end else over, layout.entry(b, expr, index))
    return box, (NEGATION if level == NEGATION and not open_end else HADAMARD) if layout.flat else ATOM


def _ends_open(box: Box) -> bool:
    """Does the box end in what a big operator runs over, which a slash would not leave?"""
    return isinstance(box, Row) and any(isinstance(item, Big) for item in box.items)


def _power(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """`x²`; of the entries of a matrix `X^{∘2}`, for X² is X X."""
    a, b = expr.operands
    base = layout.entry(a, expr, index, ATOM)
    exponent = layout.entry(b, expr, index)
    if isinstance(base, Frac | Root | Cases | Matrix) or base == Letter("e"):
        base = paren(base)
    whole = len(expr.shape) >= 2 and not index
    if exponent == Letter("T") or (whole and not isinstance(exponent, Letter | Digits)) or _holds_cases(exponent):
        return row(Word("pow"), paren(listed(base, exponent))), ATOM
    return raised(base, row(Sign("∘", tight=True), exponent) if whole else exponent), ATOM


def _holds_cases(box: Box) -> bool:
    if isinstance(box, Row | Fence):
        return any(map(_holds_cases, box.items if isinstance(box, Row) else (box.body,)))
    return isinstance(box, Cases)


def _exp(layout: Layout, expr: Apply, index: Index) -> Drawn:
    exponent = layout.entry(expr.args[0], expr, index)
    if (expr.shape == () or index) and "e" not in layout.names and not _holds_cases(exponent):
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
        box, level = layout.drawn(expr.args[0], expr, index)
        simple = level >= ATOM and not _bracketed(box)
        return row(Word(name), APPLY if simple else row(), box if simple else paren(box)), FUNCTION if simple else ATOM

    return draw


def _bracketed(box: Box) -> bool:
    """Must the box have brackets after the name of a function: is it a number or a fraction, does it begin with a bracket?"""
    while isinstance(box, Script):
        box = box.base
    return isinstance(box, Fence | Frac | Cases | Matrix | Digits)


def _log_gamma(layout: Layout, expr: Apply, index: Index) -> Drawn:
    return row(Word("log"), APPLY, Letter("Γ"), paren(layout.entry(expr.args[0], expr, index))), FUNCTION


def _relation(sign: str) -> Draw:
    def draw(layout: Layout, expr: Apply, index: Index) -> Drawn:
        sides = [layout.drawn(arg, expr, index) for arg in expr.operands]
        one, other = (box if own > RELATION else paren(box) for box, own in sides)
        return row(one, Sign(sign), other), RELATION

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
    return layout.drawn(expr.args[0], expr, index)


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
    return _special(xp, "expit", z)


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
_entrywise("log_gamma", lambda xp, a: _special(xp, "gammaln", a), _log_gamma)
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
_entrywise(
    "relu", lambda xp, z: np.maximum(z, 0) if xp is np else relu(z), function("relu")
)  # with its derivative at 0
_entrywise("leaky_relu", lambda xp, z, a: xp.where(z > 0, z, a * z), with_parameter("leaky_relu"))
_entrywise("elu", lambda xp, z, a: xp.where(z > 0, z, a * xp.expm1(xp.minimum(z, 0))), with_parameter("elu"))
_entrywise("softplus", lambda xp, z: xp.logaddexp(z, xp.zeros_like(z)), function("softplus"))
_entrywise("gelu", _gelu, function("gelu"))
_entrywise("silu", lambda xp, z: z * _sigmoid(xp, z), function("silu"))
_entrywise("leaky_relu'", lambda xp, z, a: xp.where(z > 0, 1.0, a), with_parameter("leaky_relu", "′"))
_entrywise("elu'", lambda xp, z, a: xp.where(z > 0, 1.0, a * xp.exp(xp.minimum(z, 0))), with_parameter("elu", "′"))
_entrywise("gelu'", _gelu_slope, with_parameter("gelu", "′"))
_entrywise("silu'", lambda xp, z: _sigmoid(xp, z) * (1 + z * (1 - _sigmoid(xp, z))), with_parameter("silu", "′"))
