"""Grammar to syntax: one method for each rule of `grammar.lark`, which gets its parts, terminals included."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import replace
from typing import Any, TypeGuard

from gradiens.equations.text import letters
from gradiens.equations.text import syntax as s
from gradiens.equations.text.faults import shown
from gradiens.equations.text.nesting import Scripts, is_name, stacked, symbol_name
from gradiens.equations.text.parts import Parts, at, span, values
from gradiens.equations.text.pieces import Wrong
from gradiens.equations.text.sentences import Sentences

_OPS = {
    "PLUS": "add", "MINUS": "sub", "ODOT": "odot", "OTIMES": "otimes", "STAR": "star", "LT": "lt", "LE": "le", "GT": "gt",
    "GE": "ge", "EQ": "eq", "NE": "ne", "AND": "and", "OR": "or",
}  # fmt: skip
_FENCES: dict[str, Any] = {"LABS": "abs", "LNORM": "norm", "LFLOOR": "floor", "LCEIL": "ceil"}
_CONSTANTS = {"π": math.pi, "∞": math.inf, "\\infty": math.inf, "NaN": math.nan}
_MOST = 1e308


class Reader(Sentences, Scripts):
    """The callbacks of the parser."""

    # ------------------------------------------------------------ expressions

    def binary(self, parts: Parts) -> s.Binary:
        """Two sides of an operator; what stands below ⋆ are its settings."""
        left, sign, *settings, right = parts
        below = settings[0][1] if settings else ()
        return s.Binary(span(parts), _OPS[sign.value if sign.value in _OPS else sign.type], left, right, below)  # pyright: ignore[reportArgumentType]

    def unary(self, parts: Parts) -> s.Unary:
        """`-x` and `¬x`."""
        return s.Unary(span(parts), "neg" if parts[0].type == "MINUS" else "not", parts[1])

    def sizes(self, parts: Parts) -> s.Times:
        """`4×5`."""
        return s.Times(span(parts), values(parts))

    def product(self, parts: Parts) -> s.Syntax:
        """Factors side by side, `·` and `/` from left to right; a factor after a spaced quotient is ambiguous."""
        factors: list[s.Syntax] = []
        signs: list[Any] = []
        sign, quotient = "", False
        for part in parts:
            if not isinstance(part, s.Syntax):
                sign = part.type
                continue
            if sign == "SLASH":
                factors, signs, quotient = [_divided(_joined(factors, signs), part)], [], True
            else:
                if factors and not sign:
                    _check_beside(factors[-1], part, quotient)
                signs += ["·" if sign == "DOT" else ""] if factors else []
                factors.append(part)
                quotient = False
            sign = ""
        return _joined(factors, signs)

    def quotient(self, parts: Parts) -> s.Syntax:
        """`a/b` without spaces."""
        return _divided(parts[0], parts[2])

    def frac(self, parts: Parts) -> s.Syntax:
        r"""`\frac{a}{b}`."""
        return _moved(_divided(parts[1], parts[2]), span(parts))

    def big(self, parts: Parts) -> s.Big:
        """`Σ_{i=1}^{n} body`."""
        sign, *scripts, body = parts
        below = [item for script in scripts if script[0] == "sub" for item in script[1]]
        above = [value for script in scripts if script[0] == "sup" for kind, value in script[2] if kind == "power"]
        first = next((item.value for item in below if isinstance(item, s.Setting)), None)
        indices = tuple(s.Name(item.at, item.name) if isinstance(item, s.Setting) else item for item in below)
        op: Any = letters.BIG[sign.value]
        if op == "expectation" and isinstance(body, s.Bracket) and len(body.rows) == len(body.rows[0]) == 1:  # 𝔼[x]
            body = body.rows[0][0]
        return s.Big(span([sign, body]), op, indices, body, first, above[0] if above else None)

    def root(self, parts: Parts) -> s.Root:
        """`√x`."""
        return s.Root(span(parts), values(parts)[0])

    def bare(self, parts: Parts) -> s.Syntax:
        """`log x`."""
        return _called(parts[0], (parts[1],), span(parts))

    def call(self, parts: Parts) -> s.Syntax:
        """`f(x, y)`."""
        return _called(parts[0], values(parts[1:]), span(parts))

    def scripted(self, parts: Parts) -> s.Syntax:
        """A value with its scripts, nested in one order."""
        return stacked(parts[0], parts[1:])

    def head(self, parts: Parts) -> s.Syntax:
        """The head of a call with its scripts; a power of a function is not one."""
        for script in parts[1:]:
            if script[0] == "sup" and script[2]:
                name = parts[0].value
                raise Wrong(script[-1], "a function without a power", f"a power of {name}", f"write {name}(x)^2")
        return stacked(self.name(parts[:1]), parts[1:])

    def name(self, parts: Parts) -> s.Name:
        """A name without scripts."""
        return s.Name(at(parts[0]), parts[0].value)

    def num(self, parts: Parts) -> s.Num:
        """A number."""
        return s.Num(at(parts[0]), _number(parts[0]))

    def ones(self, parts: Parts) -> s.Ones:
        """`𝟏`."""
        return s.Ones(at(parts[0]))

    def bracket(self, parts: Parts) -> s.Bracket:
        """`[a; b]`."""
        return s.Bracket(span(parts), tuple(part for part in parts if isinstance(part, tuple)))

    def row(self, parts: Parts) -> tuple[s.Syntax, ...]:
        """`a, b` in brackets."""
        return values(parts)

    def group(self, parts: Parts) -> s.Syntax:
        """Brackets that only group leave their content, at their place; several values are a `Group`."""
        items, at = values(parts), span(parts)
        return _moved(items[0], at) if len(parts) == 3 else s.Group(at, items)

    def cases(self, parts: Parts) -> s.Cases:
        """`{a if c; b otherwise}`."""
        return s.Cases(span(parts), tuple(part for part in parts if isinstance(part, tuple)))

    def case(self, parts: Parts) -> tuple[s.Syntax, s.Syntax | None]:
        """`a if c`."""
        return parts[0], parts[2] if len(parts) == 3 else None

    def fence(self, parts: Parts) -> s.Syntax:
        r"""`|x|`, `‖x‖`, `⌊x⌋`, `⌈x⌉`, `𝟏[c]`, `\sqrt{x}`."""
        kind, at = parts[0].value, span(parts)
        if kind == "INDICATOR":
            return s.Indicator(at, parts[1])
        return s.Root(at, parts[1]) if kind == "RADICAL" else s.Fence(at, _FENCES[kind], parts[1])


# ---------------------------------------------------------------- helpers


def _number(token: Any) -> int | float:
    text = token.value
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if not text[0].isascii():
        return unicodedata.numeric(text)
    value = float(text)
    if value > _MOST or (value == 0 and text.strip("0.eE+-") != "" and text.lower().split("e")[0].strip("0.") != ""):
        raise Wrong(at(token), "a number between 1e-308 and 1e308", shown(text))
    return int(text) if text.isdigit() else value


def _moved(node: s.Syntax, at: s.Place) -> s.Syntax:
    return replace(node, at=at)


def _joined(factors: list[s.Syntax], signs: list[Any]) -> s.Syntax:
    return factors[0] if len(factors) == 1 else s.Product(span(factors), tuple(factors), tuple(signs))


def _check_beside(before: s.Syntax, factor: s.Syntax, quotient: bool) -> None:
    """What stands before a factor without a sign between them."""
    if quotient:
        do = "write (a / b) c or a / (b c)"
        raise Wrong(factor.at, "a product that is not ambiguous", "a factor after a / b", do)
    if isinstance(before, s.Num) and isinstance(factor, s.Num) and factor.value not in _CONSTANTS.values():
        raise Wrong(factor.at, "an operator between two numbers", "none", "write 2 · 3")


def _divided(over: s.Syntax, under: s.Syntax) -> s.Syntax:
    """A quotient: a number where both are plain numbers, the name ∂C/∂W where both are differentials."""
    at = span([over, under])
    if isinstance(over, s.Num) and isinstance(under, s.Num) and under.value:
        a, b = over.value, under.value
        if a not in _CONSTANTS.values() and b not in _CONSTANTS.values():
            whole = isinstance(a, int) and isinstance(b, int) and a % b == 0
            return s.Num(at, a // b if whole else a / b)
    if _is_differential(over) and _is_differential(under):
        return s.Name(at, f"∂{symbol_name(over.args[0])}/∂{symbol_name(under.args[0])}")
    return s.Frac(at, over, under)


def _is_differential(part: s.Syntax) -> TypeGuard[s.Call]:
    return (
        isinstance(part, s.Call) and part.head == s.Name(part.at, "∂") and len(part.args) == 1 and is_name(part.args[0])
    )


def _called(head: s.Syntax, args: tuple[s.Syntax, ...], at: s.Place) -> s.Syntax:
    """A call; √ and the fences have words too: `sqrt(x)`, `abs(x)`, `norm(x)`."""
    word = head.text if isinstance(head, s.Name) and len(args) == 1 else ""
    if word == "sqrt":
        return s.Root(at, args[0])
    if word in ("abs", "norm", "floor", "ceil"):
        return s.Fence(at, word, args[0])
    return s.Call(at, head, args)
