"""Exact line search: the α at which the slope along the line is 0, by Newton's method on α.

    α ← α - φ'(α) / φ''(α),   φ'(α) = ∇C(θ + α p)ᵀ p,   φ''(α) = pᵀ H p

Where the line is not convex (φ'' ≤ 0) α is doubled instead. For a quadratic one step is exact: α = -gᵀp / pᵀHp.

Book: 4.4.  Source: Nocedal & Wright (2006), section 3.1.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.line_search.line import Found, Line, LineSearch, accepted
from gradiens.optim.minimiser import Counts


class Exact(LineSearch):
    """The stationary point of the cost along the line that Newton's method finds from α = 0.

    Book: 4.4.  Source: Nocedal & Wright (2006).
    """

    inner: int = knob(60, 1, 1000, says="most steps of Newton's method on α")

    def __call__(self, line: Line, first: Float[Array, ""]) -> Found:
        """Newton on α until it no longer moves."""
        cost, θ, p = line.cost, line.start.theta, line.p
        slope = lambda alpha: cost.grad(θ + alpha * p) @ p  # noqa: E731
        tiny = 2 * jnp.finfo(first.dtype).eps

        def on(state):
            alpha, move, count = state
            return (jnp.abs(move) > tiny * jnp.abs(alpha)) & (count < self.inner)

        def newton(state):
            alpha, _, count = state
            d1, d2 = jax.jvp(slope, (alpha,), (jnp.ones_like(alpha),))
            move = jnp.where(d2 > 0, -d1 / d2, jnp.maximum(jnp.abs(alpha), first))
            return alpha + move, move, count + 1

        zero = jnp.zeros_like(first)
        alpha, _, count = jax.lax.while_loop(on, newton, (zero, first, jnp.int32(0)))
        point = line.at(alpha)
        lower = point.value <= line.start.value  # a NaN is not
        return accepted(line, point, alpha, lower & (alpha != 0), Counts(1, count + 1, count))
