"""What a print tells of sizes: a symbol has a space, but 𝟏, 0 and e_y are as large as their place asks for.

A drawing asks here before it leaves a size out.
"""

from __future__ import annotations

from gradiens.equations.tree.expression import Apply, Expr

_OPEN = ("fill", "one_hot", "iota", "identity")
_REDUCTIONS = ("sum", "mean", "prod", "reduce_max", "reduce_min", "any", "all")


def tells(expr: Expr, indexed: bool = False) -> tuple[bool, ...]:
    """For each axis: does the print of `expr` say how long it is? `indexed` where its entries are printed, `A_ij`."""
    if not isinstance(expr, Apply) or not expr.shape:
        return (True,) * len(expr.shape)
    if expr.op in _OPEN:
        return (expr.op == "iota" and not indexed,) * len(expr.shape)
    rank, matrix = len(expr.shape), len(expr.shape) == 2
    if expr.op == "spread":
        kept, inside = expr.param("axes"), tells(expr.args[0], indexed)
        own = dict(zip(kept, inside))
        return tuple(own.get(axis, not (indexed or matrix)) for axis in range(rank))
    if expr.op == "transpose" and (indexed or matrix):
        inside = tells(expr.args[0], indexed)
        return tuple(inside[axis] for axis in expr.param("axes"))
    if indexed and expr.op in _REDUCTIONS:
        return tuple(told for axis, told in enumerate(tells(expr.args[0], True)) if axis not in expr.param("axes"))
    if expr.op == "outer":
        return tuple(tells(arg, indexed)[0] for arg in expr.operands)
    if indexed and expr.op == "einsum":
        return _of_letters(expr)
    if expr.op == "reshape":
        return _reshaped(expr, indexed)
    return _entrywise(expr, indexed)


def _of_letters(expr: Apply) -> tuple[bool, ...]:
    *inside, out = expr.param("letters")
    told: set[str] = set()
    for letters, arg in zip(inside, expr.operands):
        told |= {letter for letter, known in zip(letters, tells(arg, True)) if known}
    return tuple(letter in told for letter in out)


def _reshaped(expr: Apply, indexed: bool) -> tuple[bool, ...]:
    inside = tells(expr.args[0])
    if indexed and squeezed(expr.args[0]) == squeezed(expr):
        own = iter([told for told, n in zip(inside, expr.args[0].shape) if n != 1])
        return tuple(next(own) if n != 1 else False for n in expr.shape)
    return (all(inside),) * len(expr.shape)


def _entrywise(expr: Apply, indexed: bool) -> tuple[bool, ...]:
    from gradiens.equations.tree.operations import TABLE

    if not TABLE[expr.op].entrywise:
        return (True,) * len(expr.shape)
    whole = [tells(arg, indexed) for arg in expr.operands if arg.shape == expr.shape]
    return tuple(any(known) for known in zip(*whole)) if whole else (False,) * len(expr.shape)


def squeezed(expr: Expr) -> tuple[int, ...]:
    """The shape without unit axes."""
    return tuple(n for n in expr.shape if n != 1)
