"""Numbers in print: the shortest decimal that names them; a small fraction, a root, a multiple of π where they are just that."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal

import numpy as np

from gradiens.equations.boxes.notation import (
    SPACE,
    Box,
    Digits,
    Frac,
    Letter,
    Root,
    Script,
    Sign,
    Word,
    listed,
    paren,
    row,
)

RELATION, NEGATION, SUM, BIG, HADAMARD, PRODUCT, FUNCTION, ATOM = range(8)  # how tightly a box binds, loosest first

Drawn = tuple[Box, int]
_PLAIN = 10  # characters of a decimal that is written with all its zeros
_LONG = 7  # digits of a decimal for which a fraction is no shorter


def _two() -> Digits:
    return Digits("2")


def _quotient(over: Box, under: Box) -> Callable[[bool], Drawn]:
    return lambda flat: (Frac(over, under), HADAMARD if flat else ATOM)


_π = Letter("π")
_twice = row(_two(), SPACE, _π)
# Computed as they are read back, so that they are equal to the last digit.
_KNOWN: dict[float, Callable[[bool], Drawn]] = {
    math.pi: lambda flat: (_π, ATOM),
    2 * math.pi: lambda flat: (_twice, PRODUCT),
    math.pi / 2: _quotient(_π, _two()),
    math.sqrt(2): lambda flat: (Root(_two()), ATOM),
    1 / math.sqrt(2): _quotient(Digits("1"), Root(_two())),
    math.sqrt(2 / math.pi): lambda flat: (Root(Frac(_two(), _π)), ATOM),
    math.sqrt(2 * math.pi): lambda flat: (Root(_twice), ATOM),
    1 / math.sqrt(2 * math.pi): _quotient(Digits("1"), Root(_twice)),
    math.sqrt(0.5): lambda flat: (Root(constant(0.5, flat)[0]), ATOM),
    math.log(2): lambda flat: (row(Word("log"), paren(_two())), ATOM),
}


def constant(value: float | int | bool | complex, flat: bool) -> Drawn:
    """The box of a number, exactly as it is read back, and its level; `flat` where fractions stand on one line."""
    if isinstance(value, bool):
        return Word("true" if value else "false"), ATOM
    if isinstance(value, complex):
        parts = (constant(part, flat)[0] for part in (value.real, value.imag))
        return row(Word("complex"), paren(listed(*parts))), ATOM
    if math.isnan(value):
        return Word("NaN"), ATOM
    if value < 0 or math.copysign(1, value) < 0:
        box, _ = constant(-value, flat)
        return row(Sign("-", tight=True), box), NEGATION
    if math.isinf(value):
        return Letter("∞"), ATOM
    if isinstance(value, float) and value in _KNOWN:
        return _KNOWN[value](flat)
    if value == 0.5:
        return (Digits("½"), ATOM) if flat else (Frac(Digits("1"), Digits("2")), ATOM)
    return _fraction(value, flat) or _decimal(value)


def _fraction(value: float | int, flat: bool) -> Drawn | None:
    if len(repr(value)) < _LONG or value >= 100:
        return None
    for below in range(3, 20):
        over = round(value * below)
        if over and over / below == value:
            return Frac(Digits(str(over)), Digits(str(below))), HADAMARD if flat else ATOM
    return None


def _decimal(value: float | int) -> Drawn:
    text = repr(value).removesuffix(".0")
    if "e" not in text:
        return Digits(text), ATOM
    mantissa, exponent = text.split("e")
    power = int(exponent)
    if float(mantissa) * np.float64(10.0) ** power != value:  # as it would be read back
        plain = f"{Decimal(text):f}"
        return Digits(plain if len(plain) <= _PLAIN else f"{mantissa}e{power}"), ATOM
    ten = Script(Digits("10"), None, Digits(str(power)) if power >= 0 else row(Sign("-", True), Digits(str(-power))))
    if mantissa in ("1", "1.0"):
        return ten, FUNCTION
    return row(Digits(mantissa), Sign("·"), ten), PRODUCT
