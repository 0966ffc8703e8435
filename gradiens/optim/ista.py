"""ISTA: gradient descent on a smooth cost, then the proximal step of an L1 penalty, which sets small entries to 0.

    u = y - α g
    θ' = sign(u) ⊙ max(|u| - α λ, 0)

y is θ. It lowers C(θ) + λ ‖θ‖₁ at every step when α ≤ 1/L; the gap falls like 1/k. `residual` is the length of the gradient
map, max |θ - θ'| / α, which is 0 at the minimum only.

Book: 4.4.  Source: Daubechies, Defrise & De Mol (2004).
"""

from __future__ import annotations

from typing import Any, ClassVar

import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.cost import Cost, Point
from gradiens.optim.minimiser import Counts, Minimiser, Taken


class ISTA(Minimiser):
    """Proximal gradient descent for an L1 penalty.

    Book: 4.4.  Source: Daubechies, Defrise & De Mol (2004).
    """

    lr: float = knob(0.01, 1e-12, None, "log", "step size α, at most 1/L")
    l1: float = knob(0.1, 0.0, None, says="weight λ of the penalty ‖θ‖₁")
    RULES: ClassVar[dict[str, Any]] = {"descend": "u", "shrink": "θ'"}

    def descend(self, y: Float[Array, "d"], g: Float[Array, "d"], alpha: Float[Array, ""] | float) -> Array:
        """u = y - α g, g the gradient at y; here y is θ."""
        return y - alpha * g

    def shrink(self, u: Float[Array, "d"], alpha: Float[Array, ""] | float, lam: Float[Array, ""] | float) -> Array:
        """θ' = sign(u) max(|u| - α λ, 0): the θ that minimises ‖θ - u‖² / (2 α) + λ ‖θ‖₁."""
        return soft(u, alpha * lam)

    def proximal(self, theta: Array, g: Array) -> Array:
        """The step from a point with gradient g."""
        return self.shrink(self.descend(theta, g, self.lr), self.lr, self.l1)

    def step(self, cost: Cost, point: Point, memory: Any) -> tuple[Point, Any, Taken]:
        """Down, and shrink."""
        return cost.at(self.proximal(point.theta, point.g)), memory, Taken(self.lr, Counts(1, 1))

    def residual(self, cost: Cost, point: Point) -> Float[Array, ""]:
        """max |θ - θ'| / α."""
        return jnp.max(jnp.abs(point.theta - self.proximal(point.theta, point.g))) / self.lr

    def shown(self, cost: Cost, point: Point) -> Float[Array, ""]:
        """C(θ) + λ ‖θ‖₁."""
        return point.value + self.l1 * jnp.sum(jnp.abs(point.theta))


def soft(u: Array, threshold: Array | float) -> Array:
    """sign(u) max(|u| - threshold, 0)."""
    return jnp.sign(u) * jnp.maximum(jnp.abs(u) - threshold, 0)
