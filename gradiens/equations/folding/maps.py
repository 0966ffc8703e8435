"""Rules for stacks of maps, x ∈ ℝ^{c×h×w}: windows, kernels, and the order of axes, which is that of the library's ⋆."""

from __future__ import annotations

import numpy as np

from gradiens.equations.folding.algebra import ENTRYWISE
from gradiens.equations.folding.fold import Rule, function_rule
from gradiens.equations.tree.convolution import pool
from gradiens.equations.tree.expression import Apply, Expr, is_number, is_op
from gradiens.equations.tree.operations import apply


def turned(node: Apply) -> Expr | None:
    """A kernel reversed along its places, its channels exchanged, is the turned kernel."""
    (arg,) = node.operands
    count = len(arg.shape)
    if count < 3 or node.param("axes") != (1, 0, *range(2, count)) or not is_op(arg, "reverse"):
        return None
    axes = arg.param("axes")  # pyright: ignore[reportAttributeAccessIssue]
    whole = (axes if isinstance(axes, tuple) else (axes,)) == tuple(range(2, count))
    return apply("turned", arg.args[0]) if whole else None


def averaged(node: Apply) -> Expr | None:
    """A sum over windows divided by their size is their mean."""
    above, below = node.operands
    if not isinstance(above, Apply) or above.op != "sumpool":
        return None
    whole = is_number(below, int(np.prod(above.param("size"))))
    return apply("avgpool", *above.args, **dict(above.params)) if whole else None


_POOLS = {"mean": "avgpool", "sum": "sumpool", "reduce_max": "maxpool", "reduce_min": "minpool"}


def cut_into_windows(node: Apply) -> Expr | None:
    """The mean over k and l of an array of shape c×h/k×k×w/l×l, cut from one of c×h×w, is that of windows."""
    (arg,) = node.operands
    axes = node.param("axes")
    if not is_op(arg, "reshape") or axes is None:
        return None
    x = arg.args[0]
    sizes, at = [], 0
    for n in x.shape:
        place, window = (*arg.shape[at : at + 2], 0, 0)[:2]
        cut = place * window == n and at + 1 in axes
        if at in axes or not (cut or place == n):
            return None
        sizes.append(window if cut else 1)
        at += 2 if cut else 1
    if at != len(arg.shape) or len(x.shape) < 2 or len(axes) != sum(size > 1 for size in sizes):
        return None
    first = next(axis for axis, size in enumerate(sizes) if size > 1)
    return pool(_POOLS[node.op], x, size=tuple(sizes[first:]))


def order_outward(node: Apply) -> Expr | None:
    """relu(Aᵖ + b) = relu(A + b)ᵖ, where p is an order of the axes of a stack and b is repeated along some of them."""
    arrays = [arg for arg in node.operands if arg.shape]
    if len(node.shape) < 3 or any(arg.shape != node.shape for arg in arrays):
        return None
    orders = {arg.param("axes") for arg in arrays if isinstance(arg, Apply) and arg.op == "transpose"}
    if len(orders) != 1 or not all(is_op(arg, "transpose", "spread") for arg in arrays):
        return None
    (order,) = orders
    inner = [_before(arg, order) if arg.shape else arg for arg in node.operands]
    return apply("transpose", apply(node.op, *inner, **dict(node.params)), axes=order)


def _before(arg: Expr, order: tuple[int, ...]) -> Expr:
    """What `arg` is before its axes are put in the order."""
    assert isinstance(arg, Apply)
    if arg.op == "transpose":
        return arg.operands[0]
    shape = [0] * len(order)
    for new, old in enumerate(order):
        shape[old] = arg.shape[new]
    inner, axes = arg.operands[0], tuple(order[axis] for axis in arg.param("axes"))
    rising = tuple(sorted(range(len(axes)), key=axes.__getitem__))
    if rising != tuple(range(len(axes))):
        inner = apply("transpose", inner, axes=rising)
    return apply("spread", inner, shape=tuple(shape), axes=tuple(sorted(axes)))


def order_of_factors(node: Apply) -> Expr | None:
    """An index sum over A_{jik} with its axes in another order is one over A_{ijk}."""
    if not any(is_op(arg, "transpose") and len(arg.shape) > 2 for arg in node.operands):
        return None
    *inside, out = node.param("letters")
    plain, letters = [], []
    for arg, own in zip(node.operands, inside):
        if isinstance(arg, Apply) and arg.op == "transpose":
            back = dict(zip(arg.param("axes"), own))
            arg, own = arg.operands[0], "".join(back[axis] for axis in range(len(own)))
        plain.append(arg)
        letters.append(own)
    return apply("einsum", *plain, letters=(*letters, out))


def spread_once(node: Apply) -> Expr | None:
    """What is repeated twice, along some axes and then along others, is repeated once."""
    (arg,) = node.operands
    if not isinstance(arg, Apply) or arg.op != "spread":
        return None
    axes = tuple(node.param("axes")[axis] for axis in arg.param("axes"))
    return apply("spread", arg.operands[0], shape=node.shape, axes=axes)


def map_rules() -> list[Rule]:
    """The rules, in the order in which they are tried."""
    return [
        function_rule("repeated once", ("spread",), spread_once),
        function_rule("turned kernel", ("transpose",), turned),
        function_rule("mean of windows", ("div",), averaged),
        function_rule("windows by shape", tuple(_POOLS), cut_into_windows),
        function_rule("order of axes outward", ENTRYWISE, order_outward),
        function_rule("order of axes in index sums", ("einsum",), order_of_factors),
    ]
