"""How far a law q is from a law p, each measure by its own formula.

    KL ≥ 0,  0 ≤ JS ≤ log 2,  TV ≤ √(KL/2) (Pinsker),  H² ≤ TV ≤ √2 H

All are 0 for equal laws alone, and none grows when both laws pass through one channel.

Book: B.2, B.3.  Source: Kullback & Leibler (1951); Lin (1991).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.functions.information.law import Numbers, two_laws, x_log_ratio


def kl_divergence(p: Float[Numbers, "*K"], q: Float[Numbers, "*K"]) -> Float[Array, ""]:
    """Kullback-Leibler: the extra surprise of believing q when p is true. Not symmetric; infinite where q excludes what p
    allows.

        KL(p ‖ q) = Σₖ pₖ log(pₖ / qₖ)

    Book: B.2.  Source: Kullback & Leibler (1951).
    """
    p, q = two_laws(p, q)
    return jnp.sum(x_log_ratio(p, q))


def jensen_shannon(p: Float[Numbers, "*K"], q: Float[Numbers, "*K"]) -> Float[Array, ""]:
    """The mean divergence of two laws from their midpoint m = (p + q)/2: between 0 and log 2; its square root is a metric.

        JS = KL(p ‖ m)/2 + KL(q ‖ m)/2

    Book: B.3.  Source: Lin (1991).
    """
    p, q = two_laws(p, q)
    m = (p + q) / 2
    return (jnp.sum(x_log_ratio(p, m)) + jnp.sum(x_log_ratio(q, m))) / 2


def total_variation(p: Float[Numbers, "*K"], q: Float[Numbers, "*K"]) -> Float[Array, ""]:
    """The largest difference of probability that any event has: half the L1 distance, the advantage of the best test.

        TV = Σₖ |pₖ - qₖ| / 2 = max_A (p(A) - q(A))

    Book: B.3.
    """
    p, q = two_laws(p, q)
    return jnp.sum(jnp.abs(p - q)) / 2


def hellinger(p: Float[Numbers, "*K"], q: Float[Numbers, "*K"]) -> Float[Array, ""]:
    """The distance of the square roots, between 0 and 1: a metric. The derivative at equal laws counts as 0.

        H² = Σₖ (√pₖ - √qₖ)² / 2

    Book: B.3.
    """
    p, q = two_laws(p, q)
    root = lambda x: jnp.where(x > 0, jnp.sqrt(jnp.where(x > 0, x, 1)), 0)  # noqa: E731
    return root(jnp.sum((root(p) - root(q)) ** 2) / 2)


def chi_square(p: Float[Numbers, "*K"], q: Float[Numbers, "*K"]) -> Float[Array, ""]:
    """Pearson's: the variance under q of the ratio p/q; infinite where q excludes what p allows.

        χ² = Σₖ (pₖ - qₖ)² / qₖ

    Book: B.3.
    """
    p, q = two_laws(p, q)
    excess = (p - q) ** 2 / jnp.where(q > 0, q, 1)
    return jnp.sum(jnp.where(q > 0, excess, jnp.where(p > 0, jnp.inf, 0)))


def renyi_divergence(p: Float[Numbers, "*K"], q: Float[Numbers, "*K"], order: float = 0.5) -> Float[Array, ""]:
    """Rényi's divergence of order α, non-decreasing in α; KL at α = 1, log max p/q at ∞.

        R_α = log(Σₖ pₖ^α qₖ^(1-α)) / (α - 1)

    At α = 1/2 it is -2 log(1 - H²). Raises `Mistake` for α < 0.

    Book: B.3.  Source: Rényi (1961); Van Erven & Harremoës (2014).
    """
    p, q = two_laws(p, q)
    if not order >= 0:
        raise Mistake("an order of at least 0", order)
    if order == 1:
        return jnp.sum(x_log_ratio(p, q))
    inside = (p > 0) & (q > 0)
    log_p, log_q = (jnp.log(jnp.where(inside, law, 1)) for law in (p, q))
    escapes = jnp.any((p > 0) & (q <= 0))  # what p allows and q excludes
    if order == float("inf"):
        return jnp.where(escapes, jnp.inf, jnp.max(jnp.where(inside, log_p - log_q, -jnp.inf)))
    total = jax.nn.logsumexp(jnp.where(inside, order * log_p + (1 - order) * log_q, -jnp.inf))
    found = total / (order - 1)
    return jnp.where(escapes, jnp.inf, found) if order > 1 else found
