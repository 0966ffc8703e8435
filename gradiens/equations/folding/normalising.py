"""Rules for vectors that are brought to mean 0 and variance 1, or to mean square 1: layer, batch and RMS norm."""

from __future__ import annotations

from collections.abc import Iterator

from gradiens.equations.folding.fold import Rule
from gradiens.equations.tree.expression import Apply, Expr, Number, is_op
from gradiens.equations.tree.operations import apply
from gradiens.equations.tree.verify import frontier


def normalised(node: Apply) -> Iterator[tuple[Expr, list[Expr]]]:
    """γ ⊙ (x - m) / √(v + ε), where m and v turn out to be the mean and the variance of x; γ ⊙ x / √(v + ε) for its
    square mean. The factor γ may be missing.
    """
    above, below = node.operands
    root = below.args[0] if is_op(below, "spread") else below
    along = _along(below, len(node.shape)) if node.shape else None
    if along is None or not is_op(root, "sqrt") or not is_op(root.args[0], "add"):
        return
    for spread, eps in (root.args[0].args, root.args[0].args[::-1]):
        if eps.shape == () and not eps.args and not isinstance(spread, Number):
            for factor, x in _factors(above, node):
                made = _norm(x, along, eps)
                if made is not None:
                    new = made if factor is None else apply("mul", factor, made)
                    yield new, frontier(node, new)


def _along(below: Expr, rank: int) -> str | None:
    """How the name goes on for a root that is one number, one for each row, one for each column or map; None for others."""
    if not is_op(below, "spread"):
        return "" if below.shape == () else None
    axes = below.param("axes")  # pyright: ignore[reportAttributeAccessIssue]
    if rank >= 2 and axes == tuple(range(rank - 1)):
        return "rows"
    return "columns" if rank >= 2 and axes == (1,) else None


def _factors(above: Expr, node: Apply) -> Iterator[tuple[Expr | None, Expr]]:
    """What may be normalised, and its factor: all of it, or one side of a product."""
    yield None, above
    if is_op(above, "mul"):
        for factor, x in (above.args, above.args[::-1]):
            if x.shape == node.shape:
                yield factor, x


def _norm(x: Expr, along: str, eps: Expr) -> Expr | None:
    """The norm that is named: layer norm and batch norm of what is centred, RMS norm of what is not."""
    centred = is_op(x, "sub") and x.args[0].shape == x.shape
    if along == "columns":
        return apply("batch_norm", x.args[0], eps) if centred else None
    name = "layer_norm" if centred else "rms_norm"
    return apply(f"{name}_rows" if along else name, x.args[0] if centred else x, eps)


def normal_rules() -> list[Rule]:
    """The rules, in the order in which they are tried."""
    return [Rule("layer, batch and RMS norm", ("div",), normalised)]
