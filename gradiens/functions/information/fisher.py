"""Fisher information: the curvature of KL in the parameter of a family of laws.

    I(θ) = Σₖ (∂pₖ/∂θ)(∂pₖ/∂θ)' / pₖ        KL(p_θ ‖ p_{θ+h}) = h'I(θ)h / 2 + O(|h|³)

Book: B.2.  Source: Kullback & Leibler (1951), section 6.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


def fisher_information(
    family: Callable[[Float[Array, "*d"]], Float[Array, " K"]], theta: Float[Array, "*d"]
) -> Float[Array, "*dd"]:
    """I(θ) of the laws p = family(θ) on K outcomes: a number for a number θ, a d × d matrix for a vector.

    Outcomes of probability 0 are left out. Of the Bernoulli law it is 1 / (θ (1 - θ)).

    Book: B.2.
    """
    theta = jnp.asarray(theta)
    p, slopes = family(theta), jax.jacfwd(family)(theta).reshape(-1, theta.size)
    weight = jnp.where(p > 0, 1 / jnp.where(p > 0, p, 1), 0)
    return (slopes.T @ (weight[:, None] * slopes)).reshape(theta.shape * 2)


def bernoulli(theta: float | Float[Array, ""]) -> Float[Array, "2"]:
    """The law of a coin that shows 1 with probability θ: (1 - θ, θ)."""
    theta = jnp.asarray(theta)
    return jnp.stack([1 - theta, theta])
