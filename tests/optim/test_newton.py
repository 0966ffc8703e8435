"""Newton's method against NumPy, SciPy's derivatives, and its theorems."""

from __future__ import annotations

import itertools

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.optim.line_search.backtracking import Backtracking
from gradiens.optim.minimiser import FINE, INDEFINITE, SINGULAR, UPHILL
from gradiens.optim.newton import Newton
from gradiens.optim.problems.saddle import Saddle
from tests.optim.methods import START, plain, quadratic, rosen_der, rosen_hess, rosenbrock, walk


def test_oracle(x64):
    theta = START
    path = walk(Newton(), rosenbrock(), theta, 6)
    for point, _, taken in path[1:]:
        theta = theta - np.linalg.solve(rosen_hess(theta), rosen_der(theta))
        np.testing.assert_allclose(point.theta, theta, rtol=1e-9)
        assert taken.alpha == 1 and taken.trouble == FINE and taken.counts.hessians == 1


def test_toward_is_minus_the_solution(x64):
    H, g = np.array([[2.0, -1.0], [-1.0, -3.0]]), np.array([1.0, -4.0])
    np.testing.assert_allclose(Newton().toward(jnp.asarray(H), jnp.asarray(g)), -np.linalg.solve(H, g), rtol=1e-14)


def test_a_quadratic_takes_one_step(x64):
    cost, A, b = quadratic(kappa=1e4)
    np.testing.assert_allclose(walk(Newton(), cost, np.full(4, 7.0), 1)[1][0].theta, np.linalg.solve(A, b), rtol=1e-10)


def test_it_is_the_same_in_all_affine_coordinates(x64):
    """The path of C(T u + c) from T⁻¹(θ₀ - c) is the image of the path of C from θ₀."""
    T, c = np.array([[3.0, 1.0], [-2.0, 0.5]]), np.array([0.3, -0.7])
    C = rosenbrock()
    other = plain(lambda u: C(jnp.asarray(T) @ u + jnp.asarray(c)), np.zeros(2))
    one, two = walk(Newton(), C, START, 5), walk(Newton(), other, np.linalg.solve(T, START - c), 5)
    for (a, *_), (b, *_) in zip(one, two, strict=True):
        np.testing.assert_allclose(a.theta, T @ b.theta + c, rtol=1e-7)


def test_it_converges_quadratically(x64):
    """Of C = eᵗ - t the error e is followed by e²/2 (the limit C'''/(2 C''))."""
    path = walk(Newton(), plain(lambda t: jnp.sum(jnp.exp(t) - t), np.zeros(1)), [1.0], 4)
    errors = [float(point.theta[0]) for point, *_ in path]
    ratios = [b / a**2 for a, b in itertools.pairwise(errors)]
    assert max(ratios) < 1 and abs(ratios[-1] - 0.5) < 0.01 and errors[-1] < 1e-4


def test_at_a_saddle_it_goes_there_and_tells(x64):
    path = walk(Newton(), Saddle().cost(), [1.0, 0.3], 8)
    assert path[1][2].trouble == INDEFINITE
    np.testing.assert_allclose(path[-1][0].theta, [0, 0], atol=1e-12)


def test_a_singular_hessian_is_told_and_the_gradient_taken(x64):
    cost = plain(lambda t: (t[0] + t[1]) ** 4 + t[0] + t[1], np.zeros(2))
    point, _, taken = walk(Newton(), cost, [0.0, 0.0], 1)[1]
    assert taken.trouble == SINGULAR
    np.testing.assert_allclose(point.theta, [-1.0, -1.0])


@pytest.mark.parametrize("start", [2.5, 1.7])
def test_uphill_is_followed_plain_and_not_with_a_search(x64, start):
    """C = t⁴ - 4t³ - 2t² + 10t + 15: C'' > 0 at 2.5 and < 0 at 1.7, where the model's stationary point is a maximum."""
    slope, curve = np.polyval([4, -12, -4, 10], start), np.polyval([12, -24, -4], start)
    cost = plain(lambda t: t[0] ** 4 - 4 * t[0] ** 3 - 2 * t[0] ** 2 + 10 * t[0] + 15, np.zeros(1))
    point, _, taken = walk(Newton(), cost, [start], 1)[1]
    np.testing.assert_allclose(point.theta, start - slope / curve, rtol=1e-12)
    searched, _, told = walk(Newton(search=Backtracking()), cost, [start], 1)[1]
    assert searched.value < cost(jnp.asarray([start]))
    assert taken.trouble == told.trouble == (FINE if curve > 0 else INDEFINITE)
    assert Newton().descends is False and Newton(search=Backtracking()).descends
    assert told.trouble != UPHILL
