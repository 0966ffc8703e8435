"""Equations: the lines of a program, the spaces of its symbols, three formats, and the check against the program."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradiens.equations.boxes import latex as print_latex
from gradiens.equations.boxes import mathml as print_mathml
from gradiens.equations.boxes import unicode as print_unicode
from gradiens.equations.boxes.notation import Box
from gradiens.equations.check import Check, Reread, bounds, checked
from gradiens.equations.printing.blocks import Block, each
from gradiens.equations.printing.by_index import ByIndex
from gradiens.equations.printing.naming import Line
from gradiens.equations.printing.notations import Notation, aligned, code_lines, columns
from gradiens.equations.printing.page import rows_of
from gradiens.equations.printing.repeat import layered, layers_of
from gradiens.equations.printing.spaces import clause
from gradiens.equations.printing.times import base_of
from gradiens.equations.printing.values import named_values
from gradiens.equations.printing.worked import Worked
from gradiens.equations.tree.expression import Apply, Expr, Symbol, is_op, symbol, walk
from gradiens.equations.tree.layout import Layout
from gradiens.equations.tree.operations import TABLE


@dataclass(frozen=True)
class Equations:
    """What a program computes, line by line. What is printed is what `check` evaluates."""

    lines: tuple[Line | Block, ...]
    inputs: tuple[Symbol, ...]
    outputs: tuple[Symbol, ...]
    program: Callable[..., Sequence[Any]]
    examples: tuple[Any, ...]
    constants: dict[Symbol, Any] = field(default_factory=dict)
    sizes: dict[int, str] = field(default_factory=dict)

    @property
    def used(self) -> dict[str, Symbol]:
        """The symbols in the lines, by name."""
        found = (one for line in each(self.lines) for one in (line.symbol, *walk(line.expr)))
        return {one.name: one for one in found if isinstance(one, Symbol)}

    @property
    def where(self) -> tuple[Symbol, ...]:
        """The symbols that the lines use and that no line defines, in the order of the arguments."""
        names = {part for name in self.used for part in (name, base_of(name))}
        general = {
            layered(name, {index: layer}): name
            for name, (index, first, last) in layers_of(self.lines).items()
            for layer in range(first, last + 1)
        }
        found: dict[Symbol, None] = {}
        for one in (*self.inputs, *self.constants):
            if one.name in names:
                found[one] = None
            elif one.name in general:  # W^{[l]} for W^{[1]}, W^{[2]}, …
                found[symbol(general[one.name], one.shape, one.kind, one.role)] = None
        return tuple(found)

    @property
    def unprinted(self) -> tuple[str, ...]:
        """The primitives that have no notation and are printed by name."""
        nodes = walk(*(line.expr for line in each(self.lines)))
        found = [expr.param("program").name for expr in nodes if isinstance(expr, Apply) and not TABLE[expr.op].printed]
        return tuple(dict.fromkeys(found))

    def layout(self, flat: bool = False, notation: Notation = "book") -> Layout:
        """What draws the trees of this page: no index has a letter that is a name on it."""
        kind = ByIndex if notation == "index" else Layout
        return kind(TABLE, flat, [*self.used, *(one.name for one in self.where)], self.sizes)

    def clause(self, flat: bool = False) -> list[Box]:
        """The spaces of the symbols, and of what operations without a notation give."""
        unknown = [line.symbol for line in each(self.lines) if is_op(line.expr, "primitive") and "(" not in line.name]
        return clause(
            [*self.where, *unknown], bounds(self.lines), self.constants, self.layout(flat), layers_of(self.lines)
        )

    def unicode(self, where: bool = True, notation: Notation = "book") -> str:
        """Plain text, aligned; the spaces below. `notation` "index" writes entries and sums, "code" Python that runs."""
        if notation == "code":
            return "\n".join(code_lines(self, where))
        text = print_unicode.page(rows_of(self.lines, self.layout(True, notation).line))
        return text + print_unicode.where(self.clause(flat=True) if where else [])

    def latex(self, where: bool = True, notation: Notation = "book") -> str:
        """An `aligned` block, to stand in display mathematics; the spaces as its last lines."""
        if notation == "code":
            return print_latex.code(code_lines(self, where))
        rows = rows_of(self.lines, self.layout(False, notation).line)
        return print_latex.page(rows, self.clause() if where else [])

    def mathml(self, where: bool = True, notation: Notation = "book") -> str:
        """A `math` element for a page without scripts; the spaces in a paragraph below."""
        if notation == "code":
            return print_mathml.code(code_lines(self, where))
        rows = rows_of(self.lines, self.layout(False, notation).line)
        return print_mathml.page(rows) + print_mathml.where(self.clause() if where else [])

    def notations(self) -> list[tuple[str, str, str]]:
        """Each line in three notations: as in a book, by indices, as code."""
        return aligned(self)

    def side_by_side(self) -> str:
        """The three notations in columns, line by line."""
        return columns(self)

    def with_values(self, values: Sequence[Any], digits: int = 4) -> Worked:
        """The lines with numbers put in, `z = W x + b = [1 2; 3 4] [5; 6] + [0; 1] = [17; 40]`, for the values of the inputs;
        arrays of more than 4×4 entries keep their names.
        """
        return Worked(self.lines, self.named(values), self.layout(True), digits)

    def __str__(self) -> str:
        return self.unicode()

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def _repr_html_(self) -> str:
        return self.mathml()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """All formats, for a notebook to choose from."""
        return {"text/plain": self.unicode(), "text/latex": self._repr_latex_(), "text/html": self._repr_html_()}

    def evaluate(self, values: Sequence[Any], xp: Any = np, dtype: Any = np.float64) -> list[Any]:
        """The values of the outputs by the printed lines, for the values of the inputs."""
        known = self.named(values, xp, dtype)
        return [known[one.name] for one in self.outputs]

    def named(self, values: Sequence[Any], xp: Any = np, dtype: Any = np.float64) -> dict[str, Any]:
        """The values of all names in the lines, for the values of the inputs."""
        fixed = {one: value if one.kind == "other" else xp.asarray(value) for one, value in self.constants.items()}
        env: dict[Expr, Any] = {**dict(zip(self.inputs, values, strict=True)), **fixed}
        return named_values(self.lines, env, xp, dtype)

    @functools.cached_property
    def reread(self) -> dict[str, Reread]:
        """The two prints, each parsed and elaborated again from its text alone. Raises `Mistake` where one cannot be read."""
        texts = {"Unicode": self.unicode(), "LaTeX": self.latex()}
        return {name: Reread.of(self, text) for name, text in texts.items()}

    def check(self, key: Any = None, samples: int = 3, dtype: str = "float64") -> Check:
        """Evaluate what is printed and run the program, on the same random inputs; the largest relative error."""
        return checked(self, key, samples, dtype)
