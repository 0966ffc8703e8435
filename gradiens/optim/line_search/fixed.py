"""No search: the step that is given.

    θ' = θ + α p

Book: 4.1, 4.5.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.line_search.line import Found, Line, LineSearch
from gradiens.optim.minimiser import Counts


class Fixed(LineSearch):
    """α times the direction, whatever the cost does there: α = 1 is plain Newton.

    Book: 4.1, 4.5.
    """

    alpha: float = knob(1.0, 0.0, None, says="the factor α of every step")

    def __call__(self, line: Line, first: Float[Array, ""]) -> Found:
        """One evaluation."""
        alpha = jnp.full_like(first, self.alpha)
        return Found(line.at(alpha), alpha, Counts(1, 1))
