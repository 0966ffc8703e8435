"""LEVENBERG-MARQUARDT: between Gauss-Newton and a short step down the scaled gradient, as the cost allows.

    D = {diag(G) if diag(G) > 0; 1 otherwise}
    p = -(G + λ diag(D))⁻¹ g

G is that of Gauss-Newton. If C(θ + p) < C(θ) the step is taken and λ falls to λ/ν; else θ stays and λ grows to ν λ
(Marquardt took ν = 10). λ → 0 gives Gauss-Newton, λ → ∞ the direction -D⁻¹ g with the length of 1/λ. The scaling by D makes
the method the same in all units of the parameters.

Book: 4.5.  Source: Levenberg (1944), Marquardt (1963).
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.cost import Cost, Point
from gradiens.optim.gauss_newton import by_residuals
from gradiens.optim.minimiser import FINE, STUCK, Counts, Minimiser, Taken


class Memory(NamedTuple):
    """The damping λ."""

    lam: Float[Array, ""]


class LevenbergMarquardt(Minimiser):
    """Damped Gauss-Newton, for a cost made of outputs and a convex loss.

    Book: 4.5.  Source: Levenberg (1944), Marquardt (1963).

    Raises `Mistake` for a cost that is not given by its residuals.
    """

    damping: float = knob(1e-3, 0.0, None, "log", "first λ")
    factor: float = knob(4.0, 1.01, 1e3, says="ν, by which λ falls after a success and grows after a failure")
    RULES: ClassVar[dict[str, Any]] = {"toward": "p"}

    def toward(self, G: Float[Array, "d d"], g: Float[Array, "d"], lam: Float[Array, ""]) -> Float[Array, "d"]:
        """p = -(G + λ diag(G))⁻¹ g; a parameter that changes nothing has 1 on the diagonal."""
        D = jnp.diagonal(G)
        D = jnp.where(D > 0, D, 1)
        return -jnp.linalg.solve(G + lam * jnp.diag(D), g)

    def init(self, cost: Cost, point: Point) -> Memory:
        """The first damping."""
        by_residuals(cost)
        return Memory(jnp.asarray(self.damping, point.theta.dtype))

    def step(self, cost: Cost, point: Point, memory: Memory) -> tuple[Point, Memory, Taken]:
        """One trial."""
        (lam,) = memory
        p = self.toward(cost.curvature(point.theta), point.g, lam)
        new = cost.at(point.theta + p)
        rounding = 4 * jnp.finfo(point.value.dtype).eps * jnp.abs(point.value)
        flatter = jnp.max(jnp.abs(new.g)) < jnp.max(jnp.abs(point.g))  # below the rounding of C the gradient tells
        better = new.value < point.value + jnp.where(flatter, rounding, 0)
        chosen = jax.tree.map(lambda a, b: jnp.where(better, a, b), new, point)
        tiny = jnp.finfo(lam.dtype).tiny
        lam = jnp.where(better, lam / self.factor, self.factor * jnp.maximum(lam, tiny * 1e6))
        told = jnp.where(~better & (lam > 1e16), STUCK, FINE)
        return chosen, Memory(lam), Taken(jnp.where(better, 1.0, 0.0), Counts(1, 1, 0, 1), told)
