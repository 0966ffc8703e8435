"""The family of f-divergences: one formula, a convex generator with f(1) = 0 for each member.

    D_f(p ‖ q) = Σₖ qₖ f(pₖ / qₖ)

Where p = 0 < q an outcome adds q f(0); where q = 0 < p it adds p f'(∞), f'(∞) = lim f(t)/t. Each member is at least 0 and
does not grow when both laws pass through one channel.

Book: B.3.  Source: Csiszár (1967).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import known
from gradiens.functions.information.law import Numbers, two_laws


class Generator(NamedTuple):
    """f on t > 0, its limit f(0), and f'(∞), the limit of f(t)/t."""

    f: Callable[[Array], Array]
    at_zero: float
    at_infinity: float


GENERATORS = {
    "kl": Generator(lambda t: t * jnp.log(t), 0.0, math.inf),
    "reverse_kl": Generator(lambda t: -jnp.log(t), math.inf, 0.0),
    "jeffreys": Generator(lambda t: (t - 1) * jnp.log(t), math.inf, math.inf),
    "chi_square": Generator(lambda t: (t - 1) ** 2, 1.0, math.inf),
    "reverse_chi_square": Generator(lambda t: (t - 1) ** 2 / t, math.inf, 1.0),
    "total_variation": Generator(lambda t: jnp.abs(t - 1) / 2, 0.5, 0.5),
    "squared_hellinger": Generator(lambda t: (jnp.sqrt(t) - 1) ** 2 / 2, 0.5, 0.5),
    "jensen_shannon": Generator(
        lambda t: (t * jnp.log(2 * t / (1 + t)) + jnp.log(2 / (1 + t))) / 2, math.log(2) / 2, math.log(2) / 2
    ),
    "le_cam": Generator(lambda t: (t - 1) ** 2 / (2 * (t + 1)), 0.5, 0.5),
}


def f_divergence(
    p: Float[Numbers, "*K"], q: Float[Numbers, "*K"], generator: str | Generator = "kl"
) -> Float[Array, ""]:
    """D_f(p ‖ q) = Σₖ qₖ f(pₖ / qₖ) for a generator by its name in `GENERATORS`, or a `Generator` of your own.

    Raises `Mistake` for an unknown name.

    Book: B.3.  Source: Csiszár (1967).
    """
    p, q = two_laws(p, q)
    f = GENERATORS[known("generator", generator, GENERATORS)] if isinstance(generator, str) else generator
    inside = (p > 0) & (q > 0)
    base = jnp.where(inside, q, 1)
    both = jnp.where(inside, base * f.f(jnp.where(inside, p, 1) / base), 0)
    lost = jnp.sum(jnp.where((p <= 0) & (q > 0), q, 0))
    escaped = jnp.sum(jnp.where((q <= 0) & (p > 0), p, 0))
    return jnp.sum(both) + _edge(lost, f.at_zero) + _edge(escaped, f.at_infinity)


def _edge(mass: Float[Array, ""], rate: float) -> Float[Array, ""]:
    """mass · rate, with 0 · ∞ = 0."""
    return mass * rate if math.isfinite(rate) else jnp.where(mass > 0, rate, 0.0).astype(mass.dtype)
