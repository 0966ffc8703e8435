"""TRUST REGION: the minimum of the quadratic model within a radius that grows where the model has been right.

    Δ' = {Δ / 4 if r < 1/4; min(2 Δ, Δ_max) if r > 3/4 ∧ ‖p‖ ≥ 0.99 Δ; Δ otherwise}

p minimises the model m(p) = C + gᵀp + ½ pᵀH p over ‖p‖ ≤ Δ, so that (H + μ I) p = -g with μ (Δ - ‖p‖) = 0. The
step is taken where r = (C(θ) - C(θ + p)) / (m(0) - m(p)), the share of the promised decrease that came, is above η. The
model is minimised exactly, from the eigenvectors of H, also where H is indefinite: it leaves saddles along the most
negative curvature, and its limit points are minima of second order.

Book: 4.5.  Source: Conn, Gould & Toint (2000); Nocedal & Wright (2006), Algorithms 4.1 and 4.3.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.cost import Cost, Point
from gradiens.optim.minimiser import FINE, STUCK, Counts, Minimiser, Taken


class Memory(NamedTuple):
    """The radius Δ."""

    radius: Float[Array, ""]


class TrustRegion(Minimiser):
    """Newton's method in a ball.

    Book: 4.5.  Source: Conn, Gould & Toint (2000).
    """

    radius: float = knob(1.0, 1e-12, None, "log", "first radius Δ")
    widest: float = knob(1e3, 1e-12, None, "log", "largest radius Δ_max")
    accept: float = knob(0.1, 0.0, 0.25, says="share η of the promised decrease from which a step is taken")
    RULES: ClassVar[dict[str, Any]] = {"resize": "Δ'"}

    def resize(self, delta: Float[Array, ""], r: Float[Array, ""], p: Float[Array, "d"]) -> Array:
        """Δ' from Δ, r and p."""
        wider = jnp.where((r > 0.75) & (jnp.linalg.norm(p) >= 0.99 * delta), jnp.minimum(2 * delta, self.widest), delta)
        return jnp.where(r < 0.25, 0.25 * delta, wider)

    def init(self, cost: Cost, point: Point) -> Memory:
        """The first radius."""
        return Memory(jnp.asarray(self.radius, point.theta.dtype))

    def step(self, cost: Cost, point: Point, memory: Memory) -> tuple[Point, Memory, Taken]:
        """The model's minimum, tried on the cost."""
        θ, value, g = point
        (delta,) = memory
        H = cost.hessian(θ)
        p = within(H, g, delta)
        promised = -(g @ p + p @ H @ p / 2)
        new = cost.at(θ + p)
        rounding = 10 * jnp.finfo(value.dtype).eps * jnp.abs(value)
        lost = (promised <= rounding) & (jnp.abs(new.value - value) <= rounding)  # below rounding the model is believed
        r = jnp.where(lost, 1.0, (value - new.value) / promised)
        r = jnp.where(jnp.isfinite(r), r, -1.0)
        taken = r > self.accept
        chosen = jax.tree.map(lambda a, b: jnp.where(taken, a, b), new, point)
        radius = self.resize(delta, r, p)
        tiny = jnp.finfo(value.dtype).eps * jnp.maximum(jnp.linalg.norm(θ), jnp.finfo(value.dtype).tiny)
        told = jnp.where(~taken & (radius < tiny), STUCK, FINE)
        return chosen, Memory(radius), Taken(jnp.where(taken, 1.0, 0.0), Counts(1, 1, 0, 1), told)


def within(H: Float[Array, "d d"], g: Float[Array, "d"], delta: Float[Array, ""]) -> Float[Array, "d"]:
    """argmin gᵀp + ½ pᵀH p over ‖p‖ ≤ Δ, from H = Q diag(λ) Qᵀ.

    ν = μ + λ₁ solves 1/‖p(ν)‖ = 1/Δ above max(0, λ₁), by Newton's method in a bracket, from the side where it is monotone; taken
    from the lowest eigenvalue λ₁ the gaps σ = λ - λ₁ lose nothing to cancellation. Where g has no part along the lowest
    eigenvector and p(0) is too short (the hard case), a multiple of that eigenvector fills it up.
    """
    λ, Q = jnp.linalg.eigh(H)
    a, σ = Q.T @ g, λ - λ[0]
    length = lambda ν: jnp.linalg.norm(_over(a, σ + ν))  # noqa: E731
    inside = (λ[0] > 0) & (length(λ[0]) <= delta)
    least = jnp.maximum(jnp.maximum(λ[0], 0), jnp.max(jnp.abs(a) / delta - σ))  # below it one part alone exceeds Δ
    most = jnp.maximum(least, jnp.linalg.norm(g) / delta)
    hard = length(least) < delta

    def closer(_, state):
        low, high, ν = state
        n = length(ν)
        low, high = jnp.where(n > delta, ν, low), jnp.where(n > delta, high, ν)
        slope = jnp.sum(_over(a**2, (σ + ν) ** 3))  # -½ d‖p‖²/dν
        newton = ν + (n - delta) / delta * n**2 / slope
        good = (newton > low) & (newton < high)
        return low, high, jnp.where(good, newton, (low + high) / 2)

    _, _, ν = jax.lax.fori_loop(0, 60, closer, (least, most, least))
    ν = jnp.where(inside, λ[0], jnp.where(hard, least, ν))
    p = -(Q @ _over(a, σ + ν))
    along = Q[:, 0] @ p
    rest = jnp.sqrt(along**2 + jnp.maximum(delta**2 - p @ p, 0)) - jnp.abs(along)
    side = jnp.where(along < 0, -1.0, 1.0)
    return jnp.where(hard & ~inside, p + side * rest * Q[:, 0], p)


def _over(a: Array, b: Array) -> Array:
    """a / b, and 0 for 0 / 0."""
    return jnp.where(a == 0, 0, a / jnp.where(b == 0, 1, b))
