"""Sums of products without the array of all products: Σ_k A_ik B_kj as a product of matrices, or as an einsum."""

from __future__ import annotations

from collections.abc import Sequence

from gradiens.equations.tree.expression import Apply, Expr, is_op
from gradiens.equations.tree.operations import apply


def summed(expr: Expr, axes: tuple[int, ...]) -> Expr | None:
    """A sum of products is a contraction: Σ_k A_ik B_kj needs no array over i, j and k."""
    factors, scale = _factors(expr)
    if len(factors) < 2 or len({axis for _, own in factors for axis in own}) < len(expr.shape):
        return None
    if all(len(own) == len(expr.shape) for _, own in factors):
        return None
    kept = [axis for axis in range(len(expr.shape)) if axis not in axes]
    result, own = factors[0]
    for place, (factor, its) in enumerate(factors[1:], start=1):
        later = {axis for _, rest in factors[place + 1 :] for axis in rest}
        out = tuple(
            axis for axis in range(len(expr.shape)) if (axis in own or axis in its) and (axis in kept or axis in later)
        )
        result = contraction(result, own, factor, its, out)
        own = out
    for factor in scale:
        result = apply("mul", factor, result)
    return result


def _factors(expr: Expr) -> tuple[list[tuple[Expr, tuple[int, ...]]], list[Expr]]:
    """The arrays that a product spreads over the axes, each with its own axes, and the numbers beside them."""
    if is_op(expr, "mul"):
        found = [_factors(arg) for arg in expr.args]
        return [one for arrays, _ in found for one in arrays], [one for _, numbers in found for one in numbers]
    return ([], [expr]) if not expr.shape else ([_unspread(expr)], [])


def _unspread(expr: Expr) -> tuple[Expr, tuple[int, ...]]:
    """An array without its repetitions, and the axes that it has."""
    if not isinstance(expr, Apply) or expr.op != "spread":
        return expr, tuple(range(len(expr.shape)))
    inner, places = expr.operands[0], expr.param("axes")
    if not isinstance(inner, Apply) or inner.op != "transpose":
        return inner, places
    order = inner.param("axes")
    return inner.operands[0], tuple(places[order.index(axis)] for axis in range(len(order)))


def contraction(x: Expr, over_x: Sequence[int], y: Expr, over_y: Sequence[int], out: Sequence[int]) -> Expr:
    """Σ over the axes that are not in `out`: as a product of matrices where it is one, else as an einsum."""
    shared = [axis for axis in over_x if axis in over_y and axis not in out]
    both = [axis for axis in over_x if axis in over_y and axis in out]
    plain = len(shared) == 1 and not both and len(over_x) <= 2 and len(over_y) <= 2
    if plain and [*over_x, *over_y].count(shared[0]) == 2:
        left = x if over_x[-1] == shared[0] else apply("transpose", x, axes=(1, 0))
        right = y if over_y[0] == shared[0] else apply("transpose", y, axes=(1, 0))
        order = [*(axis for axis in over_x if axis != shared[0]), *(axis for axis in over_y if axis != shared[0])]
        if order == list(out):
            if len(left.shape) == 1 and len(right.shape) == 2:
                return apply("matmul", apply("transpose", right, axes=(1, 0)), left)
            return apply("matmul", left, right)
        if order == list(out)[::-1]:
            return contraction(y, over_y, x, over_x, out)
    letters = "ijklmnopqrstuvwabcdefgh"
    names = tuple("".join(letters[axis] for axis in axes) for axes in (over_x, over_y, out))
    return apply("einsum", x, y, letters=names)
