"""NEWTON-CG: Newton's direction from Hessian products alone, solved only as well as it is needed.

    ‖H p + g‖ ≤ η ‖g‖
    η = min(1/2, √‖g‖)
    θ' = θ + α p

Conjugate gradient from p = 0 goes downhill at every one of its steps; where it meets a direction of negative curvature the p so
far is taken (-g, if that is the first). No d × d matrix is formed. Convergence is superlinear by the choice of η.

Book: 4.5.  Source: Dembo, Eisenstat & Steihaug (1982); Nocedal & Wright (2006), Algorithm 7.1.
"""

from __future__ import annotations

from typing import Any, ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.cost import Cost, Point
from gradiens.optim.directional import Direction, Directional
from gradiens.optim.line_search.backtracking import Backtracking
from gradiens.optim.line_search.line import LineSearch
from gradiens.optim.linear_cg import solve_cg
from gradiens.optim.minimiser import FINE, INDEFINITE, Counts


class NewtonCG(Directional):
    """Inexact Newton by conjugate gradient, with a line search.

    Book: 4.5.  Source: Dembo, Eisenstat & Steihaug (1982).
    """

    search: LineSearch = eqx.field(default=Backtracking())
    inner: int = knob(200, 1, None, says="most steps of conjugate gradient for one direction")
    RULES: ClassVar[dict[str, Any]] = {"forcing": "η", "move": "θ'"}

    def forcing(self, g: Float[Array, "d"]) -> Float[Array, ""]:
        """η = min(1/2, √‖g‖)."""
        return jnp.minimum(0.5, jnp.sqrt(jnp.linalg.norm(g)))

    def direction(self, cost: Cost, point: Point, memory: Any) -> Direction:
        """As much of Newton's direction as conjugate gradient reaches."""
        g = point.g
        found = solve_cg(lambda v: cost.product(point.theta, v), -g, self.forcing(g), self.inner)
        p = jnp.where(jnp.any(found.x != 0), found.x, -g)
        told = jnp.where(jnp.any(found.curved != 0), INDEFINITE, FINE)
        return Direction(p, Counts(products=found.steps), told)
