"""Focal loss: cross-entropy in which examples that are already right count little.

Book: 6.8.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.functions.activations import softplus

KIND = "loss"


def focal(z: Float[Array, "*n"], y: Float[Array, "*n"], alpha: float = 0.25, gamma: float = 2.0) -> Float[Array, ""]:
    """Binary cross-entropy from the logit z, each part times the γ-th power of the probability of the wrong answer;
    γ = 0 and α = 1/2 is half the cross-entropy. Of a detector's many anchors on background few then speak.

        C = -α y (1 - σ(z))^γ log σ(z) - (1 - α) (1 - y) σ(z)^γ log(1 - σ(z))

    Book: 6.8.  Source: Lin, Goyal et al. (2017), equation 5.
    """
    y = jnp.asarray(y, z.dtype)
    # (1 - σ(z))^γ = e^(-γ log(1 + eᶻ)): the power of a rounded 0 would have no slope for γ < 1.
    missed = y * jnp.exp(-gamma * softplus(z)) * softplus(-z)
    false = (1 - y) * jnp.exp(-gamma * softplus(-z)) * softplus(z)
    total = alpha * missed + (1 - alpha) * false
    return jnp.sum(total) if jnp.ndim(total) else total
