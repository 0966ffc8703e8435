"""The surfaces of two and more parameters against their sources, by SciPy and NumPy."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize, rosen

from gradiens.optim.problems.beale import Beale
from gradiens.optim.problems.himmelblau import Himmelblau
from gradiens.optim.problems.peaks import Peaks
from gradiens.optim.problems.rastrigin import Rastrigin
from gradiens.optim.problems.rosenbrock import Rosenbrock
from gradiens.optim.problems.saddle import Saddle


def peaks(a, b):
    first = 3 * (1 - a) ** 2 * np.exp(-(a**2) - (b + 1) ** 2)
    return first - 10 * (a / 5 - a**3 - b**5) * np.exp(-(a**2) - b**2) - np.exp(-((a + 1) ** 2) - b**2) / 3


ORACLES = {
    Peaks(): lambda t: peaks(*t),
    Beale(): lambda t: sum((c - t[0] * (1 - t[1] ** k)) ** 2 for k, c in ((1, 1.5), (2, 2.25), (3, 2.625))),
    Himmelblau(): lambda t: (t[0] ** 2 + t[1] - 11) ** 2 + (t[0] + t[1] ** 2 - 7) ** 2,
    Rastrigin(3): lambda t: 30 + np.sum(t**2 - 10 * np.cos(2 * np.pi * t)),
    Rosenbrock(): rosen,
    Rosenbrock(5): rosen,
    Saddle(): lambda t: t[0] ** 2 - t[1] ** 2 + t[1] ** 4 / 4,
}


@pytest.mark.parametrize("problem", ORACLES, ids=lambda p: f"{type(p).__name__}-{p.dimension}")
def test_oracle(x64, problem):
    theta = np.random.default_rng(0).uniform(-2, 2, (10, problem.dimension))
    values = jax.jit(jax.vmap(problem))(jnp.asarray(theta))
    np.testing.assert_allclose(values, [ORACLES[problem](t) for t in theta], rtol=1e-12)


def test_the_hills_of_peaks(x64):
    """The maxima of the book's claim 4.1.1, on its grid of 0.01, and no minimum but the three."""
    grid = np.round(np.arange(-2.5, 2.5001, 0.01), 10)
    z = peaks(*np.meshgrid(grid, grid, indexing="ij"))
    centre, around = (
        z[1:-1, 1:-1],
        [z[1 + i : z.shape[0] - 1 + i, 1 + j : z.shape[1] - 1 + j] for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j],
    )
    lowest = np.argwhere(np.all([centre < other for other in around], axis=0)) + 1
    np.testing.assert_allclose(sorted(grid[lowest].tolist()), sorted(Peaks().minimisers().tolist()), atol=0.006)
    highest = np.argwhere(np.all([centre > other for other in around], axis=0)) + 1
    values = sorted(z[tuple(place)] for place in highest)
    np.testing.assert_allclose(values, [3.592, 3.777, 8.106], atol=5e-4)


@pytest.mark.parametrize("problem", [Peaks(), Himmelblau(), Saddle()], ids=lambda p: type(p).__name__)
def test_every_minimum_that_scipy_finds_is_known(x64, problem):
    """From 25 starts over the box; those of peaks that run away over its plain (beyond 2.6) are left out."""
    value_and_grad = jax.jit(jax.value_and_grad(problem))
    known, found = problem.minimisers(), set()
    low, high = np.array(problem.box)[0] * 0.7
    for start in np.stack(np.meshgrid(*[np.linspace(low, high, 5)] * 2), axis=-1).reshape(-1, 2) + 0.013:
        end = minimize(
            lambda t: tuple(np.asarray(v) for v in value_and_grad(jnp.asarray(t))), start, jac=True, tol=1e-10
        ).x
        if np.abs(end).max() < 2.6 or not isinstance(problem, Peaks):
            near = np.linalg.norm(known - end, axis=1)
            if not (isinstance(problem, Saddle) and np.abs(end).max() < 1e-6):
                assert near.min() < 1e-5, end
                found.add(int(near.argmin()))
    assert found == set(range(len(known)))


def test_the_hessian_of_rosenbrock_at_its_minimum(x64):
    H = np.asarray(jax.hessian(Rosenbrock())(jnp.ones(2)))
    np.testing.assert_allclose(H, [[802, -400], [-400, 200]])
    assert np.linalg.cond(H) == pytest.approx(2508, abs=0.5)


def test_the_saddle(x64):
    np.testing.assert_array_equal(jax.hessian(Saddle())(jnp.zeros(2)), [[2, 0], [0, -2]])
    np.testing.assert_array_equal(jax.grad(Saddle())(jnp.zeros(2)), [0, 0])


def test_the_curvature_of_rastrigin_is_largest_at_0(x64):
    assert float(jax.hessian(Rastrigin(1))(jnp.zeros(1))[0, 0]) == pytest.approx(Rastrigin(1).smoothness())
