"""Scaled dot-product attention with several heads: attention_{heads=H}(Q, K, V) is [A^[1], …, A^[H]] with

    A^[h] = softmax_rows(Q^[h] K^[h]ᵀ / √d) V^[h]

where Q^[h], K^[h], V^[h] are the H blocks of columns of Q, K, V, and d is the number of columns of Q^[h]. Without `heads`,
Q, K, V are stacks of matrices, one for each head, or more axes in front. A fourth operand is a mask: truth values (what is
not seen has weight 0) or numbers that are added to Q Kᵀ / √d.

Source: Vaswani et al. (2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradiens.equations.tree.expression import Expr, Kind, Shape
from gradiens.equations.tree.operations import TABLE, enter
from gradiens.equations.tree.settings import call


def _attention(xp: Any, Q: Any, K: Any, V: Any, M: Any = None, heads: int = 0) -> Any:
    if not heads:
        return _heads(xp, Q, K, V, M)
    q, k, v = (_split(xp, each, heads) for each in (Q, K, V))
    found = _heads(xp, q, k, v, M)
    return xp.reshape(xp.swapaxes(found, -3, -2), (*Q.shape[:-1], V.shape[-1]))


def _split(xp: Any, A: Any, heads: int) -> Any:
    """The blocks of columns as a stack."""
    return xp.swapaxes(xp.reshape(A, (*A.shape[:-1], heads, A.shape[-1] // heads)), -3, -2)


def _heads(xp: Any, Q: Any, K: Any, V: Any, M: Any) -> Any:
    scores = Q @ xp.swapaxes(K, -1, -2) / Q.shape[-1] ** 0.5
    if M is not None:
        scores = xp.where(M, scores, -xp.inf) if M.dtype == bool else scores + M
    return TABLE["softmax"].run(xp, scores, axes=(scores.ndim - 1,)) @ V


def _shape(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    heads = params.get("heads", 1)
    if len(args) not in (3, 4) or not isinstance(heads, int) or set(params) - {"heads"}:
        raise ValueError("something else than Q, K, V, perhaps a mask, and a number of heads")
    Q, K, V, *mask = (arg.shape for arg in args)
    least = 2 if "heads" in params else 3
    if min(map(len, (Q, K, V))) < least or Q[:-2] != K[:-2] or K[:-1] != V[:-1] or Q[-1] != K[-1]:
        more = "" if "heads" in params else " without a number of heads"
        raise ValueError(f"attention of shapes {Q}, {K} and {V}{more}")
    if heads < 1 or Q[-1] % heads or V[-1] % heads:
        raise ValueError(f"{heads} heads in {Q[-1]} and {V[-1]} columns")
    if mask and mask[0][-2:] != (Q[-2], K[-2]):
        raise ValueError(f"a mask of shape {mask[0]} for {Q[-2]} rows and {K[-2]} columns")
    return (*Q[:-1], V[-1]), "real"


enter("attention", _attention, _shape, call("attention"))
