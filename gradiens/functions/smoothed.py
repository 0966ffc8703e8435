"""Label smoothing: the cross-entropy against a target that is not quite sure.

Book: 3.3.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from gradiens.functions.losses import chosen

KIND = "loss"


def smoothed_cross_entropy(z: Float[Array, " K"], y: Int[Array, ""], epsilon: float = 0.1) -> Float[Array, ""]:
    """The cross-entropy from logits z against 1 - ε on the class y and ε spread evenly over all K classes.

        C = log Σₖ e^(zₖ) - (1 - ε) z_y - ε mean(z)

    Its least value is reached at finite scores, so that the weights do not grow for ever where the classes are separated.

    Book: 3.3.  Source: Szegedy et al. (2016), section 7.
    """
    u = z - jax.lax.stop_gradient(jnp.max(z))
    target = jnp.where(chosen(y, z), 1 - epsilon, 0) + epsilon / z.shape[-1]
    return jnp.log(jnp.sum(jnp.exp(u))) - jnp.sum(target * u)
