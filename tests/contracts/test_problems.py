"""What every problem of the catalogue must do: what it says of its minima, its residuals, its smoothness is so."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.catalogue import members
from gradiens.optim.problems.problem import LeastSquares

PROBLEMS = {name: entry.what for name, entry in members("problem").items()}
each = pytest.mark.parametrize("name", PROBLEMS)


@pytest.fixture
def problem(x64, name):
    return PROBLEMS[name]()


def at(problem, thetas):
    """The gradients, and the eigenvalues of the Hessians."""
    slopes, hessians = jax.jit(jax.vmap(lambda theta: (jax.grad(problem)(theta), jax.hessian(problem)(theta))))(thetas)
    return np.asarray(slopes), np.linalg.eigvalsh(hessians)


def starts(problem, count=20):
    return jax.vmap(problem.start)(jax.random.split(jax.random.key(0), count))


def test_there_are_some():
    named = "quadratic rosenbrock peaks beale himmelblau rastrigin saddle finite_sum logistic_problem small_network"
    assert set(named.split()) <= set(PROBLEMS)


@each
def test_its_minimisers_are_minima_and_the_first_is_the_lowest(problem, name):
    known = jnp.asarray(problem.minimisers())
    values = jax.vmap(problem)(known)
    assert known.shape[1:] == (problem.dimension,) and values[0] == values.min()
    assert values[0] == pytest.approx(problem.least, abs=1e-12)
    slopes, lam = at(problem, known)
    assert np.abs(slopes).max() <= 1e-9 and np.all(lam[:, 0] > 1e-9 * lam[:, -1])
    assert (jax.vmap(problem)(starts(problem)) > problem.least).all()


@each
def test_its_starts(problem, name):
    low, high = np.array(problem.box).T
    drawn = np.asarray(starts(problem))
    assert problem.start().shape == drawn.shape[1:] == (problem.dimension,) and len(problem.box) == problem.dimension
    assert (low <= drawn).all() and (drawn <= high).all()
    spread = drawn.max(axis=0) - drawn.min(axis=0)
    assert (spread > 0.6 * (high - low)).all()
    np.testing.assert_array_equal(problem.start(), problem.usual())
    assert problem(problem.start()) > problem.least


@each
def test_its_terms_and_its_outputs_give_the_cost(problem, name):
    cost, theta = problem.cost(), starts(problem, 1)[0]
    value = float(problem(theta))
    assert float(jnp.mean(problem.terms(theta))) == pytest.approx(value, rel=1e-12)
    assert float(cost(theta)) == pytest.approx(value, rel=1e-12)
    slopes, _ = at(problem, theta[None])
    np.testing.assert_allclose(cost.grad(theta), slopes[0], rtol=1e-9, atol=1e-12)
    if isinstance(problem, LeastSquares):
        assert float(jnp.sum(problem.residuals(theta) ** 2)) == pytest.approx(value, rel=1e-12)
        np.testing.assert_array_equal(problem.outputs(theta), problem.residuals(theta))


@each
def test_its_constants_hold(problem, name):
    """The Hessian's eigenvalues lie between μ and L at 20 points."""
    L, mu = problem.smoothness(), problem.strong_convexity()
    _, lam = at(problem, starts(problem))
    assert L is None or lam.max() <= L * (1 + 1e-12)
    assert mu is None or lam.min() >= mu * (1 - 1e-12)


@each
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_keeps_dtype_and_its_numbers_are_data(problem, name, dtype):
    theta = problem.start().astype(dtype)
    traces = []

    @jax.jit
    def value(problem, theta):
        traces.append(0)
        return problem(theta)

    assert value(problem, theta).dtype == dtype and problem.terms(theta).dtype == dtype
    for leaf_changed in (problem, jax.tree.map(lambda leaf: leaf * 1.0, problem)):
        value(leaf_changed, theta)
    assert len(traces) == 1 or name in ("finite_sum",)
