"""Level sets: contours of a Gaussian found without its theory, of quadratic forms, of a function not continuous at 0."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.stats import multivariate_normal
from jaxtyping import Array, Float

from gradiens.calculus.quadratic_form import definiteness
from gradiens.report.figure import Figure, Series

DROP = 0.5  # of the log density, from its maximum to the contour: c² / 2 with c = 1
FORMS = {"definite": (1.0, 0.3), "semidefinite": (1.0, 0.0), "indefinite": (1.0, -0.7)}


def counterexample(x: Float[np.ndarray, "*n"], y: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
    """x y² / (x² + y⁴)."""
    return x * y**2 / (x**2 + y**4)


@jax.jit
def gaussian_contour(covariance: Float[Array, "2 2"]) -> Float[Array, "A 2"]:
    """Points where the log density is DROP below its maximum, found on rays by bisection."""
    angles = jnp.linspace(0, 2 * jnp.pi, 3601)[:-1]
    rays = jnp.stack([jnp.cos(angles), jnp.sin(angles)], axis=1)

    def density(r: Array) -> Array:
        return jax.vmap(lambda x: jnp.asarray(multivariate_normal.logpdf(x, jnp.zeros(2), covariance)))(
            r[:, None] * rays
        )

    target = density(jnp.zeros(len(rays))) - DROP

    def halve(_: int, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        inside, outside = ends
        middle = (inside + outside) / 2
        above = density(middle) > target
        return jnp.where(above, middle, inside), jnp.where(above, outside, middle)

    start = (jnp.zeros(len(rays)), jnp.full(len(rays), 100.0))
    return jax.lax.fori_loop(0, 70, halve, start)[0][:, None] * rays


def form_figure(name: str, eigenvalues: tuple[float, ...], grid: np.ndarray) -> Figure:
    """The level sets of a quadratic form with these eigenvalues."""
    Q = np.asarray([[math.cos(0.5), -math.sin(0.5)], [math.sin(0.5), math.cos(0.5)]])
    A = Q @ np.diag(eigenvalues) @ Q.T
    x = np.stack(np.meshgrid(grid, grid), axis=-1)
    z = np.einsum("...i,ij,...j->...", x, A, x)
    title = f"xᵀA x, {definiteness(jnp.asarray((A + A.T) / 2))}"
    says = f"Level sets of a form with eigenvalues {eigenvalues[0]:g} and {eigenvalues[1]:g}: {name}."
    return Figure(title, [Series("contour", grid, grid, z, "xᵀA x")], "x₁", "x₂", square=True, summary=says)


def cliff_figure(grid: np.ndarray) -> Figure:
    """The level sets of the counterexample, and the parabola on which it is 1/2."""
    x, y = np.meshgrid(grid + 1e-9, grid)
    surface = Series("contour", grid, grid, counterexample(x, y), "f")
    parabola = np.linspace(-1.2, 1.2, 101)
    says = (
        "The level sets are parabolas that all meet at 0: f takes every value from -1/2 to 1/2 in each neighbourhood."
    )
    ridge = Series("line", parabola**2, parabola, label="x = y², where f = 1/2")
    return Figure("x y² / (x² + y⁴)", [surface, ridge], "x", "y", square=True, summary=says)
