"""How the parameters of a written model start: each by the first use that tells its role.

    W in W a, before relu     He          N(0, 2 / n_in)
    W in W a, otherwise       Glorot      uniform on ±√(6 / (n_in + n_out))
    b in … + b                zeros       γ in γ ⊙ …    ones        E in E_c    normal, N(0, 1 / width)

Book: 5.5.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import jax.numpy as jnp
from jaxtyping import Array

from gradiens.equations.boxes.notation import named
from gradiens.equations.boxes.unicode import unicode
from gradiens.equations.tree.expression import Expr, Symbol, is_op
from gradiens.equations.tree.layout import Layout
from gradiens.equations.tree.operations import TABLE
from gradiens.equations.tree.recurrence import everything
from gradiens.nn import initialisers

_RELU_LIKE = ("relu", "leaky_relu", "elu", "gelu", "silu", "softplus")
_ONWARD = (
    "add",
    "sub",
    "mul",
    "reshape",
    "maxpool",
    "avgpool",
)  # what a value goes through on its way into one of them


@dataclass(frozen=True)
class Start:
    """A parameter and how it starts: zeros, ones, normal, glorot, or he with the function that follows. A matrix is
    `turned` if it stands on the right, A W: its rows are then the inputs.
    """

    symbol: Symbol
    kind: str
    before: str = ""
    turned: bool = False

    @property
    def name(self) -> str:
        """The name in plain text: `W_1`."""
        return unicode(named(self.symbol.name))

    @property
    def space(self) -> str:
        """The space in plain text: `ℝ⁶⁴ˣ⁴`."""
        return unicode(Layout(TABLE, True).space(self.symbol))

    def __str__(self) -> str:
        name = {"he": "He", "glorot": "Glorot"}.get(self.kind, self.kind)
        return f"{name}, before {self.before}" if self.before else name

    def draw(self, key: Array) -> Array:
        """The first value."""
        shape = self.symbol.shape
        if self.kind == "zeros":
            return initialisers.zeros(key, shape)
        if self.kind == "ones":
            return initialisers.zeros(key, shape) + 1
        if self.kind == "normal":
            return initialisers.normal(key, shape, 1 / math.sqrt(shape[-1] if shape else 1))
        draw = initialisers.he if self.kind == "he" else initialisers.glorot
        if self.turned and len(shape) == 2:
            return draw(key, shape[::-1]).T
        return jnp.reshape(draw(key, shape if len(shape) > 1 else (1, *shape)), shape)


def starts(parameters: Iterable[Symbol], roots: Sequence[Expr]) -> list[Start]:
    """How each of `parameters` starts, by its uses in the trees; in the order in which they are first used."""
    nodes = list(everything(*roots))
    parents: dict[Expr, list[Expr]] = {}
    for expr in nodes:
        for arg in expr.args:
            parents.setdefault(arg, []).append(expr)
    held: dict[str, list[Expr]] = {}  # a parameter is another node inside a loop
    for expr in nodes:
        if isinstance(expr, Symbol):
            held.setdefault(expr.name, []).extend(parents.get(expr, ()))
    place = {expr: at for at, expr in enumerate(nodes)}
    order = sorted(parameters, key=lambda one: min((place[use] for use in parents.get(one, ())), default=0))
    return [_start(one, held[one.name], parents) for one in order]


def _start(one: Symbol, uses: Sequence[Expr], parents: dict[Expr, list[Expr]]) -> Start:
    told = (_told(one, one, use, parents) for use in uses)
    return next((found for found in told if found), Start(one, "glorot" if one.shape else "zeros"))


def _told(one: Symbol, value: Expr, use: Expr, parents: dict[Expr, list[Expr]]) -> Start | None:
    """What the use of `value`, which is the parameter itself or that in another shape, tells."""
    if is_op(use, "transpose", "reshape", "spread", "fill"):
        above = (_told(one, use, up, parents) for up in parents.get(use, ()))
        found = next((found for found in above if found), None)
        return replace(found, turned=not found.turned) if found and is_op(use, "transpose") else found
    if is_op(use, "matmul", "einsum", "conv", "outer"):
        follows = _follows(use, parents)
        return Start(one, "he" if follows else "glorot", follows, is_op(use, "matmul") and use.args[0] is not value)
    if is_op(use, "add", "sub"):
        return Start(one, "zeros")
    if is_op(use, "index"):
        return Start(one, "normal")
    return Start(one, "ones") if is_op(use, "mul", "div") else None


def _follows(expr: Expr, parents: dict[Expr, list[Expr]]) -> str:
    """The function like relu into which the value goes through sums and shapes, or ""."""
    for _ in range(8):
        above = parents.get(expr, [])
        found = next((up.op for up in above if is_op(up, *_RELU_LIKE)), "")  # pyright: ignore[reportAttributeAccessIssue]
        onward = [up for up in above if is_op(up, *_ONWARD)]
        if found or not onward:
            return found
        expr = onward[0]
    return ""
