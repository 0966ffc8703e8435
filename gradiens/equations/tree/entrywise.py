"""Operations that act entry by entry: arithmetic, relations, elementary functions, activations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradiens.equations.tree import drawing as d
from gradiens.equations.tree.layout import Draw
from gradiens.equations.tree.operations import enter, real, together, truth
from gradiens.functions.activations import relu


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


def _gelu_tanh(xp: Any, z: Any) -> Any:
    return z * (1 + xp.tanh((2 / np.pi) ** 0.5 * (z + 0.044715 * z**3))) / 2


def _gelu_tanh_slope(xp: Any, z: Any) -> Any:
    c = (2 / np.pi) ** 0.5
    t = xp.tanh(c * (z + 0.044715 * z**3))
    return (1 + t) / 2 + z * (1 - t * t) * c * (1 + 3 * 0.044715 * z**2) / 2


def _gelu_slope(xp: Any, z: Any) -> Any:
    density = xp.exp(-z * z / 2) / (2 * np.pi) ** 0.5
    return (1 + _special(xp, "erf", z / 2**0.5)) / 2 + z * density


_entrywise("add", lambda xp, a, b: a + b, d.sum_of("+"), together, commutes=True)
_entrywise("sub", lambda xp, a, b: a - b, d.sum_of("-"), together)
_entrywise("neg", lambda xp, a: -a, d.negated, together)
_entrywise("mul", lambda xp, a, b: a * b, d.product, together, commutes=True)
_entrywise("div", lambda xp, a, b: a / b, d.quotient)
_entrywise("pow", lambda xp, a, b: a**b, d.power, together)
_entrywise("exp", lambda xp, a: xp.exp(a), d.exponential)
_entrywise("log", lambda xp, a: xp.log(a), d.prefix("log"))
_entrywise("sqrt", lambda xp, a: xp.sqrt(a), d.root)
_entrywise("abs", lambda xp, a: xp.abs(a), d.fenced("|", "|"), together)
_entrywise("floor", lambda xp, a: xp.floor(a), d.fenced("⌊", "⌋"), together)
_entrywise("ceil", lambda xp, a: xp.ceil(a), d.fenced("⌈", "⌉"), together)
_entrywise("max", lambda xp, a, b: xp.maximum(a, b), d.function("max"), together, commutes=True)
_entrywise("min", lambda xp, a, b: xp.minimum(a, b), d.function("min"), together, commutes=True)
_entrywise("sign", lambda xp, a: xp.sign(a), d.function("sign"), together)
for _name, _run in {
    "sin": "sin", "cos": "cos", "tan": "tan", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh",
    "arcsin": "arcsin", "arccos": "arccos", "arctan": "arctan", "arsinh": "arcsinh", "arcosh": "arccosh", "artanh": "arctanh",
}.items():  # fmt: skip
    _entrywise(
        _name, lambda xp, a, run=_run: getattr(xp, run)(a), d.prefix(_name) if _name != "tanh" else d.function(_name)
    )
_entrywise("atan2", lambda xp, a, b: xp.arctan2(a, b), d.function("atan2"))
_entrywise("erf", _erf, d.function("erf"))
_entrywise("erfc", lambda xp, a: _special(xp, "erfc", a), d.function("erfc"))
_entrywise("log_gamma", lambda xp, a: _special(xp, "gammaln", a), d.log_gamma)
_entrywise("digamma", lambda xp, a: _special(xp, "digamma", a), d.function("ψ"))
for _name, _sign_text, _run in (
    ("gt", ">", "greater"), ("ge", "≥", "greater_equal"), ("lt", "<", "less"), ("le", "≤", "less_equal"),
    ("eq", "=", "equal"), ("ne", "≠", "not_equal"), ("and", "∧", "logical_and"), ("or", "∨", "logical_or"),
):  # fmt: skip
    _entrywise(
        _name,
        lambda xp, a, b, run=_run: getattr(xp, run)(a, b),
        d.relation(_sign_text),
        truth,
        commutes=_name in ("eq", "ne", "and", "or"),
    )
_entrywise("not", lambda xp, a: xp.logical_not(a), d.denied, truth)
_entrywise("is_finite", lambda xp, a: xp.isfinite(a), d.function("finite"), truth)
_entrywise("indicator", lambda xp, c: xp.where(c, 1.0, 0.0), d.indicator)
_entrywise("as_real", lambda xp, a: xp.asarray(a).astype(float), d.transparent)  # a whole number taken as a real one
# Activations, each with its definition in `forms.py`.
_entrywise("σ", _sigmoid, d.function("σ"))
_entrywise(
    "relu", lambda xp, z: np.maximum(z, 0) if xp is np else relu(z), d.function("relu")
)  # with its derivative at 0
_entrywise("leaky_relu", lambda xp, z, a: xp.where(z > 0, z, a * z), d.with_parameter("leaky_relu"))
_entrywise("elu", lambda xp, z, a: xp.where(z > 0, z, a * xp.expm1(xp.minimum(z, 0))), d.with_parameter("elu"))
_entrywise("softplus", lambda xp, z: xp.logaddexp(z, xp.zeros_like(z)), d.function("softplus"))
_entrywise("gelu", _gelu, d.function("gelu"))
_entrywise("gelu_tanh", _gelu_tanh, d.function("gelu_tanh"))
_entrywise("silu", lambda xp, z: z * _sigmoid(xp, z), d.function("silu"))
_entrywise("leaky_relu'", lambda xp, z, a: xp.where(z > 0, 1.0, a), d.with_parameter("leaky_relu", "′"))
_entrywise("elu'", lambda xp, z, a: xp.where(z > 0, 1.0, a * xp.exp(xp.minimum(z, 0))), d.with_parameter("elu", "′"))
_entrywise("gelu'", _gelu_slope, d.with_parameter("gelu", "′"))
_entrywise("gelu_tanh'", _gelu_tanh_slope, d.with_parameter("gelu_tanh", "′"))
_entrywise("silu'", lambda xp, z: _sigmoid(xp, z) * (1 + z * (1 - _sigmoid(xp, z))), d.with_parameter("silu", "′"))
