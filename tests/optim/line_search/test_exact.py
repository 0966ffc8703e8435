"""Exact search: the formula on quadratics, Newton's method on α in NumPy, the slice of the book's section 4.4."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.optim.line_search.exact import Exact
from gradiens.optim.line_search.line import Line
from gradiens.optim.minimiser import FINE, STUCK
from tests.optim.line_search.lines import one
from tests.optim.methods import quadratic, rosen, rosen_der, rosen_hess, rosenbrock


def test_on_a_quadratic(x64):
    """α = -gᵀp / pᵀA p, found in one step and seen to be it in another."""
    cost, A, b = quadratic(d=5)
    rng = np.random.default_rng(0)
    for _ in range(3):
        theta, p = rng.normal(size=5), rng.normal(size=5)
        p = -p if (A @ theta - b) @ p > 0 else p
        found = Exact()(Line(cost, cost.at(jnp.asarray(theta)), jnp.asarray(p)), jnp.asarray(1.0))
        assert found.alpha == pytest.approx(-(A @ theta - b) @ p / (p @ A @ p), rel=1e-12)
        assert abs(found.point.g @ p) <= 1e-10 and found.trouble == FINE and found.counts.products <= 3


@pytest.mark.parametrize(("start", "p", "inner"), [((0.8, 0.0), (-204.4, 128.0), 60), ((0.4, -0.2), (58.8, 72.0), 3)])
def test_oracle(x64, start, p, inner):
    """α - φ'(α)/φ''(α) from 0 until α no longer moves, where φ is convex."""
    start, p, cost = np.array(start), np.array(p), rosenbrock()
    alpha, steps = 0.0, 0
    while steps < inner:
        theta = start + alpha * p
        move = -(rosen_der(theta) @ p) / (p @ rosen_hess(theta) @ p)
        alpha, steps = alpha + move, steps + 1
        if abs(move) <= 4.5e-16 * abs(alpha):
            break
    found = Exact(inner=inner)(Line(cost, cost.at(jnp.asarray(start)), jnp.asarray(p)), jnp.asarray(1.0))
    assert found.alpha == pytest.approx(alpha, rel=1e-10)
    assert found.point.value == pytest.approx(rosen(start + alpha * p))
    assert abs(int(found.counts.products) - steps) <= 2 and found.counts.gradients == found.counts.products + 1


def test_the_slice_of_the_book(x64):
    cost = rosenbrock()
    found = Exact()(Line(cost, cost.at(jnp.asarray([0.8, 0.0])), jnp.asarray([-204.4, 128.0])), jnp.asarray(1.0))
    assert found.alpha == pytest.approx(0.00165, abs=5e-6)  # 0.00165 is the best of the book's grid
    np.testing.assert_allclose(found.point.theta, [0.46274, 0.2112], atol=2e-3)
    assert 0.2895058 - 1e-4 < found.point.value < 0.2895058


def test_where_the_line_is_not_convex_it_doubles(x64):
    """φ = cos t from ½ is convex beyond π/2 only: it tries ½, 1, 2 ahead, then Newton's method leads to π."""
    line = one(lambda t: jnp.cos(t), at=0.5)
    found = Exact()(line, jnp.asarray(0.5))
    assert found.point.theta[0] == pytest.approx(np.pi) and found.trouble == FINE
    assert [float(Exact(inner=k)(line, jnp.asarray(0.5)).alpha) for k in (1, 2, 3)] == [0.5, 1.0, 2.0]


def test_a_stationary_point_that_is_higher_is_not_taken(x64):
    """Newton's method on α believes the parabola, whose minimum 2.5 lies beyond a step upwards."""
    line = one(lambda t: jnp.where(t > 1, 10 + (t - 2) ** 2, -t + 0.2 * t**2))
    found = Exact()(line, jnp.asarray(1.0))
    assert found.trouble == STUCK and found.alpha == 0 and found.point.theta == 0
