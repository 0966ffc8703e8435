"""The forms that have a name. Each line is an identity, written as on paper; it is used from left to right.

The definitions are used from right to left too: the printed equation of `relu` itself is its definition.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from gradiens.equations.folding.fold import Rule, function_rule, pattern_rule
from gradiens.equations.folding.pattern import Pattern, Wild, build, maker, match, op
from gradiens.equations.tree.expression import Apply, Expr, Number, is_number, is_op
from gradiens.equations.tree.operations import apply

exp, log, sqrt, erf, erfc, tanh, absolute = (
    maker(name) for name in ("exp", "log", "sqrt", "erf", "erfc", "tanh", "abs")
)
where, indicator, maximum, minimum = (maker(name) for name in ("where", "indicator", "max", "min"))
relu, leaky_relu, elu, softplus, gelu, gelu_tanh, silu, softmax, lse = (
    maker(name) for name in ("relu", "leaky_relu", "elu", "softplus", "gelu", "gelu_tanh", "silu", "softmax", "lse")
)
σ, index, one_hot, norm, norm2 = (maker(name) for name in ("σ", "index", "one_hot", "norm", "norm2"))
le, lt, pick, sign = (maker(name) for name in ("le", "lt", "pick", "sign"))


def total(arg: Pattern) -> Pattern:
    """The sum of all entries."""
    return op("sum", arg, axes=None)


def _array(expr: Expr) -> bool:
    return expr.shape != () and expr.kind == "real"


z, x, y, a, g, u, v = (Wild(letter) for letter in "zxyagυν")
zs, xs = Wild("z", _array), Wild("x", _array)
vector = Wild("z", lambda expr: len(expr.shape) == 1)
c, α = (Wild(letter, lambda expr: expr.shape == ()) for letter in "cα")
matrix = Wild("z", lambda expr: len(expr.shape) == 2)
classes = Wild("k", lambda expr: len(expr.shape) == 1 and expr.kind == "integer")
k = Wild("k", lambda expr: expr.shape == () and expr.kind == "integer")

shifted = z - op("mean", z, axes=None)

# name = what it means
DEFINITIONS: dict[str, tuple[Pattern, Pattern]] = {
    "σ": (σ(z), 1 / (1 + exp(-z))),
    "relu": (relu(z), maximum(0, z)),
    "leaky_relu": (leaky_relu(z, α), where(z > 0, z, α * z)),
    "elu": (elu(z, α), where(z > 0, z, α * (exp(z) - 1))),
    "softplus": (softplus(z), log(1 + exp(z))),
    "gelu": (gelu(z), 0.5 * (z * (1 + erf(z / math.sqrt(2))))),
    "gelu_tanh": (gelu_tanh(z), 0.5 * (z * (1 + tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))))),
    "silu": (silu(z), z * σ(z)),
    "sign": (sign(z), indicator(z > 0) - indicator(lt(z, 0))),
    "tanh": (tanh(z), (exp(z) - exp(-z)) / (exp(z) + exp(-z))),
    "softmax": (softmax(z, axes=None), exp(z) / total(exp(z))),
    "lse": (lse(z, axes=None), log(total(exp(z)))),
    "Φ": (op("Φ", z), 0.5 * (1 + erf(z / math.sqrt(2)))),
    "layer_norm": (op("layer_norm", z, c), shifted / sqrt(op("mean", shifted**2, axes=None) + c)),
    "rms_norm": (op("rms_norm", z, c), z / sqrt(op("mean", z**2, axes=None) + c)),
}


def definition(node: Expr) -> Expr | None:
    """What a named form means: `max(0, z)` for `relu(z)`."""
    if not isinstance(node, Apply) or node.op not in DEFINITIONS:
        return None
    name, meaning = DEFINITIONS[node.op]
    return next((build(meaning, bound) for bound in match(name, node, {})), None)


def identities() -> list[tuple[str, Pattern, Pattern]]:
    """The identities, by name: sums first, for the forms within them are then still plain."""
    return [*_sums(), *_activations()]


def _activations() -> list[tuple[str, Pattern, Pattern]]:
    below = minimum(z, 0)
    return [
        ("sigmoid", 1 / (1 + exp(-z)), σ(z)),
        ("sigmoid of the positive side", exp(z) / (1 + exp(z)), σ(z)),
        ("sigmoid by softplus", exp(z - softplus(z)), σ(z)),
        ("step", maximum(sign(z), 0), indicator(z > 0)),
        ("relu", maximum(zs, 0), relu(zs)),
        ("relu by indicator", zs * indicator(zs > 0), relu(zs)),
        ("relu by choice", where(zs > 0, zs, 0), relu(zs)),
        ("negative part", z * indicator(le(z, 0)), minimum(z, 0)),
        ("leaky relu", where(z > 0, z, α * z), leaky_relu(z, α)),
        ("leaky relu by maximum", maximum(z, α * z), leaky_relu(z, α)),
        ("elu", where(z > 0, z, α * (exp(below) - 1)), elu(z, α)),
        ("elu, α = 1", where(z > 0, z, exp(below) - 1), elu(z, 1.0)),
        ("softplus by its tail", relu(z) + softplus(-absolute(z)), softplus(z)),
        ("softplus of the other side", relu(-z) + softplus(-absolute(z)), softplus(-z)),
        ("softplus of a scalar by its tail", maximum(z, 0) + softplus(-absolute(z)), softplus(z)),
        ("softplus, plainly", log(1 + exp(z)), softplus(z)),
        ("gelu", (z * (1 + erf(z / math.sqrt(2)))) / 2, gelu(z)),
        ("gelu by erfc", 0.5 * (z * erfc(-(z * math.sqrt(0.5)))), gelu(z)),
        ("gelu by tanh", 0.5 * (z * (1 + tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)))), gelu_tanh(z)),
        ("silu", z * σ(z), silu(z)),
        ("silu by its power", z / (1 + exp(-z)), silu(z)),
        ("tanh' inside", (g + g * a) * (1 - a), g * (1 - a**2)),
        ("tanh' outside", (g * (1 - a)) + (g * (1 - a)) * a, g * (1 - a**2)),
        ("tanh' in a sum", (x + g * (1 - a)) + (g * (1 - a)) * a, x + g * (1 - a**2)),
        ("tanh' alone", (1 - a) + (1 - a) * a, 1 - a**2),
        ("tanh″", (g * (1 - a)) * u - g * (u + u * a), -(2 * (g * (a * u)))),
        ("hard tanh", where(z > α, α, where(lt(z, c), c, z)), minimum(α, maximum(c, z))),
        ("elu by its sides", relu(z) + (exp(below) - 1), elu(z, 1.0)),
        ("log σ", -softplus(-z), log(σ(z))),
        ("the other class", 1 / (1 + exp(z)), σ(-z)),
    ]


part, one = minimum(α, a), minimum(1, a)


def _sums() -> list[tuple[str, Pattern, Pattern]]:
    return [
        ("cross-entropy of a class", lse(z, axes=None) - index(z, k), -log(index(softmax(z, axes=None), k))),
        (
            "cross-entropy of classes",
            lse(matrix, axes=(1,)) - pick(matrix, classes),
            -log(pick(softmax(matrix, axes=(1,)), classes)),
        ),
        ("binary cross-entropy", softplus(z) - y * z, -(y * log(σ(z)) + (1 - y) * log(1 - σ(z)))),
        (
            "binary cross-entropy by its sides",
            y * log(σ(z)) - (1 - y) * softplus(z),
            y * log(σ(z)) + (1 - y) * log(1 - σ(z)),
        ),
        (
            "huber",
            minimum(α, maximum(x, -α)) * (x - minimum(α, maximum(x, -α)) / 2),
            where(le(absolute(x), α), x**2 / 2, α * (absolute(x) - α / 2)),
        ),
        ("huber by parts", 0.5 * part**2 + α * (a - part), where(le(a, α), a**2 / 2, α * (a - α / 2))),
        ("huber by parts, α = 1", 0.5 * one**2 + (a - one), where(le(a, 1), a**2 / 2, a - 0.5)),
        ("log of two powers", maximum(x, y) + softplus(-absolute(x - y)), log(exp(x) + exp(y))),
        ("squared norm", total(xs**2), norm2(xs)),
        ("norm", sqrt(norm2(xs)), norm(xs)),
    ]


def mean(node: Apply) -> Expr | None:
    """A sum divided by the number of its terms."""
    above, below = node.operands
    if not is_op(above, "sum") or not isinstance(below, Number):
        return None
    count = above.args[0].size // max(above.size, 1)
    return apply("mean", above.args[0], axes=above.param("axes")) if is_number(below, count) else None  # pyright: ignore


def unit_vector(node: Apply) -> Expr | None:
    """𝟏[i = y] over all i is the unit vector e_y."""
    (arg,) = node.operands
    for one, other in (arg.args, arg.args[::-1]) if is_op(arg, "eq") else ():
        if is_op(one, "iota") and len(one.shape) == 1 and other.shape == ():
            return apply("one_hot", other, size=one.shape[0])
    return None


def picked(node: Apply) -> Expr | None:
    """The sum of e_y ⊙ a is a_y, and so is e_yᵀ a."""
    product = node if node.op == "matmul" else node.operands[0]
    if not is_op(product, "mul", "matmul") or any(len(arg.shape) != 1 for arg in product.args):
        return None
    if node.op == "sum" and node.param("axes") is not None:
        return None
    for one, other in (product.args, product.args[::-1]):
        if is_op(one, "one_hot"):
            return apply("index", other, one.args[0])
    return None


def square(node: Apply) -> Expr | None:
    """xᵀ x = ‖x‖²."""
    a, b = node.operands
    return apply("norm2", a) if a is b and len(a.shape) == 1 else None


def clipped(node: Apply) -> Expr | None:
    """A position cut to the array's own range is the position, for that is what an index means."""
    arr, at, *rest = node.operands
    last = arr.shape[0] - 1
    if is_op(at, "min") and any(is_number(part, last) for part in at.args):
        at = next(part for part in at.args if not is_number(part, last))
        if is_op(at, "max", "relu") and any(is_number(part, 0) for part in at.args):
            at = next(part for part in at.args if not is_number(part, 0))
            return apply("index", arr, at, *rest)
    return None


def log_cosh(node: Apply) -> Expr | None:
    """log(e^x + e^{-x}) - log 2 is log cosh x."""
    above, two = node.operands
    double = is_number(two, math.log(2)) or (is_op(two, "log") and is_number(two.args[0], 2))
    if not double or not is_op(above, "log") or not is_op(above.args[0], "add"):
        return None
    one = above.args[0].args[0]
    return apply("log", apply("cosh", one.args[0])) if is_op(one, "exp") else None


def forms() -> list[Rule]:
    """The rules, in the order in which they are tried."""
    functions: list[tuple[str, tuple[str, ...], Callable[[Apply], Expr | None]]] = [
        ("mean", ("div",), mean),
        ("unit vector", ("indicator",), unit_vector),
        ("entry by unit vector", ("sum", "matmul"), picked),
        ("squared length", ("matmul",), square),
        ("position in range", ("index",), clipped),
        ("log cosh", ("sub",), log_cosh),
    ]
    named = [pattern_rule(*identity) for identity in identities()]
    return [*(function_rule(*rule) for rule in functions), *named]
