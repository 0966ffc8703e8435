"""GAUSS-NEWTON: Newton's method with the part of the Hessian that the outputs' own curvature leaves out.

    p = -G⁻¹ g
    θ' = θ + α p

G = Jᵀ L J with J = ∂z/∂θ and L = ∇²loss(z), so JᵀJ for half the sum of squared residuals. G is positive semidefinite for a
convex loss, so p leads downhill. It is the Hessian where z is linear in θ or the residuals vanish, and needs no second
derivative of the model. Where G is singular its pseudo-inverse is taken: no step along what changes nothing.

Book: 4.5.  Source: Nocedal & Wright (2006), section 10.3.
"""

from __future__ import annotations

from typing import Any, ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.optim.cost import Composite, Cost, Point
from gradiens.optim.directional import Direction, Directional
from gradiens.optim.line_search.backtracking import Backtracking
from gradiens.optim.line_search.line import LineSearch
from gradiens.optim.minimiser import Counts


class GaussNewton(Directional):
    """Gauss-Newton with backtracking, for a cost made of outputs and a convex loss.

    Book: 4.5.  Source: Nocedal & Wright (2006).

    Raises `Mistake` for a cost that is not given by its residuals.
    """

    search: LineSearch = eqx.field(default=Backtracking())
    RULES: ClassVar[dict[str, Any]] = {"toward": "p", "move": "θ'"}

    def toward(self, G: Float[Array, "d d"], g: Float[Array, "d"]) -> Float[Array, "d"]:
        """p = -G⁻¹ g."""
        return -jnp.linalg.solve(G, g)

    def init(self, cost: Cost, point: Point) -> Any:
        """Nothing to remember."""
        by_residuals(cost)
        return ()

    def direction(self, cost: Cost, point: Point, memory: Any) -> Direction:
        """The shortest solution of G p = -g."""
        G = cost.curvature(point.theta)
        λ, Q = jnp.linalg.eigh(G)
        kept = λ > λ[-1] * λ.size * jnp.finfo(λ.dtype).eps
        p = -(Q @ (jnp.where(kept, 1 / jnp.where(kept, λ, 1), 0) * (Q.T @ point.g)))
        return Direction(p, Counts(hessians=1))


def by_residuals(cost: Cost) -> Composite:
    """The cost, if it is given by its outputs; else a `Mistake`."""
    if not isinstance(cost, Composite):
        raise Mistake(
            "residuals", "a cost of one number", "give a function that returns the residuals, and loss='squares'"
        )
    return cost
