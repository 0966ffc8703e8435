"""POLAK-RIBIÈRE+: conjugate gradient that forgets the old direction by itself when a step has hardly changed the gradient.

    β = max(0, g'ᵀ (g' - g) / (gᵀ g))
    p' = -g' + β p
    θ' = θ + α p

Book: 4.4.  Source: Polak & Ribière (1969); the maximum with 0 is Powell's (1986), with which the method converges.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.optim.conjugate_gradient import ConjugateGradient


class PolakRibiere(ConjugateGradient):
    """β = max(0, g'ᵀ(g' - g) / ‖g‖²).

    Book: 4.4.  Source: Polak & Ribière (1969).
    """

    def share(self, g: Float[Array, "d"], g_new: Float[Array, "d"]) -> Float[Array, ""]:
        """max(0, g'ᵀ(g' - g) / ‖g‖²)."""
        return jnp.maximum(0, g_new @ (g_new - g) / (g @ g))
