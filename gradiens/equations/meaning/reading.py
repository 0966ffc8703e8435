"""Syntax to terms: what each part of an expression means where it stands."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from gradiens.equations.meaning import agreement as a
from gradiens.equations.meaning import products as p
from gradiens.equations.meaning.calls import call
from gradiens.equations.meaning.indexing import big, comprehension
from gradiens.equations.meaning.making import bracket, cases, condition_of, identity, ones, unit_vector
from gradiens.equations.meaning.scope import Scope
from gradiens.equations.meaning.sizes import Size
from gradiens.equations.meaning.subscripts import subscript
from gradiens.equations.meaning.terms import Ground, Shape, Term, entrywise, of_number, operation
from gradiens.equations.text import syntax as s
from gradiens.equations.tree.expression import Number
from gradiens.equations.tree.operations import apply

_CONSTANTS = {"π": math.pi, "pi": math.pi, "e": math.e}


def read(scope: Scope, expr: s.Syntax) -> Term:
    """The meaning of an expression; its rank is decided."""
    return scope.settle(loose(scope, expr))


def loose(scope: Scope, expr: s.Syntax) -> Term:
    """The meaning of an expression, whose rank may be left to what stands beside it."""
    return _READ[type(expr)](scope, expr)


def _number(scope: Scope, expr: s.Num) -> Term:
    return of_number(expr.value, expr.at)


def _name(scope: Scope, expr: Any) -> Term:
    """A name with its scripts; where that is not known as a whole, a subscript is an index and a superscript a power."""
    key = scope.key(expr)
    if isinstance(expr, s.Mark) and expr.kind == "time":
        from gradiens.equations.meaning.steps import at_time

        found = at_time(scope, expr)
        if found is not None:
            return found
    if key is not None and scope.knows(key):
        return scope.use(key, expr.at)
    if isinstance(expr, s.Power):
        return _power(scope, expr)
    if isinstance(expr, s.Sub):
        return subscript(scope, expr, key)
    if key is None:
        return _marked(scope, expr)
    if key == "I":
        return identity(expr.at)
    if key in _CONSTANTS:
        return of_number(_CONSTANTS[key], expr.at)
    if key in scope.counters or (key in scope.sizes.named and scope.sizes.named[key].known is not None):
        return a.size_term(Size(scope.counters[key]) if key in scope.counters else scope.sizes.name(key), expr.at)
    if scope.index(key) is not None:
        return _position(scope, expr, key)
    return scope.new(key, expr.at)


def _position(scope: Scope, expr: s.Syntax, letter: str) -> Term:
    """An index as a number: the position it stands at."""
    index = scope.index(letter)
    assert index is not None
    make = lambda ground: apply("iota", shape=ground.shape([index.size]), axis=0)  # noqa: E731
    counted = Term((), "integer", make, expr.at, (index,))
    if index.first == 0:
        return counted
    return a.entries(scope, "add", [counted, of_number(index.first, expr.at)], expr.at, "the index", "integer")


def _marked(scope: Scope, expr: s.Mark) -> Term:
    """What is no name has no mark of a layer, an example or a time: `(x + 1)^(a)` is a power."""
    if expr.kind == "example" and expr.index is not None:
        return _power(scope, s.Power(expr.at, expr.base, expr.index))
    scope.fail(expr.at, f"a name before the mark of a {expr.kind}", scope.text[expr.at.start : expr.at.stop])


def _power(scope: Scope, expr: s.Power) -> Term:
    if isinstance(expr.base, s.Name) and expr.base.text == "e" and not scope.knows("e"):
        return a.entries(scope, "exp", [read(scope, expr.exponent)], expr.at, "the exponential", "real")
    base = read(scope, expr.base)
    times = expr.exponent.value if isinstance(expr.exponent, s.Num) else None
    square = len(base.shape) == 2 and not expr.entrywise and not base.index
    minus = isinstance(expr.exponent, s.Unary) and expr.exponent.body == s.Num(expr.at, 1)
    if square and (minus or times == -1):
        scope.equal(base.shape[0], base.shape[1], expr.at, "the inverse")
        inverse = operation("inverse", [base], base.shape, base.kind, expr.at)
        inverse.inverse_of = base
        return inverse
    if square and isinstance(times, int) and times > 1:
        return p.power_of_matrix(scope, base, times, expr.at)
    exponent = read(scope, expr.exponent)
    if base.value == 10 and isinstance(exponent.value, int):  # 10⁻⁸
        return of_number(float(f"1e{exponent.value}"), expr.at)
    return a.entries(scope, "pow", [base, exponent], expr.at, "the power")


def _transposed(scope: Scope, expr: s.Transposed) -> Term:
    return p.transposed(scope, loose(scope, expr.base), expr.at)


def _unary(scope: Scope, expr: s.Unary) -> Term:
    body = read(scope, expr.body) if expr.op == "neg" else condition_of(scope, expr.body)
    if expr.op == "neg" and body.value is not None:
        return of_number(-body.value, expr.at)
    return a.entries(scope, expr.op, [body], expr.at, "the sign")


_RULES = {"add": "the sum", "sub": "the difference", "odot": "the entrywise product", "eq": "the comparison"}


def _binary(scope: Scope, expr: s.Binary) -> Term:
    left, right = loose(scope, expr.left), loose(scope, expr.right)
    if expr.op == "star":
        from gradiens.equations.meaning.maps import correlate

        return correlate(scope, left, right, expr)
    if expr.op == "otimes":
        return _tensor(scope, scope.settle(left), scope.settle(right), expr.at)
    if expr.op in ("and", "or"):
        left, right = scope.kind(left, "truth"), scope.kind(right, "truth")
    return a.entries(
        scope, {"odot": "mul"}.get(expr.op, expr.op), [left, right], expr.at, _RULES.get(expr.op, "the comparison")
    )


def _tensor(scope: Scope, one: Term, other: Term, at: s.Place) -> Term:
    """a ⊗ b: every entry of a times every entry of b."""
    if len(one.shape) == len(other.shape) == 1:
        return p.outer(one, other, at)
    return p.letters(one, other, 0, at)


def _product(scope: Scope, expr: s.Product, mixed: bool = False) -> Term:
    scientific = _scientific(scope, expr)
    if scientific is not None:
        return scientific
    return p.product(scope, [loose(scope, factor) for factor in expr.factors], expr.signs, expr.at, mixed)


def _scientific(scope: Scope, expr: s.Product) -> Term | None:
    """`3·10⁻⁴`, the decimal number 3e-4 and not a product of two rounded ones."""
    if expr.signs != ("·",) or not isinstance(expr.factors[0], s.Num) or not isinstance(expr.factors[1], s.Power):
        return None
    ten, exponent = expr.factors[1].base, expr.factors[1].exponent
    if not isinstance(ten, s.Num) or ten.value != 10:
        return None
    power = read(scope, exponent).value
    return of_number(float(f"{expr.factors[0].value}e{power}"), expr.at) if isinstance(power, int) else None


def _frac(scope: Scope, expr: s.Frac) -> Term:
    return p.product(scope, [loose(scope, expr.over), loose(scope, expr.under)], ["/"], expr.at)


def _root(scope: Scope, expr: s.Root) -> Term:
    body = read(scope, expr.body)
    if isinstance(body.value, int | float) and body.value > 0 and not math.sqrt(body.value).is_integer():
        return of_number(math.sqrt(body.value), expr.at)
    return a.entries(scope, "sqrt", [body], expr.at, "the root", "real")


def _fence(scope: Scope, expr: s.Fence) -> Term:
    if expr.kind == "paren":
        return loose(scope, expr.body)
    body = read(scope, expr.body)
    if expr.kind == "norm":
        return operation("norm", [body], (), "real", expr.at)
    return a.entries(scope, expr.kind, [body], expr.at, "the value")


def norm_power(scope: Scope, expr: s.Power) -> Term | None:
    """‖x‖² is one operation."""
    base = expr.base.base if isinstance(expr.base, s.Sub) and expr.base.text == "F" else expr.base
    if not isinstance(base, s.Fence) or base.kind != "norm":
        return None
    body = read(scope, base.body)
    if body.index:
        return None
    if isinstance(expr.exponent, s.Num) and expr.exponent.value == 2:
        return operation("norm2", [body], (), "real", expr.at)
    return None


def _raised(scope: Scope, expr: s.Power) -> Term:
    return norm_power(scope, expr) or _name(scope, expr)


def _indicator(scope: Scope, expr: s.Indicator) -> Term:
    condition = condition_of(scope, expr.condition)
    if condition.kind != "truth":
        scope.fail(expr.at, "a condition in 𝟏[…]", "a number", "write 𝟏[x > 0]")
    return entrywise("indicator", [condition], condition.shape, "real", expr.at)


def _ones(scope: Scope, expr: s.Ones) -> Term:
    return ones(scope, expr.at)


def _sub(scope: Scope, expr: s.Sub) -> Term:
    sizes = _sizes_below(scope, expr)
    if isinstance(expr.base, s.Ones):
        return ones(scope, expr.at, sizes)
    if isinstance(expr.base, s.Num) and expr.base.value == 0:
        return ones(scope, expr.at, sizes, 0.0)
    if (
        isinstance(expr.base, s.Name)
        and expr.base.text == "e"
        and not scope.knows("e")
        and scope.key(expr) not in {*scope.defined, *scope.meant}
    ):
        return unit_vector(scope, expr)
    if isinstance(expr.base, s.Bracket) and len(expr.base.rows) == len(expr.base.rows[0]) == 1:
        return comprehension(scope, expr)
    if isinstance(expr.base, s.Fence) and expr.base.kind == "norm":  # ‖X‖_F
        return _fence(scope, expr.base)
    return _name(scope, expr)


def _sizes_below(scope: Scope, expr: s.Sub) -> Shape:
    items = expr.items[0].items if len(expr.items) == 1 and isinstance(expr.items[0], s.Times) else expr.items
    return tuple(size for size in map(scope.size, items) if size is not None)


def _call(scope: Scope, expr: s.Call) -> Term:
    return call(scope, expr)


def _misplaced(scope: Scope, expr: s.Syntax) -> Term:
    scope.fail(expr.at, "an expression", "a part that has no value of its own")


_READ: dict[type, Callable[[Scope, Any], Term]] = {
    s.Num: _number, s.Name: _name, s.Mark: _name, s.Sub: _sub, s.Power: _raised, s.Transposed: _transposed,
    s.Unary: _unary, s.Binary: _binary, s.Product: _product, s.Frac: _frac, s.Root: _root, s.Fence: _fence,
    s.Indicator: _indicator, s.Ones: _ones, s.Bracket: bracket, s.Cases: cases, s.Call: _call, s.Big: big,
    s.Slice: _misplaced, s.Setting: _misplaced, s.Group: _misplaced, s.Times: _misplaced, s.Word: _misplaced,
}  # fmt: skip


def constant(ground: Ground, term: Term) -> float | int | None:
    """The number that a term is, if it is one."""
    expr = ground(term)
    return expr.value if isinstance(expr, Number) and isinstance(expr.value, int | float) else None
