"""Damped Newton against Algorithm 3.3 of Nocedal & Wright in NumPy, and what damping is for."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.optim.cost import Point
from gradiens.optim.damped_newton import DampedNewton
from gradiens.optim.minimiser import FINE, INDEFINITE, SINGULAR
from gradiens.optim.newton import Newton
from gradiens.optim.problems.saddle import Saddle
from tests.optim.methods import end, plain, quadratic, rosenbrock, walk


def shift(H, beta):
    """Algorithm 3.3 (Cholesky with added multiple of the identity): τ."""
    smallest = np.diag(H).min()
    tau = 0.0 if smallest > 0 else -smallest + beta
    while True:
        try:
            np.linalg.cholesky(H + tau * np.eye(len(H)))
            return tau
        except np.linalg.LinAlgError:
            tau = max(2 * tau, beta)


@pytest.mark.parametrize("seed", range(8))
def test_oracle(x64, seed):
    """On random symmetric matrices with and without positive diagonals; β is the share of ‖H‖."""
    rng = np.random.default_rng(seed)
    H, g = rng.normal(size=(4, 4)), rng.normal(size=4)
    H = H + H.T + (4 * np.eye(4) if seed % 2 else 0)
    cost = plain(lambda t: t @ jnp.asarray(H) @ t / 2 + jnp.asarray(g) @ t, np.zeros(4))
    method = DampedNewton(shift=0.01)
    p, counts, told = method.direction(cost, Point(jnp.zeros(4), jnp.zeros(()), jnp.asarray(g)), ())
    tau = shift(H, 0.01 * np.linalg.norm(H))
    np.testing.assert_allclose(p, -np.linalg.solve(H + tau * np.eye(4), g), rtol=1e-8)
    np.testing.assert_allclose(method.toward(jnp.asarray(H), jnp.asarray(g), jnp.asarray(tau)), p, rtol=1e-8)
    assert told == (INDEFINITE if tau > 0 else FINE) and counts.hessians == 1
    assert g @ np.asarray(p) < 0


def test_on_a_convex_quadratic_it_is_newton(x64):
    cost, A, b = quadratic()
    point, _, taken = walk(DampedNewton(), cost, np.full(4, 7.0), 1)[1]
    np.testing.assert_allclose(point.theta, np.linalg.solve(A, b), rtol=1e-10)
    assert taken.alpha == 1 and taken.trouble == FINE


def test_it_leaves_the_saddle_to_which_newton_goes(x64):
    start = np.array([1.0, 0.3])
    state = end(DampedNewton(), Saddle().cost(), start)
    np.testing.assert_allclose(np.abs(state.point.theta), [0, np.sqrt(2)], atol=1e-8)
    assert np.abs(end(Newton(), Saddle().cost(), start).point.theta).max() < 1e-8


def test_where_the_hessian_is_0_it_follows_the_gradient(x64):
    cost = plain(lambda t: t[0] + 1e-3 * t[1], np.zeros(2))
    point, _, taken = walk(DampedNewton(), cost, [0.0, 0.0], 1)[1]
    assert taken.trouble == SINGULAR and point.value < 0
    np.testing.assert_array_equal(DampedNewton().direction(cost, cost.at(jnp.zeros(2)), ()).p, [-1.0, -1e-3])
    np.testing.assert_allclose(point.theta, float(taken.alpha) * np.array([-1.0, -1e-3]))


def test_the_first_shift_is_what_the_diagonal_needs(x64):
    """H = diag(-1, 2): τ = 1 + β is enough at once."""
    cost = plain(lambda t: (2 * t[1] ** 2 - t[0] ** 2) / 2 + t[0] + t[1], np.zeros(2))
    p, _, told = DampedNewton(shift=0.1).direction(cost, cost.at(jnp.zeros(2)), ())
    beta = 0.1 * np.sqrt(5)
    np.testing.assert_allclose(p, [-1 / beta, -1 / (3 + beta)])
    assert told == INDEFINITE


def test_rosenbrock_in_20_dimensions(x64):
    state = end(DampedNewton(), rosenbrock(20), np.resize([1.2, 0.8], 20))
    assert state.done and state.t < 200
    np.testing.assert_allclose(state.point.theta, np.ones(20), atol=1e-7)
