"""Gauss-Newton against NumPy and SciPy, and where it is Newton's method."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.optimize

from gradiens.core.check import Mistake
from gradiens.optim.cost import cost_of
from gradiens.optim.gauss_newton import GaussNewton, by_residuals
from gradiens.optim.line_search.fixed import Fixed
from gradiens.optim.newton import Newton
from gradiens.optim.problems.beale import Beale
from tests.optim.methods import START, end, plain, rosenbrock, walk

T = np.array([0.0, 0.5, 1.0, 1.5, 2.0])
Y = np.array([2.1, 1.2, 0.8, 0.45, 0.3])


def residuals(theta, t, y):
    """Of a e^(b t): the fit of the book's section 4.5."""
    return theta[0] * jnp.exp(theta[1] * t) - y


def exponential():
    return cost_of(residuals, jnp.zeros(2), (jnp.asarray(T), jnp.asarray(Y)), loss=lambda r: jnp.sum(r**2) / 2)


def by_hand(theta):
    """r and J."""
    e = np.exp(theta[1] * T)
    return theta[0] * e - Y, np.stack([e, theta[0] * T * e], axis=1)


def test_oracle(x64):
    """θ' = θ - α (JᵀJ)⁻¹ Jᵀ r."""
    theta = np.array([1.0, -0.4])
    for point, _, taken in walk(GaussNewton(search=Fixed(0.6)), exponential(), theta, 5)[1:]:
        r, J = by_hand(theta)
        theta = theta - 0.6 * np.linalg.solve(J.T @ J, J.T @ r)
        np.testing.assert_allclose(point.theta, theta, rtol=1e-10)
        assert taken.counts.hessians == 1


def test_toward_is_the_direction(x64):
    G, g = np.array([[2.0, -1.0], [-1.0, 3.0]]), np.array([1.0, -4.0])
    np.testing.assert_allclose(GaussNewton().toward(jnp.asarray(G), jnp.asarray(g)), -np.linalg.solve(G, g), rtol=1e-14)


@pytest.mark.parametrize("A", [[[1.0, 1.0, 0.0], [2.0, 2.0, 1.0], [0.0, 0.0, 3.0]], [[0.3, 1.0, 0.7], [0.6, 2.0, 1.4]]])
def test_of_a_singular_system_the_shortest_solution(x64, A):
    """Parameters that only count by a sum of theirs: of rank 2, and of rank 1."""
    A = np.array(A)
    b = np.array([1.0, -2.0, 0.5])[: len(A)]
    cost = cost_of(lambda t: jnp.asarray(A) @ t - jnp.asarray(b), jnp.zeros(3), loss=lambda r: jnp.sum(r**2) / 2)
    point, _, _ = walk(GaussNewton(), cost, np.zeros(3), 1)[1]
    np.testing.assert_allclose(point.theta, np.linalg.pinv(A) @ b, atol=1e-12)


def test_of_a_convex_loss_the_generalised_matrix(x64):
    """With logits that are linear in θ it is Newton's method, here on the logistic loss."""
    X = jnp.asarray(np.random.default_rng(0).normal(size=(12, 3)))
    s = jnp.where(jnp.arange(12) % 3 == 0, 1.0, -1.0)
    loss = lambda m: jnp.mean(jax.nn.softplus(-m))  # noqa: E731
    cost = cost_of(lambda t: s * (X @ t), jnp.zeros(3), loss=loss)
    theta = np.array([0.3, -0.2, 0.5])
    one, two = walk(GaussNewton(search=Fixed()), cost, theta, 3), walk(Newton(), cost, theta, 3)
    np.testing.assert_allclose(one[-1][0].theta, two[-1][0].theta, rtol=1e-9)


@pytest.mark.parametrize("start", [(1.0, 1.0), (0.5, -0.5)])
def test_scipy(x64, start):
    problem = Beale()
    state = end(GaussNewton(), problem.cost(), np.array(start), tolerance=1e-10)
    y = np.array([1.5, 2.25, 2.625])
    peer = scipy.optimize.least_squares(
        lambda t: y - t[0] * (1 - t[1] ** np.arange(1, 4)), start, method="lm", xtol=1e-12, ftol=1e-12
    )
    assert state.done and state.t <= 2 * peer.nfev
    np.testing.assert_allclose(state.point.theta, peer.x, atol=1e-7)


def test_rosenbrock_is_zero_residual(x64):
    state = end(GaussNewton(), rosenbrock(), START)
    assert state.done and state.t <= 15 and state.point.value < 1e-20


def test_a_cost_without_residuals_is_a_mistake(x64):
    cost = plain(lambda t: jnp.sum(t**2), np.ones(2))
    with pytest.raises(Mistake, match="residuals"):
        GaussNewton().init(cost, cost.at(jnp.ones(2)))
    assert by_residuals(exponential()) is not None
