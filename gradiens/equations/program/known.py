"""Functions of JAX that a name says better than their steps: `remainder` is mod, `det` is det. None is taken at its word:
what its program computes is compared with what the name says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gradiens.equations.tree.expression import Expr
from gradiens.equations.tree.operations import apply
from gradiens.equations.tree.verify import agree

_Said = Callable[..., list[Expr]]


def _two(op: str) -> _Said:
    def said(a: Expr, b: Expr) -> list[Expr]:
        kinds = {a.kind, b.kind}
        wide = "real" if "real" in kinds else "integer"
        return [apply(op, *(apply("as_real", x) if x.kind != wide and wide == "real" else x for x in (a, b)))]

    return said


def _slogdet(A: Expr) -> list[Expr]:
    det = apply("det", A)
    return [apply("sign", det), apply("log", apply("abs", det))]


_KNOWN: dict[str, _Said] = {
    "remainder": _two("mod"), "floor_divide": _two("floor_div"), "det": lambda A: [apply("det", A)], "slogdet": _slogdet,
    "ndtr": lambda x: [apply("Φ", x)], "_ndtr": lambda x: [apply("Φ", x)],
    "tril": lambda A: [apply("lower", A)], "triu": lambda A: [apply("upper", A)],
}  # fmt: skip


def by_name(name: str, args: Sequence[Expr], found: list[Expr]) -> list[Expr]:
    """What the function `name` of `args` is, where its values are `found` by its program."""
    if name not in _KNOWN:
        return found
    try:
        said = _KNOWN[name](*args)
    except (TypeError, ValueError, IndexError):
        return found
    alike = len(said) == len(found) and all(
        one.shape == other.shape and agree(f"known: {name}", other, one, args) for one, other in zip(said, found)
    )
    return said if alike else found
