"""The secant method: its recursion, its order, and what it looks for."""

from __future__ import annotations

import itertools

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.optim.minimiser import FINE, INDEFINITE
from gradiens.optim.secant import Secant
from tests.optim.methods import plain, rosenbrock, walk

SLOPE = np.array([4.0, -12.0, -4.0, 10.0])  # of t⁴ - 4t³ - 2t² + 10t + 15


def quartic():
    return plain(lambda t: t[0] ** 4 - 4 * t[0] ** 3 - 2 * t[0] ** 2 + 10 * t[0] + 15, np.zeros(1))


def test_oracle(x64):
    """From 2.5 and 2.6: x₊ = x - g (x - x₋)/(g - g₋)."""
    before, x = 2.5, 2.6
    path = walk(Secant(first=0.1), quartic(), [2.5], 7)
    assert path[1][0].theta[0] == pytest.approx(2.6, rel=1e-14)
    for point, memory, _ in path[2:]:
        g, g_before = np.polyval(SLOPE, x), np.polyval(SLOPE, before)
        before, x = x, x - g * (x - before) / (g - g_before)
        assert point.theta[0] == pytest.approx(x, rel=1e-10)
        assert memory.s[0] == pytest.approx(x - before, rel=1e-5)
        assert memory.y[0] == pytest.approx(np.polyval(SLOPE, x) - np.polyval(SLOPE, before), rel=1e-5)


def test_its_order_is_the_golden_number(x64):
    """log e_{k+1} / log e_k by regression near the minimum, from 2.5 and 2.6."""
    root = np.roots(SLOPE).max()
    errors = np.array([abs(float(p.theta[0]) - root) for p, *_ in walk(Secant(), quartic(), [2.5], 12)])
    used = [(a, b) for a, b in itertools.pairwise(errors) if 1e-13 < b < a < 0.5]
    order = np.polyfit(*np.log(np.array(used)).T, 1)[0]
    assert len(used) >= 4 and 1.4 <= order <= 1.8


def test_a_linear_slope_takes_one_step_after_the_first(x64):
    cost = plain(lambda t: 3 * (t[0] - 2) ** 2, np.zeros(1))
    path = walk(Secant(first=-0.7), cost, [5.0], 2)
    assert path[1][0].theta[0] == pytest.approx(4.3) and path[2][0].theta[0] == pytest.approx(2.0)
    assert path[2][2].trouble == FINE


def test_negative_curvature_is_told(x64):
    point, _, taken = walk(Secant(first=0.01), quartic(), [0.9], 1)[1]
    assert taken.trouble == INDEFINITE and point.theta[0] == pytest.approx(0.91)


def test_where_the_slope_does_not_change_it_stays(x64):
    path = walk(Secant(first=0.5), plain(lambda t: 2 * t[0], np.zeros(1)), [1.0], 3)
    assert [float(p.theta[0]) for p, *_ in path] == [1.0, 1.5, 1.5, 1.5]


def test_more_parameters_are_a_mistake(x64):
    cost = rosenbrock()
    with pytest.raises(Mistake, match="bfgs"):
        Secant().init(cost, cost.at(jnp.ones(2)))
