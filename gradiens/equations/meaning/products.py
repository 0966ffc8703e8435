"""Products in a text: which product two factors side by side are."""

from __future__ import annotations

from collections.abc import Sequence

from gradiens.equations.meaning.agreement import entries, said, unit, widest
from gradiens.equations.meaning.scope import Scope
from gradiens.equations.meaning.terms import (
    Ground,
    Index,
    Term,
    operation,
    reshaped,
    union,
)
from gradiens.equations.text.syntax import Place
from gradiens.equations.tree.expression import Kind
from gradiens.equations.tree.operations import apply


def product(scope: Scope, factors: Sequence[Term], signs: Sequence[str], at: Place, mixed: bool = False) -> Term:
    """Factors from left to right. Numbers are gathered before arrays; `mixed` (under Σ) joins vectors entry by entry."""
    parts: Parts = None, None
    for factor, sign in zip(factors, ["", *signs]):
        if sign == "/":
            parts = _divided(scope, parts, factor, at)
        else:
            parts = _multiplied(scope, parts, scope.settle(factor), at, sign == "·", mixed)
    return _joined(scope, *parts, at)


Parts = tuple["Term | None", "Term | None"]  # the numbers of a product, and its arrays


def _multiplied(scope: Scope, parts: Parts, factor: Term, at: Place, dot: bool, mixed: bool) -> Parts:
    scale, whole = parts
    if _number_beside(factor, whole):
        return _scaled(scope, scale, reshaped(factor, ()) if factor.shape else factor, at), whole
    if whole is None:
        return scale, factor
    whole = pair(scope, whole, factor, at, dot, mixed)
    return (_scaled(scope, scale, whole, at), None) if whole.scalar else (scale, whole)


def _scaled(scope: Scope, scale: Term | None, factor: Term, at: Place) -> Term:
    return factor if scale is None else entries(scope, "mul", [scale, factor], at, "the product")


def _divided(scope: Scope, parts: Parts, factor: Term, at: Place) -> Parts:
    small = factor.meant is not None and not factor.meant.name[0].isupper()
    above, below = _joined(scope, *parts, at), scope.settle(factor, 0 if small else None)
    found = entries(scope, "div", [above, below], at, "the quotient", _quotient([above, below]))
    return (found, None) if found.scalar else (None, found)


def _quotient(terms: Sequence[Term]) -> Kind:
    return "complex" if widest(terms) == "complex" else "real"


def _number_beside(factor: Term, whole: Term | None) -> bool:
    return factor.scalar or (unit(factor) and whole is not None and len(whole.shape) == 1 and not whole.row)


def _joined(scope: Scope, scale: Term | None, whole: Term | None, at: Place) -> Term:
    if scale is None or whole is None:
        found = whole if scale is None else scale
        assert found is not None
        return found
    return entries(scope, "mul", [scale, whole], at, "the product")


def pair(scope: Scope, a: Term, b: Term, at: Place, dot: bool = False, mixed: bool = False) -> Term:
    """The product of two arrays side by side."""
    ranks = len(a.shape), len(b.shape)
    if ranks == (1, 1):
        return _vectors(scope, a, b, at, dot, mixed)
    if unit(a) and not a.row:
        return entries(scope, "mul", [reshaped(a, ()), b], at, "the product")
    if a.row and not b.row:  # xᵀ A
        return replace_row(_contracted(scope, a, b, at))
    if b.row:
        if a.shape[-1].known == 1:
            return pair(scope, reshaped(a, a.shape[:-1]), b, at)
        scope.fail(at, "a product of matrices and columns", f"{said(a.shape)} and a row", "transpose the row")
    if ranks[0] == 1 and len(b.shape) == 2 and b.shape[0].known == 1:
        return pair(scope, a, reshaped(b, b.shape[1:], True), at)
    if ranks[0] >= 3 and ranks[1] >= 3:
        scope.fail(at, "a product of matrices", f"{said(a.shape)} and {said(b.shape)}", "write [Σ_k A_ik B_kj]_ij")
    if ranks[0] == 1:
        scope.fail(at, "a matrix before a vector", f"{said(a.shape)} and {said(b.shape)}", "write xᵀ A, or A x")
    return _contracted(scope, a, b, at)


def replace_row(term: Term) -> Term:
    """The vector as a row."""
    term.row = bool(term.shape)
    return term


