"""KL from below, without a density: every test function g gives a bound, the best one attains it.

    KL(p ‖ q) = max_g  E_p g - log E_q e^g,    attained at g = log(p/q) + constant

Book: B.2.  Source: Donsker & Varadhan (1975).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.functions.information.law import Numbers, two_laws


def variational_bound(p: Float[Numbers, " K"], q: Float[Numbers, " K"], g: Float[Numbers, " K"]) -> Float[Array, ""]:
    """E_p g - log E_q e^g, at most KL(p ‖ q). What p excludes may have g = -∞, as the best g has there.

    Book: B.2.  Source: Donsker & Varadhan (1975).
    """
    p, q = two_laws(p, q)
    return jnp.sum(p * jnp.where(p > 0, g, 0)) - jax.nn.logsumexp(g, b=q)
