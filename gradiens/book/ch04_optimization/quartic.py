"""Methods of second order in one variable, on C(t) = t⁴ - 4t³ - 2t² + 10t + 15."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch04_optimization.paths import paths_of
from gradiens.optim.damped_newton import DampedNewton
from gradiens.optim.newton import Newton
from gradiens.optim.secant import Secant

Numbers = Array | np.ndarray
COEFFICIENTS = (1.0, -4.0, -2.0, 10.0, 15.0)
STARTS = (2.5, 1.7)


def quartic(theta: Float[Array, "1"]) -> Float[Array, ""]:
    """t⁴ - 4t³ - 2t² + 10t + 15."""
    return jnp.polyval(jnp.asarray(COEFFICIENTS), theta[0])


class OneVariable(NamedTuple):
    """C, C', C'' at STARTS, and the paths: Newton and damped Newton from each, the secant method from 2.5 and 2.6."""

    derivatives: Float[Numbers, "2 3"]
    newton: Float[Numbers, "2 T1"]
    damped: Float[Numbers, "2 T1"]
    secant: Float[Numbers, "T1"]


@jax.jit
def one_variable() -> OneVariable:
    """Twelve steps of each."""
    starts = jnp.asarray(STARTS)[:, None]
    newton, damped = (paths_of(quartic, method, starts, 12)[0] for method in (Newton(), DampedNewton()))
    secant, _ = paths_of(quartic, Secant(first=0.1), starts[:1], 12)
    hessians = jax.vmap(jax.hessian(quartic))(starts)[:, 0, 0]
    derivatives = jnp.stack([newton.value[:, 0], newton.g[:, 0, 0], hessians], axis=1)
    return OneVariable(derivatives, newton.theta[..., 0], damped.theta[..., 0], secant.theta[0, :, 0])


def stationary_points() -> Float[np.ndarray, "3"]:
    """The zeros of C', as eigenvalues of its companion matrix: a minimum, the maximum, a minimum."""
    return np.sort(np.roots(np.polyder(COEFFICIENTS)).real)


def order(errors: Float[np.ndarray, "T"], least: float = 1e-13) -> float:
    """The slope p of the line through (ln eₖ, ln eₖ₊₁) that is nearest, over the errors above rounding."""
    e = errors[: np.argmax(errors < least) if np.any(errors < least) else len(errors)]
    return float(np.polyfit(np.log(e[:-1]), np.log(e[1:]), 1)[0])
