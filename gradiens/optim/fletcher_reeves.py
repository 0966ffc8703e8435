"""FLETCHER-REEVES: conjugate gradient whose share of the old direction is the ratio of the squared gradients.

    β = g'ᵀ g' / (gᵀ g)
    p' = -g' + β p
    θ' = θ + α p

Book: 4.4.  Source: Fletcher & Reeves (1964).
"""

from __future__ import annotations

from jaxtyping import Array, Float

from gradiens.optim.conjugate_gradient import ConjugateGradient


class FletcherReeves(ConjugateGradient):
    """β = ‖g'‖² / ‖g‖².

    Book: 4.4.  Source: Fletcher & Reeves (1964).
    """

    def share(self, g: Float[Array, "d"], g_new: Float[Array, "d"]) -> Float[Array, ""]:
        """‖g'‖² / ‖g‖²."""
        return (g_new @ g_new) / (g @ g)
