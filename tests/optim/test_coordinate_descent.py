"""Coordinate descent: Gauss-Seidel on a quadratic, scikit-learn's Lasso, and costs that are no quadratics."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.optim.coordinate_descent import CoordinateDescent
from gradiens.optim.problems.rastrigin import Rastrigin
from tests.optim.methods import START, end, plain, quadratic, rosenbrock, walk
from tests.optim.test_ista import L1, X, Y, lasso, optimal, peer


def test_a_sweep_on_a_quadratic_is_one_of_gauss_seidel(x64):
    """(D + lower) x' = b - upper x."""
    cost, A, b = quadratic(seed=2, d=5)
    x = np.array([2.0, -1.0, 0.5, 3.0, 1.0])
    for point, _, taken in walk(CoordinateDescent(), cost, x, 4)[1:]:
        x = np.linalg.solve(np.tril(A), b - np.triu(A, 1) @ x)
        np.testing.assert_allclose(point.theta, x, rtol=1e-10)
        np.testing.assert_allclose(point.g, A @ x - b, atol=1e-9)
        assert (taken.counts.values, taken.counts.gradients, taken.counts.products) == (7, 1, 5)


def test_along(x64):
    """u = x - α γ/η, and shrunk by α λ/η: 5 - ½·6/2 = 3.5, less ½·4/2 = 1."""
    along = CoordinateDescent().along
    assert along(jnp.asarray(5.0), jnp.asarray(6.0), jnp.asarray(2.0), 0.5, 4.0) == 2.5
    assert along(jnp.asarray(-1.0), jnp.asarray(-2.0), jnp.asarray(4.0), 1.0, 1.0) == -0.25
    assert along(jnp.asarray(0.1), jnp.asarray(0.0), jnp.asarray(1.0), 1.0, 1.0) == 0.0


def test_a_sweep_with_a_penalty_is_one_of_exact_minima(x64):
    """θ_i' = soft(θ_i - g_i/h_i, λ/h_i) with h_i = (XᵀX/N)_ii, each at its first trial."""
    theta, cost = np.full(8, 0.7), lasso()
    for point, _, taken in walk(CoordinateDescent(l1=L1), cost, theta, 3)[1:]:
        for i in range(8):
            g, h = X[:, i] @ (X @ theta - Y) / 40, X[:, i] @ X[:, i] / 40
            u = theta[i] - g / h
            theta[i] = np.sign(u) * max(abs(u) - L1 / h, 0)
        np.testing.assert_allclose(point.theta, theta, rtol=1e-9, atol=1e-14)
        assert taken.counts.values == 2 + 8


def test_at_the_minimum_each_first_trial_is_good_enough(x64):
    cost, A, b = quadratic(d=5)
    point, _, taken = walk(CoordinateDescent(), cost, np.linalg.solve(A, b), 1)[1]
    np.testing.assert_allclose(point.theta, np.linalg.solve(A, b), rtol=1e-12)
    assert taken.counts.values == 2 + 5


def test_scikit_learn(x64):
    method, cost = CoordinateDescent(l1=L1), lasso()
    state = end(method, cost, np.zeros(8), tolerance=1e-11)
    np.testing.assert_allclose(state.point.theta, peer(), atol=1e-9)
    optimal(np.asarray(state.point.theta), L1, 1e-9)
    shown = float(cost(state.point.theta)) + L1 * np.abs(state.point.theta).sum()
    assert method.shown(cost, state.point) == pytest.approx(shown)


def test_the_residual_is_0_at_the_minimum_only(x64):
    """max |θ - soft(θ - g, λ)|: θ = (½, 0), g = (-1, 0.3), λ = ½ gives (½, 0); without penalty it is max |g|."""
    cost = plain(lambda t: -t[0] + 0.3 * t[1], np.zeros(2))
    at = cost.at(jnp.asarray([0.5, 0.0]))
    assert CoordinateDescent(l1=0.5).residual(cost, at) == pytest.approx(0.5)
    assert CoordinateDescent().residual(cost, at) == pytest.approx(1.0)
    assert CoordinateDescent(l1=2.0).residual(cost, at) == pytest.approx(0.5)  # 0 would be better
    bowl = plain(lambda t: jnp.sum(t**2) / 2, np.zeros(1))
    assert CoordinateDescent(l1=0.5).residual(bowl, bowl.at(jnp.asarray([1.0]))) == pytest.approx(1.0)


def test_it_falls_where_the_curvature_is_negative(x64):
    cost = Rastrigin(3).cost()
    path = walk(CoordinateDescent(), cost, [0.45, -0.4, 0.3], 12)
    assert np.all(np.diff([float(p.value) for p, *_ in path]) <= 1e-12)
    assert jnp.abs(path[-1][0].g).max() < 1e-6


def test_a_trial_that_is_not_finite_is_halved(x64):
    """C = t - log t from 3: the Newton step from there, -6, lands where the logarithm is not defined."""
    cost = plain(lambda t: jnp.sum(t - jnp.log(t)), np.ones(1))
    path = walk(CoordinateDescent(), cost, [3.0], 8)
    assert path[1][0].theta[0] == pytest.approx(1.5) and path[1][2].counts.values == 2 + 3
    assert path[-1][0].theta[0] == pytest.approx(1.0)


def test_where_no_step_lowers_it_stays(x64):
    point, _, _ = walk(
        CoordinateDescent(), plain(lambda t: jnp.sum(jnp.where(t == 0, 0.0, 1 + t)), np.zeros(2)), [0.0, 0.0], 1
    )[1]
    np.testing.assert_array_equal(point.theta, 0)


def test_rosenbrock_falls(x64):
    state = end(CoordinateDescent(), rosenbrock(), START, most=300)
    assert state.point.value < 0.1
