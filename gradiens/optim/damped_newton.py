"""DAMPED NEWTON: Newton's method that goes downhill everywhere, and as far as the cost falls.

    p = -(H + τ I)⁻¹ g
    θ' = θ + α p

τ = 0 where H is positive definite; else τ is doubled, from a little more than what the diagonal needs, until the Cholesky
factor exists; where H = 0 the step is along -g. α by backtracking from 1, so that near a strong minimum it is Newton's method.

Book: 4.5.  Source: Nocedal & Wright (2006), Algorithm 3.3.
"""

from __future__ import annotations

from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.cost import Cost, Point
from gradiens.optim.directional import Direction, Directional
from gradiens.optim.line_search.backtracking import Backtracking
from gradiens.optim.line_search.line import LineSearch
from gradiens.optim.minimiser import FINE, INDEFINITE, SINGULAR, Counts


class DampedNewton(Directional):
    """Newton's method with a shifted Hessian and backtracking.

    Book: 4.5.  Source: Nocedal & Wright (2006).
    """

    search: LineSearch = eqx.field(default=Backtracking())
    shift: float = knob(1e-3, 1e-12, 1.0, "log", "least τ, in parts of ‖H‖, that is tried where one is needed")
    RULES: ClassVar[dict[str, Any]] = {"toward": "p", "move": "θ'"}

    def toward(self, H: Float[Array, "d d"], g: Float[Array, "d"], tau: Float[Array, ""]) -> Float[Array, "d"]:
        """p = -(H + τ I)⁻¹ g."""
        return -jnp.linalg.solve(H + tau * jnp.eye(g.size, dtype=g.dtype), g)

    def direction(self, cost: Cost, point: Point, memory: Any) -> Direction:
        """The first τ for which H + τ I has a Cholesky factor."""
        g, H = point.g, cost.hessian(point.theta)
        eye = jnp.eye(g.size, dtype=g.dtype)
        least = self.shift * jnp.linalg.norm(H)
        lowest = jnp.min(jnp.diagonal(H))
        first = jnp.where(lowest > 0, 0.0, least - lowest)

        def on(state):
            return ~jnp.all(jnp.isfinite(state[1])) & (state[2] < 60)

        def more(state):
            tau = jnp.maximum(2 * state[0], least)
            return tau, jnp.linalg.cholesky(H + tau * eye), state[2] + 1

        start = first, jnp.linalg.cholesky(H + first * eye), jnp.int32(0)
        tau, _, _ = jax.lax.while_loop(on, more, start)
        p = self.toward(H, g, tau)
        sound = jnp.all(jnp.isfinite(p))
        told = jnp.where(sound, jnp.where(tau > 0, INDEFINITE, FINE), SINGULAR)
        return Direction(jnp.where(sound, p, -g), Counts(hessians=1), told)
