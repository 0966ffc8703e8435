"""Lines with numbers put in: z = W x + b = [1 2; 3 4] [5; 6] + [0; 1] = [17; 40]."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradiens.equations.boxes import latex as print_latex
from gradiens.equations.boxes import mathml as print_mathml
from gradiens.equations.boxes import unicode as print_unicode
from gradiens.equations.boxes.notation import LONGEST, Box, Digits, Heading, Matrix, Row, Shown, Sign, row
from gradiens.equations.boxes.unicode import unicode, width
from gradiens.equations.printing.blocks import Block
from gradiens.equations.printing.naming import Line
from gradiens.equations.printing.repeat import layered
from gradiens.equations.printing.times import at_time, timed
from gradiens.equations.tree.expression import Expr, Symbol, substitute, symbol, walk
from gradiens.equations.tree.layout import ATOM, NEGATION, OPEN, Drawn, Index, Layout

_MOST = 4  # rows and columns of an array that is written out


class Filled(Layout):
    """Draws trees with the values of symbols in their place."""

    values: Mapping[str, Any]
    digits: int

    def draw(self, expr: Expr, index: Index = (), given: int = OPEN) -> Drawn:
        """The value of a symbol that is a number or a small array; anything else as usual."""
        value = _value(self.values, expr.name) if isinstance(expr, Symbol) and not index else None
        box = None if value is None else entries(value, self.digits)
        if box is None:
            return super().draw(expr, index, given)
        return box, NEGATION if isinstance(box, Row) else ATOM


def entries(value: Any, digits: int) -> Box | None:
    """A number, a column or a matrix of numbers; None for what is too large to be written out."""
    array = np.asarray(value)
    if array.dtype.kind not in "biuf" or array.ndim > 2 or max((1, *array.shape)) > _MOST:
        return None
    if array.ndim == 0:
        return _rounded(array.item(), digits)
    lines = array if array.ndim == 2 else array[:, None]
    return Matrix(tuple(tuple(_rounded(entry, digits) for entry in line) for line in lines.tolist()))


def _rounded(value: float | int | bool, digits: int) -> Box:
    if isinstance(value, bool | int):
        text = str(int(value))
    elif 1e-4 <= abs(value) < 1e6:
        text = np.format_float_positional(value, digits, fractional=False, trim="-")
    else:
        text = f"{value:.{digits}g}"
    text = "0" if text == "-0" else text.replace("inf", "∞")
    return row(Sign("-", tight=True), Digits(text[1:])) if text.startswith("-") else Digits(text)


def _value(values: Mapping[str, Any], name: str) -> Any:
    """The value of a name; x⟨2⟩ is the second row of a sequence x that is given."""
    found = timed(name)
    if name in values or found is None or found.index or found.base not in values:
        return values.get(name)
    return values[found.base][found.shift - 1]


@dataclass(frozen=True)
class Worked:
    """The lines of a page with the values of all names; it prints in all formats."""

    lines: tuple[Line | Block, ...]
    values: Mapping[str, Any]
    page: Layout
    digits: int = 4

    def rows(self, flat: bool) -> Iterator[Shown | Heading]:
        """`left = right`, and below it the right side with values, and its value."""
        plain = Layout(self.page.table, flat, self.page.names, self.page.sizes)
        filled = Filled(self.page.table, flat, self.page.names, self.page.sizes)
        filled.values, filled.digits = self.values, self.digits
        for line in _steps(self.lines, {}):
            left, right = plain.line(line)
            parts = [right, filled.line(line)[1]]
            value = entries(self.values[line.name], self.digits) if line.name in self.values else None
            parts += [value] if value is not None else []
            kept = [part for place, part in enumerate(parts) if part not in parts[:place]]
            yield Shown(left, tuple(_filled(kept, LONGEST - width(unicode(left)) - 3)))

    def unicode(self) -> str:
        """Plain text."""
        return print_unicode.page(self.rows(flat=True))

    def latex(self) -> str:
        """An `aligned` block."""
        return print_latex.page(self.rows(flat=False))

    def mathml(self) -> str:
        """A `math` element."""
        return print_mathml.page(self.rows(flat=False))

    def __str__(self) -> str:
        return self.unicode()

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def _repr_html_(self) -> str:
        return self.mathml()


def _filled(parts: list[Box], room: int) -> Iterator[Box]:
    """Sides of an equation in as few rows as they fit in, each but the first beginning with its equals sign."""
    held: Box = parts[0]
    for part in parts[1:]:
        joined = row(held, Sign("="), part)
        if width(unicode(joined)) > room:
            yield held
            held = row(Sign("="), part)
        else:
            held = joined
    yield held


def _steps(lines: Iterable[Line | Block], at: dict[str, int]) -> Iterator[Line]:
    """Each line, those of a block once for each of its steps."""
    for one in lines:
        if isinstance(one, Line):
            yield _at(one, at) if at else one
        elif one.last is not None:
            step = 1 if one.last >= one.first else -1
            for value in range(one.first, one.last + step, step):
                yield from _steps(one.lines, {**at, one.index: value})


def _at(line: Line, at: dict[str, int]) -> Line:
    """A line at one step: h⟨3⟩ for h⟨t⟩, W^{[2]} for W^{[l]}."""
    moved: dict[Expr, Expr] = {
        one: symbol(_named(one.name, at), one.shape, one.kind, one.role)
        for one in walk(line.expr)
        if isinstance(one, Symbol)
    }
    left = line.symbol
    return Line(symbol(_named(left.name, at), left.shape, left.kind, left.role), substitute(line.expr, moved))


def _named(name: str, at: dict[str, int]) -> str:
    name = layered(name, at)
    found = timed(name)
    if found is None or found.index not in at:
        return name
    return at_time(_named(found.base, at), at[found.index] + found.shift)
