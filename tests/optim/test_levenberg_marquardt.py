"""Levenberg-Marquardt against Marquardt's rule in NumPy, SciPy, and its two limits."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.optimize

from gradiens.core.check import Mistake
from gradiens.optim.cost import cost_of
from gradiens.optim.levenberg_marquardt import LevenbergMarquardt, Memory
from gradiens.optim.minimiser import FINE, STUCK
from tests.optim.methods import START, end, plain, rosen, rosen_der, rosenbrock, walk
from tests.optim.test_gauss_newton import T, Y, by_hand, exponential


def test_toward(x64):
    """(G + λ diag G) p = -g."""
    rng = np.random.default_rng(0)
    for lam in (1e-3, 0.7, 30.0):
        J, g = rng.normal(size=(7, 4)), rng.normal(size=4)
        G = J.T @ J
        got = LevenbergMarquardt().toward(jnp.asarray(G), jnp.asarray(g), jnp.asarray(lam))
        np.testing.assert_allclose(got, -np.linalg.solve(G + lam * np.diag(np.diag(G)), g), rtol=1e-11)


def test_a_parameter_that_changes_nothing_stays(x64):
    got = LevenbergMarquardt().toward(jnp.diag(jnp.asarray([4.0, 0.0])), jnp.asarray([2.0, 0.0]), jnp.asarray(1.0))
    np.testing.assert_allclose(got, [-0.25, 0.0])


def test_its_limits(x64):
    """λ → 0 is Gauss-Newton; λ → ∞ is -D⁻¹ g / λ."""
    r, J = by_hand(np.array([1.0, -0.4]))
    G, g = J.T @ J, J.T @ r
    toward = lambda lam: np.asarray(LevenbergMarquardt().toward(jnp.asarray(G), jnp.asarray(g), jnp.asarray(lam)))  # noqa: E731
    np.testing.assert_allclose(toward(1e-12), -np.linalg.solve(G, g), rtol=1e-9)
    np.testing.assert_allclose(1e9 * toward(1e9), -g / np.diag(G), rtol=1e-6)


def test_oracle(x64):
    """λ falls by the factor after a success and grows after a failure, on Rosenbrock's residuals (the cost is ‖r‖²)."""
    theta, lam, down = START, 0.05, 0
    path = walk(LevenbergMarquardt(damping=0.05, factor=4.0), rosenbrock(), theta, 20)
    for point, memory, taken in path[1:]:
        J = np.array([[-20 * theta[0], 10.0], [-1.0, 0.0]])
        G = 2 * J.T @ J
        trial = theta - np.linalg.solve(G + lam * np.diag(np.diag(G)), rosen_der(theta))
        success = rosen(trial) < rosen(theta)
        theta, lam = (trial, lam / 4) if success else (theta, lam * 4)
        down += not success
        np.testing.assert_allclose(point.theta, theta, rtol=1e-8)
        np.testing.assert_allclose(memory.lam, lam, rtol=1e-12)
        assert bool(taken.alpha) == success and taken.trouble == FINE and taken.counts.hessians == 1
    assert down >= 2


def test_scipy_on_rosenbrock(x64):
    state = end(LevenbergMarquardt(), rosenbrock(), START)
    residuals = lambda t: np.array([10 * (t[1] - t[0] ** 2), 1 - t[0]])  # noqa: E731
    jacobian = lambda t: np.array([[-20 * t[0], 10.0], [-1.0, 0.0]])  # noqa: E731
    peer = scipy.optimize.least_squares(residuals, START, jacobian, method="lm")
    assert state.done and state.t <= 2 * peer.nfev
    np.testing.assert_allclose(state.point.theta, peer.x, atol=1e-7)


def test_the_fit_of_an_exponential_is_scipys(x64):
    state = end(LevenbergMarquardt(), exponential(), np.array([1.0, 1.0]), tolerance=1e-10)
    peer = scipy.optimize.least_squares(
        lambda t: t[0] * np.exp(t[1] * T) - Y, [1.0, 1.0], lambda t: by_hand(t)[1], method="lm", xtol=1e-14, ftol=1e-14
    )
    assert state.done and state.t <= 2 * peer.nfev
    np.testing.assert_allclose(state.point.theta, peer.x, rtol=1e-8)


def test_many_trials_in_a_row_that_are_turned_down_do_not_end_the_run(x64):
    """From λ = 10⁻²⁰ it takes some thirty failures until the first success."""
    state = end(LevenbergMarquardt(damping=1e-20), rosenbrock(), START)
    assert state.done
    np.testing.assert_allclose(state.point.theta, [1, 1], atol=1e-7)


def test_where_no_damping_helps_it_is_stuck(x64):
    """The residual's derivative is wrong by its sign, so that no step lowers the cost."""
    cost = cost_of(lambda t: t, jnp.ones(1), gradient=lambda t: -t, loss=lambda r: jnp.sum(r**2) / 2)
    method = LevenbergMarquardt()
    point = cost.at(jnp.ones(1))
    kept, memory, taken = method.step(cost, point, Memory(jnp.asarray(1e16)))
    assert taken.trouble == STUCK and kept.theta == 1 and memory.lam == 4e16
    assert method.step(cost, point, Memory(jnp.asarray(1e14)))[2].trouble == FINE


def test_below_the_rounding_of_the_cost_the_gradient_tells(x64):
    """A large residual that cannot be lowered hides what the others still gain."""
    cost = cost_of(lambda t: jnp.concatenate([1e4 * jnp.ones(1), t]), jnp.ones(1), loss=lambda r: jnp.sum(r**2) / 2)
    state = end(LevenbergMarquardt(), cost, np.array([1e-5]), tolerance=1e-12)
    assert state.done and abs(float(state.point.theta[0])) <= 1e-12


def test_a_cost_without_residuals_is_a_mistake(x64):
    cost = plain(lambda t: jnp.sum(t**2), np.ones(2))
    with pytest.raises(Mistake, match="residuals"):
        LevenbergMarquardt().init(cost, cost.at(jnp.ones(2)))
