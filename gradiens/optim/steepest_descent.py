"""STEEPEST DESCENT: along the negative gradient, as far as the search says.

    p = -g
    θ' = θ + α p

With exact search consecutive directions are orthogonal: the path zig-zags, and on a quadratic of condition number κ a step
lowers the gap by ((κ-1)/(κ+1))² at worst.

Book: 4.4.  Source: Nocedal & Wright (2006), section 3.3.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.optim.cost import Cost, Point
from gradiens.optim.directional import Direction, Directional, as_promised


class Memory(NamedTuple):
    """α ‖g‖² of the last step, which the next first α is to repeat; 0 before the first."""

    promised: Float[Array, ""]


class SteepestDescent(Directional):
    """The negative gradient with a line search.

    Book: 4.4.  Source: Nocedal & Wright (2006).
    """

    RULES: ClassVar[dict[str, Any]] = {"along": "p", "move": "θ'"}

    def along(self, g: Float[Array, "d"]) -> Float[Array, "d"]:
        """p = -g."""
        return -g

    def init(self, cost: Cost, point: Point) -> Memory:
        """Nothing promised."""
        return Memory(jnp.zeros_like(point.value))

    def direction(self, cost: Cost, point: Point, memory: Memory) -> Direction:
        """Downhill."""
        return Direction(self.along(point.g))

    def first(self, cost: Cost, point: Point, p: Float[Array, "d"], memory: Memory) -> Float[Array, ""]:
        """As promising as the last step."""
        return as_promised(point, p, memory.promised)

    def remember(self, cost: Cost, old: Point, new: Point, p: Float[Array, "d"], memory: Memory) -> Memory:
        """-α gᵀp."""
        return Memory(-(new.theta - old.theta) @ old.g)
