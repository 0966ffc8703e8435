"""LINEAR CONJUGATE GRADIENT: A x = b, or the minimum of ½ xᵀA x - bᵀx, from products with A alone.

    α = rᵀ r / (pᵀ A p)
    x' = x + α p,   r' = r - α A p
    β = r'ᵀ r' / (rᵀ r)
    p' = r' + β p

For a symmetric positive definite A it ends in at most d steps, one for each distinct eigenvalue, with A-conjugate directions;
after k steps the error in the A-norm is at most 2 ((√κ-1)/(√κ+1))ᵏ of the first.

Book: 4.4.  Source: Hestenes & Stiefel (1952).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from gradiens.optim.cost import Cost, Point
from gradiens.optim.minimiser import FINE, INDEFINITE, Counts, Minimiser, Taken


class Memory(NamedTuple):
    """The direction to take next."""

    p: Float[Array, "d"]


class Products(NamedTuple):
    """A matrix that is known by its products."""

    by: Callable[[Array], Array]

    def __matmul__(self, v: Array) -> Array:
        return self.by(v)


class LinearCG(Minimiser):
    """Conjugate gradient with the step that is exact for a quadratic, r = -g and A p a Hessian product.

    On a cost that is no quadratic it is Fletcher-Reeves with one Newton step for the line search, and may diverge; where
    pᵀA p ≤ 0 it stops and tells that the Hessian is not positive definite.

    Book: 4.4.  Source: Hestenes & Stiefel (1952).
    """

    RULES: ClassVar[dict[str, Any]] = {"length": "α", "move": "x'", "reduce": "r'", "share": "β", "turn": "p'"}

    def length(self, r: Float[Array, "d"], p: Float[Array, "d"], A: Float[Array, "d d"] | Products) -> Array:
        """α = rᵀr / pᵀA p."""
        return r @ r / (p @ (A @ p))

    def move(self, x: Float[Array, "d"], alpha: Float[Array, ""], p: Float[Array, "d"]) -> Array:
        """x' = x + α p."""
        return x + alpha * p

    def reduce(
        self, r: Float[Array, "d"], alpha: Float[Array, ""], A: Float[Array, "d d"] | Products, p: Float[Array, "d"]
    ) -> Array:
        """r' = r - α A p."""
        return r - alpha * (A @ p)

    def share(self, r: Float[Array, "d"], r_new: Float[Array, "d"]) -> Array:
        """β = r'ᵀr' / rᵀr."""
        return r_new @ r_new / (r @ r)

    def turn(self, r_new: Float[Array, "d"], beta: Float[Array, ""], p: Float[Array, "d"]) -> Array:
        """p' = r' + β p."""
        return r_new + beta * p

    def init(self, cost: Cost, point: Point) -> Memory:
        """Begin along the residual."""
        return Memory(-point.g)

    def step(self, cost: Cost, point: Point, memory: Memory) -> tuple[Point, Memory, Taken]:
        """One conjugate step; the residual is the gradient itself."""
        (p,) = memory
        A = Products(lambda v: cost.product(point.theta, v))
        r = -point.g
        convex = p @ (A @ p) > 0
        alpha = jnp.where(convex, self.length(r, p, A), 0)
        new = cost.at(self.move(point.theta, alpha, p))
        beta = jnp.where(r @ r > 0, self.share(r, -new.g), 0)
        told = jnp.where(convex | (r @ r == 0), FINE, INDEFINITE)
        return new, Memory(self.turn(-new.g, beta, p)), Taken(alpha, Counts(1, 1, 1), told)


class Solution(NamedTuple):
    """x, the steps taken, ‖b - A x‖, and a direction d with dᵀA d ≤ 0 where one was met (else 0)."""

    x: Float[Array, "d"]
    steps: Int[Array, ""]
    residual: Float[Array, ""]
    curved: Float[Array, "d"]


class _Way(NamedTuple):
    x: Array
    r: Array
    p: Array
    steps: Array
    curved: Array
    on: Bool[Array, ""]


def solve_cg(
    product: Callable[[Array], Array], b: Float[Array, "d"], tolerance: Any = 1e-10, steps: int | None = None
) -> Solution:
    """x with ‖b - A x‖ ≤ tolerance · ‖b‖ from products A p, in at most `steps` (default 10 d) steps from x = 0.

    Where a direction p with pᵀA p ≤ 0 is met, A is not positive definite: the x so far is returned, with that direction.
    """
    rule, most = LinearCG(), steps or 10 * b.size
    A, goal = Products(product), tolerance * jnp.linalg.norm(b)
    zero = jnp.zeros_like(b)

    def step(w: _Way) -> _Way:
        convex = w.p @ (A @ w.p) > 0
        alpha = jnp.where(convex, rule.length(w.r, w.p, A), 0)
        r = rule.reduce(w.r, alpha, A, w.p)
        p = rule.turn(r, rule.share(w.r, r), w.p)
        on = convex & (jnp.linalg.norm(r) > goal)
        return _Way(rule.move(w.x, alpha, w.p), r, p, w.steps + 1, jnp.where(convex, zero, w.p), on)

    begin = _Way(zero, b, b, jnp.int32(0), zero, jnp.linalg.norm(b) > 0)
    end = jax.lax.while_loop(lambda w: w.on & (w.steps < most), step, begin)
    return Solution(end.x, end.steps, jnp.linalg.norm(end.r), end.curved)
