"""Bregman divergences: the gap between a convex function and its tangent.

    B_F(x, y) = F(x) - F(y) - ∇F(y)'(x - y) ≥ 0

F = ‖x‖² gives the squared distance; minus the entropy gives KL.

Book: B.3.  Source: Bregman (1967).
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.functions.information.law import Numbers


def bregman(
    F: Callable[[Float[Array, " K"]], Float[Array, ""]], x: Float[Numbers, " K"], y: Float[Numbers, " K"]
) -> Float[Array, ""]:
    """B_F(x, y) = F(x) - F(y) - ∇F(y)'(x - y), with the gradient by JAX; F is convex and differentiable at y.

    Book: B.3.  Source: Bregman (1967).
    """
    x, y = jnp.asarray(x), jnp.asarray(y)
    at_y, slope = jax.jvp(F, (y,), (x - y,))
    return F(x) - at_y - slope
