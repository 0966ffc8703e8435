"""Entropy of a law, and the cross-entropy of one law under another.

    H(p) = -Σₖ pₖ log pₖ        H(p, q) = -Σₖ pₖ log qₖ = H(p) + KL(p ‖ q)

0 ≤ H(p) ≤ log K, with the largest value at the uniform law alone.

Book: B.1.  Source: Shannon (1948).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.functions.information.law import Numbers, law, two_laws, x_log_ratio, x_log_x


def entropy(p: Float[Numbers, "*K"]) -> Float[Array, ""]:
    """The mean surprise of a law; of a table, the entropy of the pair.

        H = -Σₖ pₖ log pₖ

    Book: B.1.  Source: Shannon (1948).
    """
    return -jnp.sum(x_log_x(law(p)))


def cross_entropy(p: Float[Numbers, "*K"], q: Float[Numbers, "*K"]) -> Float[Array, ""]:
    """The mean surprise of q when p is true; infinite where q excludes what p allows.

        H = -Σₖ pₖ log qₖ

    Book: B.1, B.3.  Source: Cover & Thomas (2006).
    """
    p, q = two_laws(p, q)
    return -jnp.sum(x_log_x(p) - x_log_ratio(p, q))


def perplexity(p: Float[Numbers, "*K"]) -> Float[Array, ""]:
    """The number of equally likely outcomes that would surprise as much: e^H(p).

    Book: B.1.
    """
    return jnp.exp(entropy(p))


def renyi_entropy(p: Float[Numbers, "*K"], order: float = 2.0) -> Float[Array, ""]:
    """Entropy that weighs likely outcomes more (order α > 1) or less; Shannon's at α = 1.

        H_α = log(Σₖ pₖ^α) / (1 - α)

    Non-increasing in α; α = 0 is the log of the number of possible outcomes, α = ∞ is -log max p. Raises `Mistake` for
    α < 0.

    Book: B.1.  Source: Rényi (1961).
    """
    p = law(p)
    if not order >= 0:
        raise Mistake("an order of at least 0", order)
    if order == 1:
        return -jnp.sum(x_log_x(p))
    if order == float("inf"):
        return -jnp.log(jnp.max(p))
    log_p = jnp.log(jnp.where(p > 0, p, 1))  # the powers themselves would all be 0 at a large order
    return jax.nn.logsumexp(jnp.where(p > 0, order * log_p, -jnp.inf)) / (1 - order)
