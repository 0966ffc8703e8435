"""ISTA: the proximal step, the conditions of Karush, Kuhn and Tucker, scikit-learn's Lasso."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.linear_model import Lasso

from gradiens.optim.cost import cost_of
from gradiens.optim.ista import ISTA, soft
from tests.optim.methods import end, walk

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 8))
Y = X @ np.array([2.0, 0, 0, -1.5, 0, 0.3, 0, 0]) + 0.1 * RNG.normal(size=40)
L = np.linalg.eigvalsh(X.T @ X / 40)[-1]
L1 = 0.2


def fit(theta, X, y):
    return jnp.sum((X @ theta - y) ** 2) / (2 * len(y))


def lasso():
    """The least squares that scikit-learn's Lasso penalises: ‖Xθ - y‖²/(2N)."""
    return cost_of(fit, jnp.zeros(8), (jnp.asarray(X), jnp.asarray(Y)))


def peer(l1=L1):
    return Lasso(alpha=l1, fit_intercept=False, tol=1e-14, max_iter=100_000).fit(X, Y).coef_


def optimal(theta, l1, tolerance):
    """gᵢ = -λ sign(θᵢ) where θᵢ ≠ 0, |gᵢ| ≤ λ where θᵢ = 0."""
    g = X.T @ (X @ theta - Y) / 40
    inside = theta == 0
    assert np.all(np.abs(g[inside]) <= l1 + tolerance)
    np.testing.assert_allclose(g[~inside], -l1 * np.sign(theta[~inside]), atol=tolerance)


def test_soft():
    u = jnp.asarray([3.0, 0.5, -0.5, -3.0, 0.0])
    np.testing.assert_allclose(soft(u, 1.0), [2.0, 0.0, 0.0, -2.0, 0.0])


def test_the_proximal_step_is_the_minimum_that_defines_it(x64):
    """argmin ‖θ - u‖²/(2α) + λ‖θ‖₁, coordinate by coordinate on a fine grid."""
    method = ISTA(lr=0.5, l1=0.8)
    u, grid = np.array([1.3, 0.2, -0.9]), np.linspace(-2, 2, 400_001)
    expected = [grid[np.argmin((grid - one) ** 2 / (2 * 0.5) + 0.8 * np.abs(grid))] for one in u]
    np.testing.assert_allclose(method.shrink(jnp.asarray(u), 0.5, 0.8), expected, atol=1e-5)


def test_oracle(x64):
    """Daubechies, Defrise & De Mol (2004): θ' = S(θ + α Xᵀ(y - Xθ)/N)."""
    cost, theta = lasso(), np.full(8, 0.7)
    method = ISTA(lr=0.3, l1=0.5)
    for point, _, taken in walk(method, cost, theta, 6)[1:]:
        u = theta + 0.3 * X.T @ (Y - X @ theta) / 40
        theta = np.where(np.abs(u) > 0.15, u - 0.15 * np.sign(u), 0)
        np.testing.assert_allclose(point.theta, theta, rtol=1e-10, atol=1e-14)
        value = np.sum((X @ theta - Y) ** 2) / 80 + 0.5 * np.abs(theta).sum()
        assert method.shown(cost, point) == pytest.approx(value)
        assert taken.counts.gradients == 1
    u = theta + 0.3 * X.T @ (Y - X @ theta) / 40
    after = np.where(np.abs(u) > 0.15, u - 0.15 * np.sign(u), 0)
    assert method.residual(cost, point) == pytest.approx(np.abs(theta - after).max() / 0.3)


def test_scikit_learn(x64):
    state = end(ISTA(lr=1 / L, l1=L1), lasso(), np.zeros(8), tolerance=1e-10, most=5000)
    theta = np.asarray(state.point.theta)
    assert state.done and 0 < np.sum(theta == 0) < 8
    np.testing.assert_allclose(theta, peer(), atol=1e-8)
    optimal(theta, L1, 1e-9)


def test_it_falls_at_every_step_and_the_gap_like_1_over_k(x64):
    """gap ≤ L ‖θ₀ - θ*‖² / (2k) (Beck & Teboulle, theorem 3.1)."""
    cost, method = lasso(), ISTA(lr=1 / L, l1=L1)
    path = walk(method, cost, np.full(8, 2.0), 60)
    least = peer()
    floor = float(cost(jnp.asarray(least))) + L1 * np.abs(least).sum()
    gaps = np.array([float(method.shown(cost, p)) - floor for p, *_ in path])
    assert np.all(np.diff(gaps) <= 1e-14)
    k = np.arange(1, 61)
    assert np.all(gaps[1:] <= L * np.sum((2.0 - least) ** 2) / (2 * k))


def test_a_penalty_that_is_too_heavy_gives_0(x64):
    heavy = float(np.abs(X.T @ Y / 40).max()) * 1.001
    state = end(ISTA(lr=1 / L, l1=heavy), lasso(), np.full(8, 0.5))
    assert not jnp.any(state.point.theta)
    assert jax.tree.leaves(ISTA().init(lasso(), None)) == []
