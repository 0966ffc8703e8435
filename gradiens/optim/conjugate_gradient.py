"""NONLINEAR CONJUGATE GRADIENT: the new direction is the negative gradient plus a share of the old direction.

    p' = -g' + β p

The methods differ in β. On a quadratic with exact search all of them give A-conjugate directions, and end in d steps. Where
gradients of successive points are far from orthogonal, |g'ᵀg| ≥ ν ‖g'‖², the past is forgotten: p' = -g' (Powell's restart).

Book: 4.4.  Source: Nocedal & Wright (2006), section 5.2.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.cost import Cost, Point
from gradiens.optim.directional import Direction, Directional, as_promised
from gradiens.optim.line_search.line import LineSearch
from gradiens.optim.line_search.strong_wolfe import StrongWolfe


class Memory(NamedTuple):
    """The direction to take next, and -α gᵀp of the last step (0 before the first)."""

    p: Float[Array, "d"]
    promised: Float[Array, ""]


class ConjugateGradient(Directional):
    """Base of the nonlinear conjugate gradient methods: `share` is their β.

    The search is a sharp one, c₂ = 0.1: with c₂ < 1/2 every direction of Fletcher-Reeves leads downhill.
    """

    search: LineSearch = eqx.field(default=StrongWolfe(c2=0.1))
    restart: float = knob(0.2, 0.0, None, says="ν: gradients that are less orthogonal than this forget the past")
    RULES: ClassVar[dict[str, Any]] = {"share": "β", "turn": "p'", "move": "θ'"}

    def share(self, g: Float[Array, "d"], g_new: Float[Array, "d"]) -> Float[Array, ""]:
        """β from the old gradient and the new one."""
        raise NotImplementedError

    def turn(self, g_new: Float[Array, "d"], beta: Float[Array, ""], p: Float[Array, "d"]) -> Float[Array, "d"]:
        """p' = -g' + β p."""
        return -g_new + beta * p

    def init(self, cost: Cost, point: Point) -> Memory:
        """Begin downhill."""
        return Memory(-point.g, jnp.zeros_like(point.value))

    def direction(self, cost: Cost, point: Point, memory: Memory) -> Direction:
        """What was chosen at the end of the last step."""
        return Direction(memory.p)

    def first(self, cost: Cost, point: Point, p: Float[Array, "d"], memory: Memory) -> Float[Array, ""]:
        """As promising as the last step."""
        return as_promised(point, p, memory.promised)

    def remember(self, cost: Cost, old: Point, new: Point, p: Float[Array, "d"], memory: Memory) -> Memory:
        """The next direction."""
        g, g_new = old.g, new.g
        beta = self.share(g, g_new)
        forget = jnp.abs(g_new @ g) >= self.restart * (g_new @ g_new)
        return Memory(self.turn(g_new, jnp.where(forget, 0, beta), p), -(new.theta - old.theta) @ g)
