"""Rules that gather what factors have in common, and that know a matrix equal to its transpose."""

from __future__ import annotations

from collections.abc import Iterator

from gradiens.equations.folding.fold import Rule, function_rule
from gradiens.equations.tree.expression import Apply, Expr, Number, is_number, is_op
from gradiens.equations.tree.operations import apply


def common_number(node: Apply) -> Expr | None:
    """c x + c y = c (x + y), -c x - c y = -c (x + y), with a number c."""
    a, b = node.operands
    minus = is_op(a, "neg")
    one, other = _times_number(a.args[0] if minus else a), _times_number(b)
    if one is None or other is None or one[0] is not other[0] or one[1].shape != other[1].shape or not one[1].shape:
        return None
    if not minus:
        return apply("mul", one[0], apply(node.op, one[1], other[1]))
    op = "add" if node.op == "sub" else "sub"
    return apply("neg", apply("mul", one[0], apply(op, one[1], other[1])))


def _times_number(expr: Expr) -> tuple[Expr, Expr] | None:
    if is_op(expr, "mul") and isinstance(expr.args[0], Number):
        return expr.args[0], expr.args[1]
    return None


def numbers_together(node: Apply) -> Expr | None:
    """c (A (d x)) = (c d) A x, with numbers c and d."""
    number, product = node.operands
    if not isinstance(number, Number) or not is_op(product, "matmul"):
        return None
    A, inner = product.args
    scaled = _times_number(inner)
    if scaled is None or scaled[1].shape != inner.shape:
        return None
    return apply("mul", apply("mul", number, scaled[0]), apply("matmul", A, scaled[1]))


def doubled(node: Apply) -> Expr | None:
    """x + x = 2 x, and (2 x) / 2 = x."""
    a, b = node.operands
    if node.op == "add":
        return apply("mul", 2, a) if a is b and node.kind == "real" else None
    product = _times_number(a)
    return product[1] if product is not None and product[0] is b and product[1].shape == node.shape else None


def common_rows(node: Apply) -> Expr | None:
    """A - A ⊙ (𝟏 vᵀ) = A ⊙ (𝟏 (1 - v)ᵀ); A ⊙ (𝟏 uᵀ) ⊙ (𝟏 vᵀ) = A ⊙ (𝟏 (u ⊙ v)ᵀ)."""
    a, b = node.operands
    if node.op == "sub":
        for weights, rest in _weighted(b):
            if rest is a:
                new = apply("sub", 1, weights.args[0])
                return apply("mul", a, apply("spread", new, **dict(weights.params)))
        return None
    for outer, product in _weighted(node):
        for inner, rest in _weighted(product):
            if inner.params == outer.params:
                new = apply("mul", inner.args[0], outer.args[0])
                return apply("mul", rest, apply("spread", new, **dict(outer.params)))
    return None


def _weighted(expr: Expr) -> Iterator[tuple[Apply, Expr]]:
    """The repeated vector in a product, and the other factor."""
    if is_op(expr, "mul"):
        for one, other in (expr.args, expr.args[::-1]):
            if (
                isinstance(one, Apply)
                and one.op == "spread"
                and other.shape == expr.shape
                and not is_op(other, "spread")
            ):
                yield one, other


def only_column(node: Apply) -> Expr | None:
    """A c = c times the only column of A, with a number c."""
    A, c = node.operands
    if c.shape != (1,) or not is_op(c, "fill") or not isinstance(c.args[0], Number) or len(A.shape) != 2:
        return None
    column = apply("reshape", A, shape=A.shape[:1])
    return column if is_number(c.args[0], 1) else apply("mul", c.args[0], column)


def parts_of_symmetric(expr: Expr) -> list[Expr] | None:
    """What a matrix that is equal to its transpose is made of: A Aᵀ, Aᵀ D A, a diagonal matrix, sums of such."""
    if is_op(expr, "identity"):
        return []
    if is_op(expr, "diag") and len(expr.shape) == 2:
        return list(expr.args)
    if is_op(expr, "add", "sub", "mul", "div"):
        parts = [[arg] if arg.shape == () else parts_of_symmetric(arg) for arg in expr.args]
        return None if None in parts else [one for part in parts if part is not None for one in part]
    if is_op(expr, "matmul"):
        left, right = expr.args
        if _transposed(left, right):
            return [right.args[0] if is_op(right, "transpose") else right]
        if is_op(left, "matmul") and len(left.shape) == 2 and _transposed(left.args[0], right):
            middle = parts_of_symmetric(left.args[1])
            return None if middle is None else [*middle, right.args[0] if is_op(right, "transpose") else right]
    return None


def _transposed(a: Expr, b: Expr) -> bool:
    """Is one matrix the transpose of the other?"""
    if len(a.shape) != 2 or len(b.shape) != 2:
        return False
    return (is_op(a, "transpose") and a.args[0] is b) or (is_op(b, "transpose") and b.args[0] is a)


def _symmetric(node: Apply) -> Iterator[tuple[Expr, list[Expr]]]:
    parts = parts_of_symmetric(node.operands[0]) if len(node.shape) == 2 else None
    if parts is not None:
        yield node.operands[0], parts


def factoring() -> list[Rule]:
    """The rules, in the order in which they are tried."""
    return [
        Rule("equal to its transpose", ("transpose",), _symmetric),
        function_rule("a common number", ("add", "sub"), common_number),
        function_rule("numbers together", ("mul",), numbers_together),
        function_rule("twice", ("add", "div"), doubled),
        function_rule("common rows", ("sub", "mul"), common_rows),
        function_rule("the only column", ("matmul",), only_column),
    ]
