"""ACCELERATED GRADIENT: a gradient step from a point that runs ahead.

    θ' = y - α g
    t' = (1 + √(1 + 4 t²)) / 2
    y' = θ' + ((t - 1) / t') (θ' - θ)

g = ∇C(y). On a convex cost with L-Lipschitz gradient and α = 1/L the gap after k steps is at most 2 L ‖θ₀ - θ*‖² / (k+1)²,
which no method of gradients can better by more than a constant. The cost does not fall at every step.

Book: 4.4.  Source: Nesterov (1983); Beck & Teboulle (2009) for the sequence t.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.cost import Cost, Point
from gradiens.optim.minimiser import Counts, Minimiser, Taken


class Memory(NamedTuple):
    """The point ahead, and t."""

    y: Float[Array, "d"]
    t: Float[Array, ""]


class Accelerated(Minimiser):
    """Nesterov's method with a constant step.

    Book: 4.4.  Source: Nesterov (1983).
    """

    lr: float = knob(0.01, 1e-12, None, "log", "step size α, at most 1/L")
    RULES: ClassVar[dict[str, Any]] = {"descend": "θ'", "grow": "t'", "ahead": "y'"}

    def descend(self, y: Float[Array, "d"], g: Float[Array, "d"], alpha: Float[Array, ""] | float) -> Array:
        """θ' = y - α g, g the gradient at y."""
        return y - alpha * g

    def grow(self, t: Float[Array, ""]) -> Array:
        """t' = (1 + √(1 + 4 t²)) / 2."""
        return (1 + jnp.sqrt(1 + 4 * t**2)) / 2

    def ahead(
        self, theta: Float[Array, "d"], theta_new: Float[Array, "d"], t: Float[Array, ""], t_new: Float[Array, ""]
    ) -> Array:
        """y' = θ' + (t - 1) / t' (θ' - θ)."""
        return theta_new + (t - 1) / t_new * (theta_new - theta)

    def init(self, cost: Cost, point: Point) -> Memory:
        """Not ahead yet."""
        return Memory(point.theta, jnp.ones_like(point.value))

    def step(self, cost: Cost, point: Point, memory: Memory) -> tuple[Point, Memory, Taken]:
        """The gradient is taken at y; C and its gradient at θ' are asked for to be told."""
        y, t = memory
        theta = self.descend(y, cost.grad(y), self.lr)
        t_new = self.grow(t)
        new = cost.at(theta)
        return new, Memory(self.ahead(point.theta, theta, t, t_new), t_new), Taken(self.lr, Counts(1, 2))
