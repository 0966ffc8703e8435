"""Index notation: every line by its entries, every product and reduction as an explicit sum, ŷ_i = Σ_j W_ij x_j + b_i."""

from __future__ import annotations

from collections.abc import Callable

from gradiens.equations.boxes.notation import (
    SPACE,
    Big,
    Box,
    Digits,
    Frac,
    Root,
    Script,
    Sign,
    Word,
    indices,
    named,
    paren,
    row,
)
from gradiens.equations.printing.naming import Line
from gradiens.equations.tree.expression import Apply, Expr, is_op, number
from gradiens.equations.tree.extent import tells
from gradiens.equations.tree.layout import ATOM, BIG, FUNCTION, PRODUCT, Drawn, Index, Layout
from gradiens.equations.tree.operations import apply


class ByIndex(Layout):
    """Draws the entry of an array, never the whole."""

    def line(self, line: Line) -> tuple[Box, Box]:
        """The two sides of a line: the entry that is named, and what it is."""
        letters = self.fresh(len(line.symbol.shape))
        left, right = named(line.name), self.box(line.expr, index=letters)
        self.release(len(letters))
        if letters and isinstance(left, Frac):  # ∂C/∂W_ij
            under = self.entry_of(named(line.name.rpartition("∂")[2]), map(named, letters))
            left = Frac(left.over, row(Sign("∂", tight=True), under))
        elif letters:
            left = self.entry_of(left, map(named, letters))
        return left, paren(right) if is_op(line.expr, "eq") else right

    def _apply(self, expr: Apply, index: Index) -> Drawn:
        draw = _DRAW.get(expr.op)
        if draw is None or len(index) != len(expr.shape):
            return super()._apply(expr, index)
        return draw(self, expr, index)


def _product(layout: ByIndex, expr: Apply, index: Index) -> Drawn:
    """Σ_k A_ik B_kj."""
    a, b = expr.operands
    (letter,) = layout.fresh(1)
    left = len(a.shape) - 1
    factors = layout.box(a, FUNCTION, (*index[:left], letter)), layout.box(b, FUNCTION, (letter, *index[left:]))
    layout.release(1)
    known = [tells(a, True)[-1] or tells(b, True)[0]]
    return row(Big("Σ", layout.bounded((letter,), [a.shape[-1]], known)), factors[0], SPACE, factors[1]), BIG


def _squares(layout: ByIndex, expr: Apply, index: Index) -> Drawn:
    """‖x‖² is Σ_i x_i²."""
    total = apply("sum", apply("pow", expr.args[0], number(2.0)), axes=None)
    return layout.draw(total)


def _length(layout: ByIndex, expr: Apply, index: Index) -> Drawn:
    return Root(_squares(layout, expr, index)[0]), ATOM


def _normalised(layout: ByIndex, expr: Apply, index: Index) -> Drawn:
    """softmax over j: softmax_j(A_ij)."""
    axes = expr.param("axes")
    over = [letter for axis, letter in enumerate(index) if axes is None or axis in axes]
    return _over(layout, "softmax", expr.args[0], over, index)


def _log_sum(layout: ByIndex, expr: Apply, index: Index) -> Drawn:
    arg, axes = expr.args[0], expr.param("axes")
    places = range(len(arg.shape)) if axes is None else axes
    letters, kept = layout.fresh(len(places)), iter(index)
    inner = dict(zip(places, letters))
    found = _over(
        layout, "lse", arg, list(letters), tuple(inner.get(axis) or next(kept) for axis in range(len(arg.shape)))
    )
    layout.release(len(letters))
    return found


def _over(layout: ByIndex, name: str, arg: Expr, over: list[str], index: Index) -> Drawn:
    return row(Script(Word(name), indices([named(one) for one in over])), paren(layout.box(arg, index=index))), ATOM


def _part(layout: ByIndex, expr: Apply, index: Index) -> Drawn:
    """The entry of a slice is an entry further on: x_{i+2}."""
    at: list[Box] = []
    for letter, start, step in zip(index, expr.param("start"), expr.param("step")):
        place = named(letter) if step == 1 else row(Digits(str(step)), SPACE, named(letter))
        at.append(row(place, Sign("+", True), Digits(str(start))) if start else place)
    return layout.entry_of(layout.box(expr.args[0], FUNCTION), at), ATOM


def _outer(layout: ByIndex, expr: Apply, index: Index) -> Drawn:
    left, right = (layout.box(arg, PRODUCT, (letter,)) for arg, letter in zip(expr.operands, index))
    return row(left, SPACE, right), PRODUCT


_DRAW: dict[str, Callable[[ByIndex, Apply, Index], Drawn]] = {
    "matmul": _product, "norm2": _squares, "norm": _length, "softmax": _normalised, "lse": _log_sum, "slice": _part,
    "outer": _outer,
}  # fmt: skip
