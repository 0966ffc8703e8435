"""How operations are drawn that act entry by entry: sums, products, quotients, powers, functions, relations."""

from __future__ import annotations

from gradiens.equations.boxes.notation import (
    APPLY,
    SPACE,
    Big,
    Box,
    Cases,
    Digits,
    Fence,
    Frac,
    Letter,
    Matrix,
    Root,
    Row,
    Script,
    Sign,
    Word,
    listed,
    paren,
    raised,
    row,
)
from gradiens.equations.tree.expression import Apply, Expr, Number
from gradiens.equations.tree.layout import (
    ATOM,
    BIG,
    FUNCTION,
    HADAMARD,
    NEGATION,
    PRODUCT,
    RELATION,
    SUM,
    Draw,
    Drawn,
    Layout,
    begins_with_minus,
    negative,
)  # fmt: skip

Index = tuple[str, ...]


def sum_of(sign: str) -> Draw:
    """`a + b`, `a - b`: brackets around a sum on the right of a minus, and around what begins with one."""

    def draw(layout: Layout, expr: Apply, index: Index) -> Drawn:
        a, b = expr.operands
        left = layout.entry(a, expr, index, NEGATION)
        right = layout.entry(b, expr, index, SUM if sign == "+" else BIG)
        return row(left, Sign(sign), paren(right) if negative(b) and not isinstance(right, Fence) else right), SUM

    return draw


