"""SR1: the only symmetric change of rank one that satisfies the secant condition.

    p = -B g
    θ' = θ + α p
    B' = B + u uᵀ / (uᵀ y),  u = s - B y

It needs no positive curvature and often comes closer to the true inverse Hessian than BFGS, but B may become indefinite; then
the step is taken along -g. Where |uᵀy| is small against ‖u‖ ‖y‖ nothing is mended; so by the step that scales B, where it is 0.

Book: 4.5.  Source: Conn, Gould & Toint (1991); Nocedal & Wright (2006), section 6.2.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from gradiens.core.module import knob
from gradiens.optim.quasi_newton import QuasiNewton


class SR1(QuasiNewton):
    """Symmetric rank one, on the inverse Hessian B, d × d.

    Book: 4.5.  Source: Conn, Gould & Toint (1991).
    """

    skip: float = knob(1e-8, 0.0, 1.0, "log", "cosine of u and y below which nothing is mended")

    def mend(self, B: Float[Array, "d d"], s: Float[Array, "d"], y: Float[Array, "d"]) -> Float[Array, "d d"]:
        """One matrix of rank one."""
        u = s - B @ y
        return B + jnp.outer(u, u) / (u @ y)

    def tells(self, B: Float[Array, "d d"], s: Float[Array, "d"], y: Float[Array, "d"]) -> Bool[Array, ""]:
        """|uᵀy| ≥ skip ‖u‖ ‖y‖, and u is not 0."""
        u = s - B @ y
        size = jnp.linalg.norm(u) * jnp.linalg.norm(y)
        return (jnp.abs(u @ y) >= self.skip * size) & (size > 0)
