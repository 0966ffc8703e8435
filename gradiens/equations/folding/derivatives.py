"""The derivatives of activations and losses as they appear in gradients, under their names: g ⊙ gelu′(z).

Here the patterns are not written but traced: the pattern is what JAX makes of the derivative of the very function, read
and folded like any program. They are made when a tree holds the function, and verified like every rule.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

import jax
import jax.numpy as jnp

from gradiens.equations.folding.fold import Folder, Rule, pattern_rule
from gradiens.equations.folding.pattern import Exactly, Operation, Pattern, Wild, op
from gradiens.equations.tree.expression import Apply, Expr, Number, Symbol, symbol
from gradiens.equations.tree.recurrence import everything
from gradiens.functions import activations, losses

# The operation, the functions that are folded to it, its parameter.
_ACTIVATIONS: dict[str, tuple[tuple[Callable[..., Any], ...], tuple[float, ...]]] = {
    "gelu": ((activations.gelu, lambda z: jax.nn.gelu(z, approximate=False)), ()),
    "gelu_tanh": ((jax.nn.gelu,), ()),
    "silu": ((activations.silu, jax.nn.silu), ()),
    "elu": ((activations.elu, jax.nn.elu), (1.0,)),
    "leaky_relu": ((activations.leaky_relu,), (0.01,)),
}


def derivative_rules(roots: Iterable[Expr], rules: tuple[Rule, ...]) -> list[Rule]:
    """Rules for the derivatives of the functions that the trees hold."""
    roots = list(roots)
    held = {expr.op for expr in everything(*roots) if isinstance(expr, Apply)}
    if "erfc" in held:  # of what is left of a GELU when only its slope is asked for
        held.add("gelu")
    if any(isinstance(expr, Number) and expr.value == 0.044715 for expr in everything(*roots)):
        held.add("gelu_tanh")
    found = [rule for name in _ACTIVATIONS if name in held for rule in _rules(name, rules)]
    if {"erf", "erfc"} <= held or {"exp", "abs", "indicator"} <= held:
        found = [*_normal(rules), *found]
    return [*found, _huber(rules)] if {"min", "max", "where"} <= held else found


@functools.cache
def _normal(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Φ, which is computed from erf near 0 and from erfc far from it, and its derivative, the normal density."""
    x, g = Wild("x"), Wild("g")
    slope = lambda x, g: jax.vjp(jax.scipy.special.ndtr, x)[1](g)[0]  # noqa: E731
    made = []
    for shape in ((3,), ()):
        distribution = traced_pattern(jax.scipy.special.ndtr, {"x": x}, rules, shape)
        made.append(pattern_rule(f"Φ of shape {shape}", distribution, op("Φ", x)))
        density = traced_pattern(slope, {"x": x, "g": g}, rules, shape)
        made.append(pattern_rule(f"Φ′ of shape {shape}", density, g * op("Φ'", x)))
        alone = traced_pattern(lambda x: slope(x, jnp.ones_like(x)), {"x": x}, rules, shape)
        made.append(pattern_rule(f"Φ′ alone, of shape {shape}", alone, op("Φ'", x)))
    return tuple(made)


@functools.cache
def _huber(rules: tuple[Rule, ...]) -> Rule:
    """The gradient of the Huber loss is the error, cut to [-1, 1]."""
    ŷ, y = Wild("ŷ"), Wild("y")
    old = traced_pattern(jax.grad(losses.huber), {"ŷ": ŷ, "y": y}, rules)
    return pattern_rule("huber′", old, op("min", 1, op("max", -1, ŷ - y)))


@functools.cache
def _rules(name: str, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    functions, params = _ACTIVATIONS[name]
    z, g = Wild("z"), Wild("g")
    made = []
    for place, function in enumerate(functions):
        old = traced_pattern(lambda z, g, f=function: jax.vjp(f, z)[1](g)[0], {"z": z, "g": g}, rules)
        if isinstance(old, Operation):
            made.append(pattern_rule(f"{name}′ ({place + 1})", old, g * op(f"{name}'", z, *params)))
    return tuple(made)


def traced_pattern(
    f: Callable[..., Any], wild: dict[str, Wild], rules: tuple[Rule, ...], shape: tuple[int, ...] = (3,)
) -> Pattern:
    """The pattern of a program of arrays of one shape."""
    from gradiens.equations.program.trace import trace

    symbols = [symbol(f"·{name}", shape) for name in wild]
    with jax.enable_x64(True):
        read = trace(f, [jax.ShapeDtypeStruct(shape, jnp.float64) for _ in symbols], symbols)
    (root,) = Folder(rules).fold(read.outputs)
    return _pattern(root, dict(zip(symbols, wild.values())))


def _pattern(expr: Expr, wild: dict[Symbol, Wild]) -> Pattern:
    if isinstance(expr, Symbol):
        return wild[expr]
    if isinstance(expr, Number):
        return Exactly(expr.value)  # pyright: ignore[reportArgumentType]
    assert isinstance(expr, Apply)
    return Operation(expr.op, tuple(_pattern(arg, wild) for arg in expr.operands), expr.params)
