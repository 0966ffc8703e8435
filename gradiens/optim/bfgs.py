"""BFGS: the quasi-Newton method that changes the inverse Hessian as little as the secant condition allows.

    p = -B g
    θ' = θ + α p
    u = B y,  ρ = 1 / (yᵀ s)
    B' = B - ρ (s uᵀ + u sᵀ) + ρ (1 + ρ yᵀ u) s sᵀ

B is symmetric, so this is (I - ρ s yᵀ) B (I - ρ y sᵀ) + ρ s sᵀ multiplied out, in d² operations and not d³.
B' y = s, and B' is positive definite when B is and yᵀs > 0, which Wolfe's conditions see to. On a quadratic in d dimensions
with exact search it ends in d steps with B = H⁻¹. Near a strong minimum it converges faster than any geometric sequence.

Book: 4.5.  Source: Broyden (1970), Fletcher (1970), Goldfarb (1970), Shanno (1970).
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.optim.quasi_newton import QuasiNewton


class BFGS(QuasiNewton):
    """Broyden-Fletcher-Goldfarb-Shanno, on the inverse Hessian B, d × d.

    Book: 4.5.  Source: Broyden (1970), Fletcher (1970), Goldfarb (1970), Shanno (1970).
    """

    def mend(self, B: Float[Array, "d d"], s: Float[Array, "d"], y: Float[Array, "d"]) -> Float[Array, "d d"]:
        """The formula multiplied out, so that it takes d² operations and not d³."""
        ρ = 1 / (y @ s)
        u = B @ y
        return B - ρ * (jnp.outer(s, u) + jnp.outer(u, s)) + ρ * (1 + ρ * (y @ u)) * jnp.outer(s, s)
