"""SECANT METHOD: Newton's method in one dimension with the slope of the derivative taken from the last two points.

    θ' = θ - g s / y

s and y are the last changes of θ and g. Of order (1+√5)/2 near a strong minimum. It looks for g = 0, be it a minimum or
not.

Book: 4.5.  Source: Nocedal & Wright (2006), section 2.2.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.core.module import knob
from gradiens.optim.cost import Cost, Point
from gradiens.optim.minimiser import FINE, INDEFINITE, Counts, Minimiser, Taken


class Memory(NamedTuple):
    """The last move and the change of the gradient along it."""

    s: Float[Array, "1"]
    y: Float[Array, "1"]


class Secant(Minimiser):
    """The secant method, for one parameter.

    Book: 4.5.  Source: Nocedal & Wright (2006).

    Raises `Mistake` for more than one parameter: quasi-Newton methods are its extension.
    """

    first: float = knob(0.1, None, None, says="the first move, θ₁ - θ₀")
    RULES: ClassVar[dict[str, Any]] = {"move": "θ'"}

    def move(self, theta: Float[Array, "1"], g: Float[Array, "1"], s: Float[Array, "1"], y: Float[Array, "1"]) -> Array:
        """θ' = θ - g s / y."""
        return theta - g * s / y

    def init(self, cost: Cost, point: Point) -> Memory:
        """The move that leads to the first point is the one before it: the second point is `first` away."""
        if point.theta.size != 1:
            raise Mistake("one parameter for the secant method", point.theta.size, "bfgs is its extension to many")
        # s, y such that the rule's first step is of the length asked for
        return Memory(jnp.full_like(point.g, self.first), -point.g)

    def step(self, cost: Cost, point: Point, memory: Memory) -> tuple[Point, Memory, Taken]:
        """The zero of the line through the last two gradients."""
        s, y = memory
        known = (y != 0).all()
        theta = jnp.where(known & (point.g != 0), self.move(point.theta, point.g, s, y), point.theta)
        new = cost.at(theta)
        s, y = theta - point.theta, new.g - point.g
        concave = jnp.sum(s * y) < 0
        return new, Memory(s, y), Taken(1.0, Counts(1, 1), jnp.where(concave, INDEFINITE, FINE))
