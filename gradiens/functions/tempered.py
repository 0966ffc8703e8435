"""Relatives of softmax with a cross-entropy: a temperature, labels that are not quite sure, and probabilities that reach 0.

Book: 3.3.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

KIND = "activation"


def tempered_softmax(z: Float[Array, "*n K"], tau: float = 2.0) -> Float[Array, "*n K"]:
    """Softmax at temperature τ, over the last axis: one-hot at the largest score as τ → 0, uniform as τ → ∞.

        Sₖ = e^(zₖ/τ) / Σⱼ e^(zⱼ/τ)

    Book: 3.3.
    """
    u = z / tau
    e = jnp.exp(u - jax.lax.stop_gradient(jnp.max(u, axis=-1, keepdims=True)))
    return e / jnp.sum(e, axis=-1, keepdims=True)


def sparsemax(z: Float[Array, "*n K"]) -> Float[Array, "*n K"]:
    """The nearest point of the probability simplex, over the last axis: scores far below the largest get 0.

        Sₖ = max(0, zₖ - maxᵢ (Σⱼ {zⱼ if zⱼ ≥ zᵢ; 0 otherwise} - 1) / Σⱼ {1 if zⱼ ≥ zᵢ; 0 otherwise})

    Book: 3.3.  Source: Martins & Astudillo (2016), Algorithm 1, whose threshold is the largest over all supports.
    """
    u = z - jax.lax.stop_gradient(jnp.max(z, axis=-1, keepdims=True))  # sums of large scores would lose the 1
    above = u[..., None, :] >= u[..., :, None]
    total = jnp.sum(jnp.where(above, u[..., None, :], 0), axis=-1)
    threshold = jnp.max((total - 1) / jnp.sum(above.astype(z.dtype), axis=-1), axis=-1, keepdims=True)
    return jnp.maximum(u - threshold, 0)
