"""Trees as boxes: brackets where precedence asks for them, indices where a sum runs over them.

Each operation brings its own drawing (`operations.py`); here is what they share. A drawing returns its box and its
*level*, how tightly it binds; whoever uses it asks for the level it needs and gets brackets when the box binds less.

Functions, powers, quotients and relations act entry by entry. Under a sum they are drawn with its index: Σ_i y_i log ŷ_i.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from gradiens.equations.expression import Apply, Expr, Number, Symbol
from gradiens.equations.notation import Box, Digits, Frac, Letter, Root, Script, Sign, lowered, named, paren, row

if TYPE_CHECKING:
    from gradiens.equations.operations import Operation

RELATION, NEGATION, SUM, BIG, HADAMARD, PRODUCT, FUNCTION, ATOM = range(8)

Drawn = tuple[Box, int]
Draw = Callable[["Layout", Apply, tuple[str, ...]], Drawn]


class Layout:
    """Draws trees. `flat` is for text on one line; `taken` are letters that cannot be indices."""

    def __init__(
        self,
        table: dict[str, Operation],
        flat: bool,
        taken: frozenset[str] = frozenset(),
        sizes: dict[int, str] | None = None,
    ):
        self.table, self.flat, self.sizes = table, flat, sizes or {}
        self.letters = [letter for letter in "ijkmnpqrs" if letter not in taken]
        self.depth = 0

    def draw(self, expr: Expr, index: tuple[str, ...] = ()) -> Drawn:
        """The box of `expr` (of its entry at `index`) and its level."""
        if isinstance(expr, Symbol):
            box = named(expr.name)
            level = ATOM
        elif isinstance(expr, Number):
            return constant(expr.value, self.flat)
        else:
            assert isinstance(expr, Apply)
            operation = self.table[expr.op]
            if operation.entrywise or not index:
                return operation.draw(self, expr, index)
            box, level = operation.draw(self, expr, ())
        if not index:
            return box, level
        return lowered(box if level >= FUNCTION else paren(box), listed_index(index)), ATOM

    def box(self, expr: Expr, level: int = RELATION, index: tuple[str, ...] = ()) -> Box:
        """The box of `expr`, in brackets unless it binds as tightly as `level`."""
        box, own = self.draw(expr, index)
        return box if own >= level else paren(box)

    def entry(self, arg: Expr, of: Expr, index: tuple[str, ...], level: int = RELATION) -> Box:
        """An operand of an entrywise operation: a scalar stays itself under an index."""
        return self.box(arg, level, index if arg.shape == of.shape else ())

    def fresh(self, count: int) -> tuple[str, ...]:
        """Index letters not in use; give them back with `release`."""
        start, self.depth = self.depth, self.depth + count
        pool = self.letters + [f"{letter}'" for letter in self.letters]
        return tuple(pool[(start + step) % len(pool)] for step in range(count))

    def release(self, count: int) -> None:
        """The last `count` letters are free again."""
        self.depth -= count

    def size(self, value: int) -> Box:
        """A size in print: its letter when it has one."""
        return named(self.sizes[value]) if value in self.sizes else Digits(str(value))

    def space(self, expr: Expr) -> Box:
        """The space of a value: ℝ^{256×784}."""
        if expr.kind == "truth":
            field: Box = row(Sign("{", True), Digits("0"), Sign(",", True), Digits("1"), Sign("}", True))
        else:
            field = Letter({"real": "ℝ", "integer": "ℤ", "complex": "ℂ"}.get(expr.kind, "𝔸"))
        if not expr.shape:
            return field
        sizes: list[Box] = []
        for axis in expr.shape:
            sizes += [Sign("×", tight=True), self.size(axis)] if sizes else [self.size(axis)]
        return Script(field, None, row(*sizes))


def listed_index(index: tuple[str, ...]) -> Box:
    """The letters of an index, `ij`."""
    return row(*(named(letter) for letter in index))


def negative(expr: Expr) -> bool:
    """Does the print of `expr` begin with a minus sign?"""
    if isinstance(expr, Number):
        return isinstance(expr.value, int | float) and (expr.value < 0 or math.copysign(1, expr.value) < 0)
    return isinstance(expr, Apply) and (
        expr.op == "neg" or (expr.op in ("add", "sub", "mul", "div", "outer", "matmul") and negative(expr.args[0]))
    )


_KNOWN = {
    math.pi: "π",
    2 * math.pi: "2π",
    math.pi / 2: "π/2",
    math.sqrt(2): "√2",
    math.sqrt(0.5): "1/√2",
    math.sqrt(2 / math.pi): "√(2/π)",
    math.sqrt(2 * math.pi): "√(2π)",
    1 / math.sqrt(2 * math.pi): "1/√(2π)",
    math.log(2): "log 2",
}


def constant(value: float | int | bool | complex, flat: bool) -> Drawn:
    """A number: the shortest decimal that names it, a small fraction, a multiple of π or a square root when it is one."""
    if isinstance(value, bool | complex):
        return Digits(str(int(value)) if isinstance(value, bool) else str(value)), ATOM
    if value < 0 or math.copysign(1, value) < 0:
        box, _ = constant(-value, flat)
        return row(Sign("-", tight=True), box), NEGATION
    if math.isinf(value) or math.isnan(value):
        return (Letter("∞") if math.isinf(value) else Digits("NaN")), ATOM
    for known, text in _KNOWN.items():
        if isinstance(value, float) and math.isclose(value, known, rel_tol=4e-16):
            return _named_constant(text, flat)
    if value == 0.5:
        return (Digits("½"), ATOM) if flat else (Frac(Digits("1"), Digits("2")), ATOM)
    for below in (3, 6, 7, 9, 11, 12, 13):
        over = round(value * below)
        if isinstance(value, float) and over and over / below == value and value < 100 and not value.is_integer():
            return Frac(Digits(str(over)), Digits(str(below))), HADAMARD if flat else ATOM
    return _decimal(value)


def _named_constant(text: str, flat: bool) -> Drawn:
    if "/" in text and not text.startswith("√"):
        over, under = text.split("/", 1)
        return Frac(_named_constant(over, flat)[0], _named_constant(under, flat)[0]), HADAMARD if flat else ATOM
    if text.startswith("√"):
        return Root(_named_constant(text[1:].strip("()"), flat)[0]), ATOM
    if text.startswith("log"):
        from gradiens.equations.notation import SPACE, Word

        return row(Word("log"), SPACE, Digits("2")), FUNCTION
    parts = [Digits(char) if char.isdigit() else Letter(char) for char in text]
    return row(*parts), ATOM if len(parts) == 1 else PRODUCT


def _decimal(value: float | int) -> Drawn:
    text = repr(value)
    if text.endswith(".0"):
        text = text[:-2]
    if "e" not in text:
        return Digits(text), ATOM
    mantissa, exponent = text.split("e")
    ten = Script(Digits("10"), None, _signed(int(exponent)))
    if mantissa in ("1", "1.0"):
        return ten, FUNCTION
    return row(Digits(mantissa), Sign("·"), ten), PRODUCT


def _signed(value: int) -> Box:
    return Digits(str(value)) if value >= 0 else row(Sign("-", tight=True), Digits(str(-value)))
