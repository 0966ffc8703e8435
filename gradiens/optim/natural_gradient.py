"""NATURAL GRADIENT: the steepest descent where distance is that of the distributions which the parameters stand for.

    p = -(F + λ I)⁻¹ g
    θ' = θ + α p

F = Jᵀ ∇²loss(z) J is Fisher's information when the loss is the negative log-likelihood of an exponential family with
natural parameters z (logits, a Gaussian mean): there it is the generalised Gauss-Newton matrix. The system is solved by
conjugate gradient from products F v, so that no d × d matrix is formed. As λ, α → 0 the path does not depend on how the
model is parametrised.

Book: 4.5.  Source: Amari (1998); Martens & Grosse (2015) for F as a Gauss-Newton matrix.
"""

from __future__ import annotations

from typing import Any, ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.cost import Cost, Point
from gradiens.optim.directional import Direction, Directional
from gradiens.optim.gauss_newton import by_residuals
from gradiens.optim.line_search.backtracking import Backtracking
from gradiens.optim.line_search.line import LineSearch
from gradiens.optim.linear_cg import solve_cg
from gradiens.optim.minimiser import Counts


class NaturalGradient(Directional):
    """The gradient in the metric of Fisher's information, with backtracking.

    Book: 4.5.  Source: Amari (1998).

    Raises `Mistake` for a cost that is not given by its outputs and their loss.
    """

    search: LineSearch = eqx.field(default=Backtracking())
    damping: float = knob(1e-4, 0.0, None, "log", "λ, added to F")
    inner: int = knob(100, 1, None, says="most steps of conjugate gradient for one direction")
    RULES: ClassVar[dict[str, Any]] = {"toward": "p", "move": "θ'"}

    def toward(self, F: Float[Array, "d d"], g: Float[Array, "d"], lam: Float[Array, ""]) -> Float[Array, "d"]:
        """p = -(F + λ I)⁻¹ g."""
        return -jnp.linalg.solve(F + lam * jnp.eye(g.size, dtype=g.dtype), g)

    def init(self, cost: Cost, point: Point) -> Any:
        """Nothing to remember."""
        by_residuals(cost)
        return ()

    def direction(self, cost: Cost, point: Point, memory: Any) -> Direction:
        """(F + λ I) p = -g by conjugate gradient."""
        composite, λ = by_residuals(cost), self.damping
        damped = lambda v: composite.gauss_newton_product(point.theta, v) + λ * v  # noqa: E731
        found = solve_cg(damped, -point.g, 1e-8, self.inner)
        return Direction(found.x, Counts(products=found.steps))
