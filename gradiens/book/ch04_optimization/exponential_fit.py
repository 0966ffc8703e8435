"""y = a exp(b t) fitted by least squares: Gauss-Newton, Levenberg-Marquardt, and the natural gradient for normal noise."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch04_optimization.paths import side_by_side
from gradiens.optim.cost import Composite, Point, cost_of
from gradiens.optim.gauss_newton import GaussNewton
from gradiens.optim.levenberg_marquardt import LevenbergMarquardt
from gradiens.optim.line_search.fixed import Fixed
from gradiens.optim.minimiser import Minimiser
from gradiens.optim.natural_gradient import NaturalGradient

Numbers = Array | np.ndarray
TRUE, START, NOISE = (2.0, -1.5), (1.0, 0.5), 0.05
DAMPINGS = 10.0 ** np.arange(-10, 11)


class Fit(NamedTuple):
    """The data, the paths of three methods, and first steps of Levenberg-Marquardt for each of DAMPINGS."""

    t: Float[Numbers, "N"]
    y: Float[Numbers, "N"]
    paths: dict[str, Point]
    steps: Float[Numbers, "L 2"]
    gauss_newton: Float[Numbers, "2"]  # the step for λ = 0, by its own method
    scaled: Float[Numbers, "2"]  # -g / diag(JᵀJ)


def residuals(theta: Float[Array, "2"], t: Float[Array, "N"], y: Float[Array, "N"]) -> Float[Array, "N"]:
    """a exp(b t) - y."""
    a, b = theta
    return a * jnp.exp(b * t) - y


def half_squares(r: Float[Array, "N"]) -> Float[Array, ""]:
    """½ Σ rᵢ²: minus the logarithm of a normal likelihood."""
    return jnp.sum(r**2) / 2


def fit(key: Array, rows: int, steps: int = 30) -> Fit:
    """Noisy data from TRUE, the three paths from START, the family of steps at TRUE moved by a little."""
    t = jnp.linspace(0.0, 2.0, rows)
    y = TRUE[0] * jnp.exp(TRUE[1] * t) + NOISE * jax.random.normal(key, (rows,))
    start = jnp.asarray(START)
    cost = cost_of(residuals, start, (t, y), loss=half_squares)
    assert isinstance(cost, Composite)
    methods = {
        "Levenberg-Marquardt": LevenbergMarquardt(),
        "Gauss-Newton": GaussNewton(),
        "natural gradient": NaturalGradient(),
    }
    paths = {name: path for name, (path, _) in side_by_side(cost, methods, start, steps).items()}
    return Fit(t, y, paths, *_family(cost, jnp.asarray(TRUE) + 0.1))


@jax.jit
def _family(cost: Composite, near: Float[Array, "2"]) -> tuple[Array, Array, Array]:
    """The first steps from `near` by damping, that of Gauss-Newton, and that along the scaled gradient."""
    point = cost.at(near)

    def move(method: Minimiser) -> Float[Array, "2"]:
        new, _, _ = method.step(cost, point, method.init(cost, point))
        return new.theta - near

    steps = jax.vmap(lambda λ: move(LevenbergMarquardt(damping=λ)))(jnp.asarray(DAMPINGS))
    scaled = -point.g / jnp.sum(cost.jacobian(near) ** 2, axis=0)
    return steps, move(GaussNewton(Fixed(1.0))), scaled
