"""Barzilai & Borwein's long step in NumPy, and what it does on quadratics."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.optim.barzilai_borwein import BarzilaiBorwein
from gradiens.optim.line_search.exact import Exact
from gradiens.optim.steepest_descent import SteepestDescent
from tests.optim.methods import START, end, plain, quadratic, rosen_der, rosenbrock, walk


@pytest.mark.parametrize("start", [START, [0.4, -0.2]])
def test_oracle(x64, start):
    """Barzilai & Borwein (1988), (5): α = ΔxᵀΔx/ΔxᵀΔg, on Rosenbrock's valley, where it jumps about."""
    theta, g = np.array(start), rosen_der(start)
    alpha = min(1.0, 1 / np.abs(g).sum())
    for point, memory, taken in walk(BarzilaiBorwein(), rosenbrock(), theta, 15)[1:]:
        assert taken.alpha == pytest.approx(alpha, rel=1e-6)
        new = theta - alpha * g
        s, y = new - theta, rosen_der(new) - g
        alpha = s @ s / (s @ y) if s @ y > 0 else np.linalg.norm(s) / np.linalg.norm(y)
        theta, g = new, rosen_der(new)
        np.testing.assert_allclose(point.theta, theta, rtol=1e-6)
        assert memory.alpha == pytest.approx(alpha, rel=1e-6)


def test_without_curvature(x64):
    """C = -|θ|²: sᵀy < 0, so the next α is ‖s‖/‖y‖ = ½; on a line y = 0, and α stays."""
    _, memory, _ = walk(BarzilaiBorwein(), plain(lambda t: -jnp.sum(t**2), np.ones(2)), [1.0, 2.0], 1)[1]
    assert memory.alpha == pytest.approx(0.5)
    (point, memory, _) = walk(BarzilaiBorwein(), plain(lambda t: 3 * t[0] + t[1], np.ones(2)), [1.0, 2.0], 2)[2]
    assert memory.alpha == pytest.approx(0.25)
    np.testing.assert_allclose(point.theta, [1 - 2 * 0.75, 2 - 2 * 0.25])


def test_the_rules(x64):
    method, s, y = BarzilaiBorwein(), jnp.asarray([1.0, 2.0]), jnp.asarray([3.0, 1.0])
    assert method.length(s, y) == 1.0 and method.length(y, s) == 2.0
    np.testing.assert_allclose(method.move(s, jnp.asarray(2.0), y), [-5.0, 0.0])
    cost = rosenbrock()
    at = cost.at(jnp.asarray(START))
    assert method.init(cost, at).alpha == pytest.approx(1 / (215.6 + 88.0))


def test_on_an_ill_conditioned_quadratic_it_is_far_faster_than_steepest_descent(x64):
    cost, A, b = quadratic(d=10, kappa=500.0)
    state = end(BarzilaiBorwein(), cost, np.full(10, 5.0))
    slow = end(SteepestDescent(search=Exact()), cost, np.full(10, 5.0), most=20000)
    assert state.done and slow.done and 4 * state.t < slow.t
    np.testing.assert_allclose(state.point.theta, np.linalg.solve(A, b), atol=1e-7)
