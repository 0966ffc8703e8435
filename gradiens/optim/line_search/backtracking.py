"""Backtracking: try a step, and shorten it until the decrease is a share of what the slope promises.

    α ← τ α   until   C(θ + α p) ≤ C(θ) + c₁ α gᵀp

It ends for every direction of descent: near 0 the line lies below the chord of slope c₁ gᵀp.

Book: 4.4.  Source: Armijo (1966); Nocedal & Wright (2006), Algorithm 3.1.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.line_search.line import Found, Line, LineSearch, accepted
from gradiens.optim.minimiser import Counts


class Backtracking(LineSearch):
    """Armijo's condition, by repeated shortening.

    Book: 4.4.  Source: Armijo (1966).
    """

    c1: float = knob(1e-4, 0.0, 0.9999, "log", "share c₁ of the promised decrease")
    shrink: float = knob(0.5, 0.01, 0.99, says="factor τ of a shortening")
    most: int = knob(60, 1, 1000, says="most shortenings")

    def __call__(self, line: Line, first: Float[Array, ""]) -> Found:
        """Values alone until one is accepted, there the gradient."""
        c1, τ = self.c1, self.shrink

        def on(state):
            alpha, value, count = state
            return ~line.armijo(alpha, value, None, c1) & (count <= self.most)

        def shorter(state):
            alpha, _, count = state
            alpha = τ * alpha
            return alpha, line.value(alpha), count + 1

        alpha, value, count = jax.lax.while_loop(on, shorter, (first, line.value(first), jnp.int32(1)))
        enough = line.armijo(alpha, value, None, c1)
        return accepted(line, line.at(alpha), alpha, enough, Counts(count + 1, 1))