def _vectors(scope: Scope, a: Term, b: Term, at: Place, dot: bool, mixed: bool) -> Term:
    if a.row and not b.row:
        return _contracted(scope, a, b, at)
    if b.row and not a.row:
        return outer(a, b, at)
    if mixed and not a.row:
        return entries(scope, "mul", [a, b], at, "the product")
    if dot and not a.row:
        return _contracted(scope, a, b, at)
    for one, other in ((a, b), (b, a)):
        if unit(one):
            return entries(scope, "mul", [reshaped(one, ()), other], at, "the product")
    do = "write xᵀ y for a number, x yᵀ for a matrix, x ⊙ y entry by entry"
    scope.fail(at, "a product that is not ambiguous", "two vectors side by side", do)


def outer(a: Term, b: Term, at: Place) -> Term:
    """`x yᵀ`; `𝟏 yᵀ` repeats y as rows, `x 𝟏ᵀ` repeats x as columns."""
    shape = (a.shape[0], b.shape[0])
    if a.wild or b.wild:
        kept, axis = (b, 1) if a.wild else (a, 0)
        if not kept.index:
            return operation("spread", [kept], shape, kept.kind, at, shape=shape, axes=(axis,))
    if a.index or b.index:
        return letters(a, b, 0, at)
    return operation("outer", [a, b], shape, widest([a, b]), at)


def _contracted(scope: Scope, a: Term, b: Term, at: Place) -> Term:
    """Rows of a times columns of b; of a vector a, its entries."""
    rule = "the product"
    scope.equal(a.shape[-1], b.shape[0], at, rule)
    if a.index or b.index:
        return letters(a, b, 1, at)
    if a.wild or b.wild:
        return _summed(a, b, at)
    if a.inverse_of is not None:  # A⁻¹ b: the solution of a system, no inverse is made
        return operation("solve", [a.inverse_of, b], b.shape, widest([a, b]), at)
    if len(a.shape) == 1 and len(b.shape) == 2:  # xᵀ A is Aᵀ x, as a row
        turned = operation("transpose", [b], (b.shape[1], b.shape[0]), b.kind, at, axes=(1, 0))
        return operation("matmul", [turned, a], b.shape[1:], widest([a, b]), at)
    return operation("matmul", [a, b], (*a.shape[:-1], *b.shape[1:]), widest([a, b]), at)


def _summed(a: Term, b: Term, at: Place) -> Term:
    """`A 𝟏` is the sum of each row, `𝟏ᵀ A` that of each column."""
    kept, axis = (b, 0) if a.wild else (a, len(a.shape) - 1)
    shape = kept.shape[1:] if axis == 0 else kept.shape[:-1]
    return operation("sum", [kept], shape, kept.kind, at, axes=None if len(kept.shape) == 1 else (axis,))


def letters(a: Term, b: Term, over: int, at: Place) -> Term:
    """A product under an index, as an index sum: named axes have letters, `over` axes meet."""
    index: tuple[Index, ...] = union([a, b])
    pool = iter("abcdefghijklmnopqrstuvwxyzABCDEFGH")
    of = {one: next(pool) for one in index}
    left = [next(pool) for _ in a.shape]
    right = [left[-1] if over and axis == 0 else next(pool) for axis in range(len(b.shape))]
    out = [*left[: len(left) - over], *right[over:]]
    named = "".join(of[one] for one in index)
    letters = (
        "".join(of[one] for one in a.index) + "".join(left),
        "".join(of[one] for one in b.index) + "".join(right),
        named + "".join(out),
    )
    shape = (*(a.shape[:-1] if over else a.shape), *b.shape[over:])

    def make(ground: Ground) -> object:
        return apply("einsum", ground(a), ground(b), letters=letters)

    return Term(shape, widest([a, b]), make, at, index)  # pyright: ignore[reportArgumentType]


def transposed(scope: Scope, term: Term, at: Place) -> Term:
    """`Aᵀ`; a vector becomes a row, a row a column, a number stays."""
    term = scope.settle(term)
    if term.scalar:
        return term
    rank = len(term.shape)
    if rank == 1:
        made = Term(term.shape, term.kind, term.make, at, term.index, not term.row, wild=term.wild)
        made.make = lambda ground: ground(term)
        return made
    if rank > 2:
        scope.fail(at, "a matrix or a vector to transpose", said(term.shape), "write [A_{kij}]_{ijk}")
    first, second = term.shape[0], term.shape[-1]
    count = len(term.index)
    axes = (*range(count), count + 1, count)
    return Term((second, first), term.kind, lambda ground: apply("transpose", ground(term), axes=axes), at, term.index)


def power_of_matrix(scope: Scope, base: Term, times: int, at: Place) -> Term:
    """A² = A A, of a square matrix."""
    scope.equal(base.shape[0], base.shape[1], at, "the power of a matrix")
    result = base
    for _ in range(times - 1):
        result = pair(scope, result, base, at)
    return result
