"""Rules that find attention: a mean of the rows of V, weighted by the softmax of the products of the rows of Q and K.

First each head, as one matrix of a stack: softmax(Q Kᵀ / √d) V by its index sums. Then the heads together, when Q, K and V
are the blocks of columns of matrices, and the results stand side by side.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradiens.equations.folding.fold import Rule, function_rule
from gradiens.equations.tree.expression import Apply, Expr, Number, is_number, is_op
from gradiens.equations.tree.operations import apply
from gradiens.equations.tree.verify import frontier


@dataclass(frozen=True)
class Scores:
    """What the softmax is taken of: products of rows, the number they are divided by, a mask or None."""

    products: Apply
    scale: float
    mask: Expr | None


def stacked(node: Apply) -> Iterator[tuple[Expr, list[Expr]]]:
    """Σ_s softmax(Σ_d q_htd k_hsd / √d)_hts v_hsc, the letters in any order, is attention of stacks."""
    left, right, out = node.param("letters")
    a, b = node.operands
    for W, own, V, other in ((a, left, b, right), (b, right, a, left)):
        if not is_op(W, "softmax") or len(W.shape) < 3 or W.param("axes") != (len(W.shape) - 1,):  # pyright: ignore
            continue
        scores, s = _scores(W.args[0]), own[-1]
        stack = [letter for letter in own if letter in other and letter != s]
        free = [letter for letter in own if letter not in other], [letter for letter in other if letter not in own]
        if scores is None or s in out or list(map(len, free)) != [1, 1]:
            continue
        ((t,), (c,)) = free
        rows = _rows(scores, own, stack, t, s)
        if rows is None or not math.isclose(scores.scale, rows[0].shape[-1] ** 0.5):
            continue
        if scores.mask is not None and own != "".join([*stack, t, s]):
            continue
        mask = () if scores.mask is None else (scores.mask,)
        made = apply("attention", *rows, _ordered(V, other, [*stack, s, c]), *mask)
        new = _ordered(made, "".join([*stack, t, c]), out)
        yield new, frontier(node, new, depth=8)


def _scores(S: Expr) -> Scores | None:
    """Q Kᵀ / c with its mask: {S if m; -∞ otherwise}, S + M."""
    mask: Expr | None = None
    if is_op(S, "where") and is_number(_only(S.args[2]), -math.inf):
        mask, S = S.args[0], S.args[1]
    elif is_op(S, "add"):
        one, other = S.args
        S, mask = (one, other) if _scaled(one) else (other, one)
    found = _scaled(S)
    if isinstance(mask, Apply) and mask.op == "spread":  # one mask for all heads
        inner = mask.args[0]
        every = mask.param("axes") == tuple(range(len(S.shape) - len(inner.shape), len(S.shape)))
        mask = inner if every and len(inner.shape) >= 2 else mask
    return None if found is None else Scores(*found, mask)


def _only(expr: Expr) -> Expr:
    return expr.args[0] if is_op(expr, "fill") else expr


def _scaled(S: Expr) -> tuple[Apply, float] | None:
    """The products and the number that they are divided by."""
    scale = 1.0
    if is_op(S, "div", "mul"):
        S, by = S.args if is_op(S, "div") else S.args[::-1]
        root = by.args[0] if is_op(by, "sqrt") else by
        if not isinstance(root, Number) or not isinstance(root.value, int | float) or root.value <= 0:
            return None
        scale = root.value**0.5 if root is not by else float(root.value)
    return (S, scale) if isinstance(S, Apply) and S.op == "einsum" else None


def _rows(scores: Scores, own: str, stack: list[str], t: str, s: str) -> list[Expr] | None:
    """Q and K as stacks of rows, from Σ_d q_htd k_hsd."""
    left, right, out = scores.products.param("letters")
    named = dict(zip(out, own))
    if len(out) != len(own):
        return None
    d = [letter for letter in left if letter in right and letter not in out]
    if len(d) != 1:
        return None
    named[d[0]] = "*"
    sides = [
        (arg, "".join(named[letter] for letter in letters))
        for arg, letters in zip(scores.products.operands, (left, right))
    ]
    if t not in sides[0][1]:
        sides.reverse()
    (Q, q), (K, k) = sides
    if set(q) != {*stack, t, "*"} or set(k) != {*stack, s, "*"}:
        return None
    return [_ordered(Q, q, [*stack, t, "*"]), _ordered(K, k, [*stack, s, "*"])]


def _ordered(expr: Expr, letters: str, order: Sequence[str]) -> Expr:
    """`expr`, whose axes are called `letters`, with its axes in another order."""
    axes = tuple(letters.index(letter) for letter in order)
    return expr if axes == tuple(range(len(axes))) else apply("transpose", expr, axes=axes)


def side_by_side(node: Apply) -> Expr | None:
    """The heads put side by side, whose Q, K and V are blocks of columns, are attention with that many heads."""
    (arg,) = node.operands
    if not isinstance(arg, Apply) or arg.op != "transpose" or arg.param("axes") != _swap(len(arg.shape)):
        return None
    made, heads, width = arg.operands[0], *arg.shape[-2:]
    if (
        not isinstance(made, Apply)
        or made.op != "attention"
        or made.params
        or node.shape != (*arg.shape[:-2], heads * width)
    ):
        return None
    wide = [_columns(stack) for stack in made.operands[:3]]
    whole = [each for each in wide if each is not None]
    return apply("attention", *whole, *made.operands[3:], heads=heads) if len(whole) == 3 else None


def _swap(count: int) -> tuple[int, ...]:
    """The order of axes that exchanges the heads with the rows."""
    return (*range(count - 3), count - 2, count - 3, count - 1)


def _columns(stack: Expr) -> Expr | None:
    """The matrix whose blocks of columns are the matrices of a stack."""
    if not is_op(stack, "transpose") or stack.param("axes") != _swap(len(stack.shape)):  # pyright: ignore
        return None
    split = stack.args[0]
    whole = split.args[0] if is_op(split, "reshape") else split
    wide = (*split.shape[:-2], split.shape[-2] * split.shape[-1])
    return whole if whole.shape == wide else apply("reshape", split, shape=wide)


def attention_rules() -> list[Rule]:
    """The rules, in the order in which they are tried."""
    return [
        Rule("attention of stacks", ("einsum",), stacked),
        function_rule("heads side by side", ("reshape",), side_by_side),
    ]
