"""BARZILAI-BORWEIN: gradient descent whose step is a secant estimate of the inverse curvature.

    α = sᵀ s / (sᵀ y)
    θ' = θ - α g

No search, and no descent at every step: on a quadratic it converges all the same, far faster than steepest descent. A step
with sᵀy ≤ 0, which tells of no curvature, is followed by one with α = ‖s‖ / ‖y‖, and with the same α where y = 0.

Book: 4.4.  Source: Barzilai & Borwein (1988).
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.optim.cost import Cost, Point
from gradiens.optim.directional import shorter
from gradiens.optim.minimiser import Counts, Minimiser, Taken


class Memory(NamedTuple):
    """The step size to take next."""

    alpha: Float[Array, ""]


class BarzilaiBorwein(Minimiser):
    """The long step sᵀs / sᵀy.

    Book: 4.4.  Source: Barzilai & Borwein (1988).
    """

    RULES: ClassVar[dict[str, Any]] = {"length": "α", "move": "θ'"}

    def length(self, s: Float[Array, "d"], y: Float[Array, "d"]) -> Float[Array, ""]:
        """α = sᵀs / sᵀy."""
        return s @ s / (s @ y)

    def move(self, theta: Float[Array, "d"], alpha: Float[Array, ""], g: Float[Array, "d"]) -> Float[Array, "d"]:
        """θ' = θ - α g."""
        return theta - alpha * g

    def init(self, cost: Cost, point: Point) -> Memory:
        """A cautious first step."""
        return Memory(shorter(point.g))

    def step(self, cost: Cost, point: Point, memory: Memory) -> tuple[Point, Memory, Taken]:
        """Along the gradient; the next α from what the step has met."""
        (alpha,) = memory
        new = cost.at(self.move(point.theta, alpha, point.g))
        s, y = new.theta - point.theta, new.g - point.g
        after = jnp.where(s @ y > 0, self.length(s, y), jnp.linalg.norm(s) / jnp.linalg.norm(y))
        return new, Memory(jnp.where(jnp.any(y != 0), after, alpha)), Taken(alpha, Counts(1, 1))