def negated(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """`-a b` is -(a b)."""
    return row(Sign("-", tight=True), layout.entry(expr.args[0], expr, index, BIG)), NEGATION


def product(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """Scalars, or a scalar and an array, side by side; two arrays are joined by ⊙."""
    a, b = expr.operands
    if not (index or a.size == 1 or b.size == 1):
        return row(_factor(layout, a, expr), Sign("⊙"), _factor(layout, b, expr)), HADAMARD
    left, level = layout.drawn(a, expr, index)
    minus = begins_with_minus(left)
    inner = isinstance(a, Apply) and a.op == "matmul"  # (uᵀ v) a
    bare = level == FUNCTION and isinstance(left, Row)  # (log x) y
    minus = minus and level == NEGATION
    if not (minus or level >= PRODUCT) or inner or bare:
        left, minus = paren(left), False
    right, own = layout.drawn(b, expr, index)
    if own < PRODUCT and own != BIG:
        right, own = paren(right), ATOM
    dot = isinstance(b, Number) or _begins_with_digit(right)
    return row(left, Sign("·") if dot else SPACE, right), NEGATION if minus else min(own, PRODUCT)


def _factor(layout: Layout, arg: Expr, of: Apply) -> Box:
    return layout.entry(arg, of, (), HADAMARD if _is_hadamard(arg) else FUNCTION)


def _is_hadamard(expr: Expr) -> bool:
    return isinstance(expr, Apply) and expr.op == "mul" and all(arg.size > 1 for arg in expr.operands)


def _begins_with_digit(box: Box) -> bool:
    while isinstance(box, Row | Script):
        box = box.items[0] if isinstance(box, Row) else box.base
    return isinstance(box, Digits)


def quotient(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """`a/b`; over a line where the format has room."""
    a, b = expr.operands
    over, level = layout.drawn(a, expr, index)
    open_end = level == BIG or (level == NEGATION and _ends_open(over))
    box = Frac(paren(over) if layout.flat and open_end else over, layout.entry(b, expr, index))
    return box, (NEGATION if level == NEGATION and not open_end else HADAMARD) if layout.flat else ATOM


def _ends_open(box: Box) -> bool:
    """Does the box end in what a big operator runs over, which a slash would not leave?"""
    return isinstance(box, Row) and any(isinstance(item, Big) for item in box.items)


def power(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """`x²`; of the entries of a matrix `X^{∘2}`, for X² is X X; `pow(x, y)` where y cannot stand above."""
    a, b = expr.operands
    exponent = layout.entry(b, expr, index)
    whole = len(expr.shape) >= 2 and not index
    if exponent == Letter("T") or (whole and not isinstance(exponent, Letter | Digits)) or _holds_cases(exponent):
        return row(Word("pow"), paren(listed(layout.entry(a, expr, index), exponent))), ATOM
    base = layout.entry(a, expr, index, ATOM)
    if isinstance(base, Frac | Root | Cases | Matrix) or base == Letter("e"):
        base = paren(base)
    return raised(base, row(Sign("∘", tight=True), exponent) if whole else exponent), ATOM


def _holds_cases(box: Box) -> bool:
    inside: tuple[Box | None, ...] = ()
    if isinstance(box, Row):
        inside = box.items
    elif isinstance(box, Fence | Root):
        inside = (box.body,)
    elif isinstance(box, Script):
        inside = (box.base, box.sub, box.sup)
    elif isinstance(box, Frac):
        inside = (box.over, box.under)
    return isinstance(box, Cases) or any(_holds_cases(part) for part in inside if part is not None)


def exponential(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """`e^s` of a number and of an entry, `exp(x)` of an array."""
    exponent = layout.entry(expr.args[0], expr, index)
    if (expr.shape == () or index) and "e" not in layout.names and not _holds_cases(exponent):
        return Script(Letter("e"), None, exponent), ATOM
    return row(Word("exp"), paren(exponent)), ATOM


def function(name: str) -> Draw:
    """`name(a, b)`, entry by entry."""

    def draw(layout: Layout, expr: Apply, index: Index) -> Drawn:
        args = [layout.entry(arg, expr, index) for arg in expr.operands]
        head = Letter(name) if len(name) == 1 else Word(name)
        return row(head, paren(listed(*args))), ATOM

    return draw


def prefix(name: str) -> Draw:
    """`log x`: no brackets around what is simple."""

    def draw(layout: Layout, expr: Apply, index: Index) -> Drawn:
        box, level = layout.drawn(expr.args[0], expr, index)
        simple = level >= ATOM and not _bracketed(box)
        return row(Word(name), APPLY if simple else row(), box if simple else paren(box)), FUNCTION if simple else ATOM

    return draw


def _bracketed(box: Box) -> bool:
    """Must the box have brackets after the name of a function: is it a number or a fraction, does it begin with a bracket?"""
    while isinstance(box, Script):
        box = box.base
    return isinstance(box, Fence | Frac | Cases | Matrix | Digits)


def log_gamma(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """`log Γ(x)`"""
    return row(Word("log"), APPLY, Letter("Γ"), paren(layout.entry(expr.args[0], expr, index))), FUNCTION


def relation(sign: str) -> Draw:
    """`a < b`; a relation or combination of relations inside another is in brackets."""

    def draw(layout: Layout, expr: Apply, index: Index) -> Drawn:
        sides = [layout.drawn(arg, expr, index) for arg in expr.operands]
        one, other = (box if own > RELATION else paren(box) for box, own in sides)
        return row(one, Sign(sign), other), RELATION

    return draw


def fenced(left: str, right: str) -> Draw:
    """`|x|`, `⌊x⌋`; between bars what has bars is in brackets, `|(|x|)|`, for ‖x‖ is a length."""

    def draw(layout: Layout, expr: Apply, index: Index) -> Drawn:
        inside = layout.entry(expr.args[0], expr, index)
        return Fence(left, paren(inside) if left == "|" and _holds_bars(inside) else inside, right), ATOM

    return draw


def _holds_bars(box: Box) -> bool:
    if isinstance(box, Row):
        return any(map(_holds_bars, box.items))
    if isinstance(box, Frac):
        return _holds_bars(box.over) or _holds_bars(box.under)
    return _holds_bars(box.base) if isinstance(box, Script) else isinstance(box, Fence) and box.left in "|‖"


def root(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """`√x`"""
    return Root(layout.entry(expr.args[0], expr, index)), ATOM


def denied(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """`¬(a < b)`"""
    return row(Sign("¬", tight=True), layout.entry(expr.args[0], expr, index, FUNCTION)), FUNCTION


def indicator(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """`𝟏[c]`"""
    return row(Letter("𝟏"), Fence("[", layout.entry(expr.args[0], expr, index), "]")), ATOM


def transparent(layout: Layout, expr: Apply, index: Index) -> Drawn:
    """Drawn as its operand: a whole number taken as a real one."""
    return layout.drawn(expr.args[0], expr, index)


def with_parameter(name: str, mark: str = "") -> Draw:
    """`elu_α(z)`, `gelu′(z)`: the parameter below, the mark of a derivative above."""

    def draw(layout: Layout, expr: Apply, index: Index) -> Drawn:
        z, *rest = expr.operands
        sub, sup = layout.box(rest[0]) if rest else None, Sign(mark, tight=True) if mark else None
        head = Script(Word(name), sub, sup) if rest or mark else Word(name)
        return row(head, paren(layout.entry(z, expr, index))), ATOM

    return draw
