"""The surfaces that several sections descend: functions of θ = (θ₁, θ₂), and their grids for contour plots."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.optim.problems.rosenbrock import Rosenbrock
from gradiens.report.figure import Series

rosenbrock = Rosenbrock()


def bowl(theta: Float[Array, "d"], A: Float[Array, "d d"]) -> Float[Array, ""]:
    """C(θ) = ½ θᵀ A θ; for a positive definite A least at 0, with Hessian A."""
    return theta @ A @ theta / 2


def along(cost: Callable[[Array], Array], points: Float[Array | np.ndarray, "*n d"]) -> Float[np.ndarray, "*n"]:
    """The cost at each of an array of points, such as those of several paths."""
    flat = jnp.asarray(points).reshape(-1, np.shape(points)[-1])
    return np.asarray(jax.jit(jax.vmap(cost))(flat)).reshape(np.shape(points)[:-1])


def contour(cost: Callable[[Array], Array], x: np.ndarray, y: np.ndarray, log: bool = False) -> Series:
    """The contours of `cost` over the grid x × y; of log₁₀(C + 10⁻⁴) when `log`, which shows a narrow valley."""
    grid = jnp.stack(jnp.meshgrid(jnp.asarray(x), jnp.asarray(y)), axis=-1)
    z = jnp.asarray(along(cost, grid))
    return Series("contour", x, y, jnp.log10(z + 1e-4) if log else z, "log₁₀ C" if log else "C")
