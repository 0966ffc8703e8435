"""DFP: the first quasi-Newton method, which changes the Hessian itself as little as the secant condition allows.

    p = -B g
    θ' = θ + α p
    u = B y
    B' = B - u uᵀ / (yᵀ u) + s sᵀ / (yᵀ s)

The dual of BFGS, with s and y, B and B⁻¹ exchanged. It corrects a B that is too large slowly, and so wants a sharp search.

Book: 4.5.  Source: Davidon (1959), Fletcher & Powell (1963).
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.optim.line_search.line import LineSearch
from gradiens.optim.line_search.strong_wolfe import StrongWolfe
from gradiens.optim.quasi_newton import QuasiNewton


class DFP(QuasiNewton):
    """Davidon-Fletcher-Powell, on the inverse Hessian B, d × d.

    Book: 4.5.  Source: Davidon (1959), Fletcher & Powell (1963).
    """

    search: LineSearch = eqx.field(default=StrongWolfe(c2=0.1))

    def mend(self, B: Float[Array, "d d"], s: Float[Array, "d"], y: Float[Array, "d"]) -> Float[Array, "d d"]:
        """Two matrices of rank one."""
        u = B @ y
        return B - jnp.outer(u, u) / (y @ u) + jnp.outer(s, s) / (y @ s)
