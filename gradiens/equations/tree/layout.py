"""Trees as boxes: brackets where precedence asks for them, indices where a sum runs over them, sizes where none is told.

Each operation brings its own drawing (`operations.py`); here is what they share. A drawing returns its box and its
*level*, how tightly it binds; whoever uses it asks for the level it needs and gets brackets when the box binds less.

Functions, powers, quotients and relations act entry by entry. Under a sum they are drawn with its index: Σ_i y_i log ŷ_i.
What has no notation for whole arrays is drawn by its entries: [Σ_k A_{ik} B_{kj}]_{ij}.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from gradiens.equations.boxes.notation import (
    Box,
    Digits,
    Fence,
    Letter,
    Row,
    Script,
    Sign,
    Word,
    indices,
    lowered,
    named,
    paren,
    row,
)
from gradiens.equations.boxes.numerals import (
    ATOM,
    BIG,
    FUNCTION,
    HADAMARD,
    NEGATION,
    PRODUCT,
    RELATION,
    SUM,
    Drawn,
    constant,
)
from gradiens.equations.tree.expression import Apply, Expr, Number, Symbol, is_op
from gradiens.equations.tree.extent import tells

if TYPE_CHECKING:
    from gradiens.equations.printing.naming import Line
    from gradiens.equations.tree.operations import Operation

__all__ = [
    "ATOM", "BESIDE", "BIG", "FITS", "FUNCTION", "HADAMARD", "NEGATION", "OPEN", "PRODUCT", "RELATION", "SUM", "Draw",
    "Drawn", "Layout", "begins_with_minus", "each_map", "letters_in", "map_axis", "negative", "times",
]  # fmt: skip

Index = tuple[str, ...]
Draw = Callable[["Layout", Apply, Index], Drawn]

# How much the place of an expression says of its sizes: nothing, all of them, or all of them and a number would do as well.
OPEN, FITS, BESIDE = range(3)
_LETTERS = "ijkmnpqrsuvwabcfghxyz"


class Layout:
    """Draws trees. `flat` is for text on one line; `names` are those of the page, whose letters cannot be indices."""

    def __init__(
        self,
        table: dict[str, Operation],
        flat: bool,
        names: Iterable[str] = (),
        sizes: dict[int, str] | None = None,
    ):
        self.table, self.flat, self.sizes, self.names = table, flat, sizes or {}, frozenset(names)
        taken = letters_in([*self.names, *self.sizes.values()])
        self.letters = [letter for letter in _LETTERS if letter not in taken]
        self.depth = 0
        self.given = OPEN

    def line(self, line: Line) -> tuple[Box, Box]:
        """The two sides of a line. A gradient has the shape of its parameter; an equality is put in brackets."""
        right = self.box(line.expr, given=FITS if line.name.startswith("∂C/∂") else OPEN)
        return named(line.name), paren(right) if is_op(line.expr, "eq") else right

    def draw(self, expr: Expr, index: Index = (), given: int = OPEN) -> Drawn:
        """The box of `expr` (of its entry at `index`) and its level; `given` is what its place says of its sizes."""
        if isinstance(expr, Number):
            return constant(expr.value, self.flat)
        if isinstance(expr, Symbol):
            box = named(expr.name)
            return (self.entry_of(box, map(named, index)), ATOM) if index else (box, ATOM)
        assert isinstance(expr, Apply)
        before, self.given = self.given, given
        try:
            return self._apply(expr, index)
        finally:
            self.given = before

    def _apply(self, expr: Apply, index: Index) -> Drawn:
        operation = self.table[expr.op]
        if index and not (operation.entrywise or operation.indexed):
            self.given = OPEN
            box, level = operation.draw(self, expr, ())
            return self.entry_of(box if level >= FUNCTION else paren(box), map(named, index)), ATOM
        if not index and self.by_entries(expr):
            return self.entries(expr)
        return operation.draw(self, expr, index)

    def box(self, expr: Expr, level: int = RELATION, index: Index = (), given: int = OPEN) -> Box:
        """The box of `expr`, in brackets unless it binds as tightly as `level`."""
        box, own = self.draw(expr, index, given)
        return box if own >= level else paren(box)

    def entry(self, arg: Expr, of: Apply, index: Index, level: int = RELATION) -> Box:
        """An operand of an entrywise operation, in brackets unless it binds as tightly as `level`."""
        box, own = self.drawn(arg, of, index)
        return box if own >= level else paren(box)

    def drawn(self, arg: Expr, of: Apply, index: Index) -> Drawn:
        """An operand of an entrywise operation: a scalar stays itself under an index, an array beside one may be a number."""
        if arg.shape != of.shape or not arg.shape:
            return self.draw(arg)
        return self.draw(arg, index, FITS if index else self.beside(arg, of))

    def beside(self, arg: Expr, of: Apply) -> int:
        """What an entrywise operation says of the sizes of an operand: they are those of the others."""
        whole = [other for other in of.operands if other.shape == of.shape]
        known = self.given == BESIDE or any(other is not arg and all(tells(other)) for other in whole)
        return BESIDE if known or arg is not whole[0] else self.given

    def by_entries(self, expr: Apply) -> bool:
        """Is a stack of matrices to be drawn by its entries, because a part of it can only be drawn so? Or a matrix, as
        `[i ≥ j]_{i≤6, j≤6}`, of which all parts count its places?
        """
        if not self.table[expr.op].entrywise:
            return False
        if len(expr.shape) < 3:
            counted = [is_op(arg, "iota") or self.counts(arg) for arg in expr.operands if arg.shape]
            return len(expr.shape) == 2 and expr.op != "spread" and bool(counted) and all(counted)
        parts = [arg for arg in expr.operands if arg.shape == expr.shape]
        only = [arg for arg in parts if isinstance(arg, Apply) and arg.op != "index"]
        plain = [arg for arg in only if not (each_map(arg) and self.beside_maps(arg, expr))]
        return any(self.table[arg.op].indexed or self.by_entries(arg) for arg in plain)

    def counts(self, expr: Expr) -> bool:
        """Is it a matrix of what is said of its places, as i ≥ j?"""
        return isinstance(expr, Apply) and len(expr.shape) == 2 and self.by_entries(expr)

    def beside_maps(self, arg: Expr, of: Apply) -> bool:
        """Is a vector, one number for each map, written beside a stack of maps that tells its sizes?"""
        others = [other for other in of.operands if other.shape == of.shape and not each_map(other)]
        return of.op in ("add", "sub", "mul", "div") and any(all(tells(other)) for other in others)

    def entries(self, expr: Apply) -> Drawn:
        """`[Σ_k A_{ik} B_{kj}]_{ij}`: an array by its entries; an index that nothing bounds carries its size."""
        letters = self.fresh(len(expr.shape))
        body = self.box(expr, RELATION, letters, FITS)
        self.release(len(expr.shape))
        return Script(Fence("[", body, "]"), self.bounded(letters, expr.shape, tells(expr, True))), ATOM

    def bounded(self, letters: Index, sizes: Iterable[int], told: Iterable[bool]) -> Box:
        """The letters of indices, `ij`; with their sizes, `i≤3, j`, where nothing else tells them."""
        parts: list[Box] = []
        for letter, size, known in zip(letters, sizes, told, strict=True):
            own = named(letter)
            parts.append(own if known else row(own, Sign("≤", tight=True), self.size(size)))
        return indices(parts)

    def entry_of(self, base: Box, at: Iterable[Box]) -> Box:
        """`base` with positions below: A_{ij}, X_{0, :}; never the name of something else on the page."""
        below = indices(list(at))
        known = isinstance(base, Letter) and isinstance(below, Letter | Digits)
        if known and f"{base.text}_{{{below.text}}}" in self.names:  # pyright: ignore[reportAttributeAccessIssue]
            return Script(paren(base), below)
        joined = (
            isinstance(base, Fence) and base.left == "["
        )  # [a; b] with letters below would be an array by its entries
        return lowered(paren(base) if joined else base, below)

    def fresh(self, count: int) -> Index:
        """Index letters not in use; give them back with `release`."""
        start, self.depth = self.depth, self.depth + count
        return tuple(self._letter(place) for place in range(start, start + count))

    def _letter(self, place: int) -> str:
        if place < len(self.letters):
            return self.letters[place]
        return f"i_{{{place - len(self.letters) + 1}}}"

    def release(self, count: int) -> None:
        """The last `count` letters are free again."""
        self.depth -= count

    def size(self, value: int) -> Box:
        """A size in print: its letter when it has one."""
        return named(self.sizes[value]) if value in self.sizes else Digits(str(value))

    def reshaping(self, shape: Iterable[int]) -> Box:
        """The name of the change to a shape: `flat`, `reshape_{4×5}`."""
        sizes = [self.size(n) for n in shape]
        return Word("flat") if len(sizes) == 1 else Script(Word("reshape"), times(sizes))

    def space(self, expr: Expr) -> Box:
        """The space of a value: ℝ^{256×784}."""
        if expr.kind == "truth":
            field: Box = row(Sign("{", True), Digits("0"), Sign(",", True), Digits("1"), Sign("}", True))
        else:
            field = Letter({"real": "ℝ", "integer": "ℤ", "complex": "ℂ"}.get(expr.kind, "𝔸"))
        return Script(field, None, times(map(self.size, expr.shape))) if expr.shape else field


def each_map(expr: Expr) -> bool:
    """Is it a vector repeated over the places of a stack of maps, x ∈ ℝ^{c×h×w}, or of examples of such, ℝ^{n×c×h×w}?"""
    return is_op(expr, "spread") and expr.param("axes") == (map_axis(len(expr.shape)),)  # pyright: ignore


def map_axis(rank: int) -> int | None:
    """The axis of the maps (channels) of a stack of maps, or of examples of such."""
    return None if rank < 3 else 0 if rank == 3 else 1


def times(sizes: Iterable[Box]) -> Box:
    """Sizes joined by ×: 3×4."""
    parts: list[Box] = []
    for size in sizes:
        parts += [Sign("×", tight=True), size] if parts else [size]
    return row(*parts)


def letters_in(names: Iterable[str]) -> set[str]:
    """The single letters that stand somewhere in names: the W and q of W_{q}."""
    return {found for name in names for found in re.findall(r"(?<![^\W\d_])[^\W\d_](?![^\W\d_])", name)}


def negative(expr: Expr) -> bool:
    """Does the print of `expr` begin with a minus sign?"""
    if isinstance(expr, Number):
        return isinstance(expr.value, int | float) and (expr.value < 0 or math.copysign(1, expr.value) < 0)
    if is_op(expr, "as_real", "fill", "reshape"):
        return negative(expr.args[0])
    return is_op(expr, "neg") or (
        is_op(expr, "add", "sub", "mul", "div", "outer", "matmul", "spread") and negative(expr.args[0])
    )


def begins_with_minus(box: Box) -> bool:
    """Is a minus sign the first thing in the box?"""
    return isinstance(box, Row) and bool(box.items) and box.items[0] == Sign("-", tight=True)
