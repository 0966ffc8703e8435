"""The frame of the methods with a line search: the move, directions that lead uphill, what is told and counted."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.optim.cost import Point
from gradiens.optim.directional import Direction, Directional, as_promised, shorter
from gradiens.optim.line_search.backtracking import Backtracking
from gradiens.optim.line_search.fixed import Fixed
from gradiens.optim.minimiser import FINE, INDEFINITE, STUCK, UPHILL, Counts
from tests.optim.methods import START, plain, quadratic, rosen_der, rosenbrock


class Along(Directional):
    """Along the matrix T times the gradient; remembers s and y."""

    T: tuple = ((-1.0, 0.0), (0.0, -1.0))
    told: int = FINE

    def direction(self, cost, point, memory):
        return Direction(jnp.asarray(self.T) @ point.g, Counts(products=3), self.told)

    def remember(self, cost, old, new, p, memory):
        return new.theta - old.theta, p


def step(method, theta=START, cost=None):
    cost = cost or rosenbrock()
    return method.step(cost, cost.at(jnp.asarray(theta)), ())


def test_the_move(x64):
    theta, p = jnp.asarray([1.0, 2.0]), jnp.asarray([3.0, -1.0])
    np.testing.assert_allclose(Along().move(theta, jnp.asarray(0.5), p), [2.5, 1.5])
    point, (s, direction), taken = step(Along(search=Fixed(0.01), T=((-1.0, 0.3), (0.0, -2.0))))
    p = np.array([[-1.0, 0.3], [0.0, -2.0]]) @ rosen_der(START)
    np.testing.assert_allclose(point.theta, START + 0.01 * p)
    np.testing.assert_allclose(s, 0.01 * p)
    np.testing.assert_allclose(direction, p)
    assert taken.alpha == 0.01 and taken.counts == (1, 1, 3, 0) and taken.trouble == FINE


def test_an_uphill_direction_is_replaced_and_told(x64):
    point, (_, direction), taken = step(Along(search=Fixed(0.01), T=((1.0, 0.0), (0.0, 2.0))))
    np.testing.assert_allclose(direction, -rosen_der(START))
    np.testing.assert_allclose(point.theta, START - 0.01 * rosen_der(START))
    assert taken.trouble == UPHILL
    nan = step(Along(search=Fixed(0.01), T=((np.nan, 0.0), (0.0, -1.0))))
    assert nan[2].trouble == UPHILL
    np.testing.assert_allclose(nan[0].theta, point.theta)


def test_a_trouble_of_the_direction_comes_first_but_for_being_stuck(x64):
    uphill = ((1.0, 0.0), (0.0, 1.0))
    assert step(Along(told=INDEFINITE))[2].trouble == INDEFINITE
    assert step(Along(told=INDEFINITE, T=uphill))[2].trouble == INDEFINITE
    never = plain(lambda t: jnp.sum(t) + jnp.where(jnp.all(t == 1.0), 0.0, 5.0), np.ones(2))
    point, _, taken = step(Along(told=INDEFINITE, search=Backtracking(most=4)), np.ones(2), never)
    assert taken.trouble == STUCK and taken.alpha == 0
    np.testing.assert_array_equal(point.theta, 1.0)


def test_where_the_gradient_is_0_there_is_nothing_to_tell(x64):
    cost, *_ = quadratic(d=2)
    theta = jnp.zeros(2)
    at = Point(theta, cost(theta), jnp.zeros(2))
    point, _, taken = Along().step(cost, at, ())
    np.testing.assert_array_equal(point.theta, 0)
    assert taken.trouble == FINE


def test_the_first_length_is_1_and_a_method_remembers_nothing_unless_it_says_so(x64):
    cost = rosenbrock()
    at = cost.at(jnp.asarray(START))
    assert Directional().first(cost, at, -at.g, ()) == 1
    assert Directional().remember(cost, at, at, -at.g, "memory") == "memory"
    assert Directional().descends and Directional().init(cost, at) == ()
    with pytest.raises(NotImplementedError):
        Directional().direction(cost, at, ())


def test_cautious_and_promised_lengths(x64):
    """min(1, 1/‖g‖₁); promised / -gᵀp."""
    assert shorter(jnp.asarray([3.0, -5.0])) == 1 / 8 and shorter(jnp.asarray([0.1, 0.2])) == 1
    assert shorter(jnp.zeros(2)) == 1 and shorter(jnp.ones(2, jnp.float32)).dtype == jnp.float32
    at, p = Point(jnp.zeros(2), jnp.zeros(()), jnp.asarray([3.0, -5.0])), jnp.asarray([-1.0, 1.0])
    assert as_promised(at, p, jnp.asarray(2.0)) == 0.25
    assert as_promised(at, p, jnp.asarray(0.0)) == 1 / 8
