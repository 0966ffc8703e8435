"""The surfaces that several sections descend: functions of θ = (θ₁, θ₂), and their grids for contour plots."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.report.figure import Series


def rosenbrock(theta: Float[Array, "2"]) -> Float[Array, ""]:
    """C(θ) = (1 - θ₁)² + 100 (θ₂ - θ₁²)², least at (1, 1)."""
    t1, t2 = theta
    return (1 - t1) ** 2 + 100 * (t2 - t1**2) ** 2


def contour(cost: Callable[[Array], Array], x: np.ndarray, y: np.ndarray, log: bool = False) -> Series:
    """The contours of `cost` over the grid x × y; of log₁₀(C + 10⁻⁴) when `log`, which shows a narrow valley."""
    grid = jnp.stack(jnp.meshgrid(jnp.asarray(x), jnp.asarray(y)), axis=-1)
    z = jax.vmap(jax.vmap(cost))(grid)
    return Series("contour", x, y, jnp.log10(z + 1e-4) if log else z, "log₁₀ C" if log else "C")
