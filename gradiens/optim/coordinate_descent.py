"""COORDINATE DESCENT: the minimum along one coordinate after the other, with an L1 penalty if there is one.

    u = x - α γ / η
    x' = sign(u) max(|u| - α λ / η, 0)

x = θᵢ is the coordinate, γ = ∂C/∂θᵢ its slope, η = ∂²C/∂θᵢ² its curvature. A step is one sweep through all coordinates,
each with the values that the others have by then. α = 1 is exact on a quadratic; else α is halved until the cost does not
rise. On a quadratic without penalty a sweep is one of Gauss-Seidel.

Book: 4.4.  Source: Tseng (2001), Wright (2015).
"""

from __future__ import annotations

from typing import Any, ClassVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.cost import Cost, Point
from gradiens.optim.ista import soft
from gradiens.optim.minimiser import Counts, Minimiser, Taken


class CoordinateDescent(Minimiser):
    """Cyclic coordinate descent by one-dimensional Newton steps.

    Book: 4.4.  Source: Tseng (2001).
    """

    l1: float = knob(0.0, 0.0, None, says="weight λ of the penalty ‖θ‖₁")
    RULES: ClassVar[dict[str, Any]] = {"along": "x'"}

    def along(
        self,
        x: Float[Array, ""],
        gamma: Float[Array, ""],
        eta: Float[Array, ""],
        alpha: Float[Array, ""] | float,
        lam: Float[Array, ""] | float,
    ) -> Array:
        """The new value of a coordinate x where the slope is γ and the curvature η."""
        return soft(x - alpha * gamma / eta, alpha * lam / eta)

    def step(self, cost: Cost, point: Point, memory: Any) -> tuple[Point, Any, Taken]:
        """One sweep."""
        total = lambda theta: cost(theta) + self.l1 * jnp.sum(jnp.abs(theta))  # noqa: E731
        eps = jnp.finfo(point.theta.dtype).eps

        def coordinate(i, state):
            theta, value, trials = state
            line = lambda x: cost(theta.at[i].set(x))  # noqa: E731
            g, h = jax.jvp(jax.grad(line), (theta[i],), (jnp.ones_like(theta[i]),))
            h = jnp.maximum(jnp.abs(h), eps)

            def tried(alpha, trials):
                new = theta.at[i].set(self.along(theta[i], g, h, alpha, self.l1))
                return alpha, new, total(new), trials + 1

            def lower(trial):
                return trial[2] <= value + 4 * eps * jnp.abs(value)  # a NaN is not

            def more(trial):
                return ~lower(trial) & (trial[0] > 1e-9)

            trial = jax.lax.while_loop(
                more, lambda trial: tried(trial[0] / 2, trial[3]), tried(jnp.ones_like(h), trials)
            )
            better = lower(trial)
            return jnp.where(better, trial[1], theta), jnp.where(better, trial[2], value), trial[3]

        start = point.theta, total(point.theta), jnp.int32(0)
        theta, _, trials = jax.lax.fori_loop(0, point.theta.size, coordinate, start)
        return cost.at(theta), memory, Taken(1.0, Counts(2 + trials, 1, point.theta.size))

    def residual(self, cost: Cost, point: Point) -> Float[Array, ""]:
        """max |θ - soft(θ - g, λ)|: max |gᵢ| without penalty."""
        return jnp.max(jnp.abs(point.theta - soft(point.theta - point.g, self.l1)))

    def shown(self, cost: Cost, point: Point) -> Float[Array, ""]:
        """C(θ) + λ ‖θ‖₁."""
        return point.value + self.l1 * jnp.sum(jnp.abs(point.theta))
