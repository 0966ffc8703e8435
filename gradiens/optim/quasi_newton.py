"""QUASI-NEWTON: an approximation B of the inverse Hessian, mended after each step so that it explains that step.

    p = -B g
    θ' = θ + α p
    B' y = s,    s = θ' - θ,    y = g' - g        (the secant condition)

The methods differ in how B' is chosen among the symmetric matrices that satisfy it. Before the first mending B is scaled to
the curvature of the first step, sᵀy / yᵀy. A step with yᵀs ≤ 0 tells of no positive curvature and mends nothing.

Book: 4.5.  Source: Nocedal & Wright (2006), chapter 6.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from gradiens.core.module import knob
from gradiens.optim.cost import Cost, Point
from gradiens.optim.directional import Direction, Directional, shorter


class Memory(NamedTuple):
    """The inverse Hessian as far as it is known, and whether any step has scaled or mended it."""

    B: Float[Array, "d d"]
    mended: Bool[Array, ""]


class QuasiNewton(Directional):
    """Base of the methods that keep B whole: `mend` is their formula."""

    scale: bool = knob(True, says="scale B to the curvature of the first step")
    RULES: ClassVar[dict[str, Any]] = {"toward": "p", "move": "θ'", "mend": "B'"}

    def toward(self, B: Float[Array, "d d"], g: Float[Array, "d"]) -> Float[Array, "d"]:
        """p = -B g."""
        return -(B @ g)

    def mend(self, B: Float[Array, "d d"], s: Float[Array, "d"], y: Float[Array, "d"]) -> Float[Array, "d d"]:
        """B' with B' y = s."""
        raise NotImplementedError

    def tells(self, B: Float[Array, "d d"], s: Float[Array, "d"], y: Float[Array, "d"]) -> Bool[Array, ""]:
        """Whether the step tells enough of the curvature to mend B by it."""
        eps = jnp.finfo(s.dtype).eps
        return y @ s > eps * jnp.linalg.norm(y) * jnp.linalg.norm(s)

    def init(self, cost: Cost, point: Point) -> Memory:
        """The unit matrix."""
        return Memory(jnp.eye(point.theta.size, dtype=point.theta.dtype), jnp.zeros((), bool))

    def direction(self, cost: Cost, point: Point, memory: Memory) -> Direction:
        """-B g."""
        return Direction(self.toward(memory.B, point.g))

    def first(self, cost: Cost, point: Point, p: Float[Array, "d"], memory: Memory) -> Float[Array, ""]:
        """1; along the first gradient, whose length says nothing, a cautious step."""
        one = jnp.ones((), p.dtype)
        return jnp.where(memory.mended, one, shorter(point.g)) if self.scale else one

    def remember(self, cost: Cost, old: Point, new: Point, p: Float[Array, "d"], memory: Memory) -> Memory:
        """B mended by the step."""
        B, mended = memory
        s, y = new.theta - old.theta, new.g - old.g
        scaled = self.scale & ~mended & (y @ s > 0)
        B = jnp.where(scaled, s @ y / (y @ y), 1) * B
        told = self.tells(B, s, y)
        return Memory(jnp.where(told, self.mend(B, s, y), B), mended | told | scaled)
