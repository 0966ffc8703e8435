"""NEWTON: to the stationary point of the quadratic model.

    p = -H⁻¹ g
    θ' = θ + α p

With α = 1, the default, it solves a quadratic in one step, is the same in all affine coordinates, and doubles the number of
right digits near a strong minimum. It looks for g = 0, not for a minimum: where H is not positive definite it goes to a saddle
or a maximum, and tells so. `damped_newton` and `trust_region` do not.

Book: 4.5.  Source: Nocedal & Wright (2006), section 3.3.
"""

from __future__ import annotations

from typing import Any, ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.optim.cost import Cost, Point
from gradiens.optim.directional import Direction, Directional
from gradiens.optim.line_search.fixed import Fixed
from gradiens.optim.line_search.line import LineSearch
from gradiens.optim.minimiser import FINE, INDEFINITE, SINGULAR, Counts


class Newton(Directional):
    """Newton's method with the exact Hessian; plain (α = 1) unless a search is given.

    Book: 4.5.  Source: Nocedal & Wright (2006).
    """

    search: LineSearch = eqx.field(default=Fixed())
    RULES: ClassVar[dict[str, Any]] = {"toward": "p", "move": "θ'"}

    def toward(self, H: Float[Array, "d d"], g: Float[Array, "d"]) -> Float[Array, "d"]:
        """p = -H⁻¹ g."""
        return -jnp.linalg.solve(H, g)

    def direction(self, cost: Cost, point: Point, memory: Any) -> Direction:
        """-H⁻¹ g, and what the Cholesky factor tells of H."""
        g, H = point.g, cost.hessian(point.theta)
        definite, p = jnp.all(jnp.isfinite(jnp.linalg.cholesky(H))), self.toward(H, g)
        singular = ~jnp.all(jnp.isfinite(p))
        told = jnp.where(definite, FINE, jnp.where(singular, SINGULAR, INDEFINITE))
        return Direction(jnp.where(singular, -g, p), Counts(hessians=1), told)

    @property
    def descends(self) -> bool:
        """Plain Newton goes where the model says, uphill too."""
        return not isinstance(self.search, Fixed)
