"""L-BFGS against the dense BFGS matrix of the same pairs, BFGS itself, and SciPy."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.optimize

from gradiens.optim.bfgs import BFGS
from gradiens.optim.cost import Point
from gradiens.optim.lbfgs import LBFGS, Memory
from tests.optim.methods import START, end, rosen, rosen_der, rosenbrock, walk


def dense(pairs, gamma, d):
    """The BFGS matrix of the pairs, oldest first, from γ I."""
    B = gamma * np.eye(d)
    for s, y in pairs:
        V = np.eye(d) - np.outer(s, y) / (y @ s)
        B = V @ B @ V.T + np.outer(s, s) / (y @ s)
    return B


def pairs(count, d=5, seed=0):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        s, y = rng.normal(size=d), rng.normal(size=d)
        yield s, y if y @ s > 0 else -y


@pytest.mark.parametrize("known", [0, 1, 3, 4])
def test_the_two_loops_are_the_dense_product(x64, known):
    """Nocedal & Wright (2006), (7.19), also with rows that are not yet filled."""
    held, g = list(pairs(known)), np.random.default_rng(1).normal(size=5)
    fill = [np.zeros(5)] * (4 - known)
    S, Y = (np.array(fill + [pair[i] for pair in held]) for i in (0, 1))
    rho = np.array([0.0] * (4 - known) + [1 / (y @ s) for s, y in held])
    got = LBFGS(memory=4).toward(*map(jnp.asarray, (g, S, Y, rho, 0.7)))
    np.testing.assert_allclose(got, -dense(held, 0.7, 5) @ g, rtol=1e-10)


def test_with_enough_memory_it_is_bfgs_from_the_same_matrix(x64):
    """Both from the unit matrix, over all the steps to the minimum."""
    cost = rosenbrock()
    one, other = (walk(m, cost, START, 25) for m in (LBFGS(memory=30, scale=False), BFGS(scale=False)))
    for (a, *_), (b, *_) in zip(one, other, strict=True):
        np.testing.assert_allclose(a.theta, b.theta, rtol=1e-5, atol=1e-7)


def test_the_path_with_little_memory(x64):
    """Each direction is that of the dense matrix of the last two pairs from γ I, γ by the newest."""
    cost = rosenbrock(3)
    path = walk(LBFGS(memory=2), cost, np.array([-1.2, 1.0, 0.3]), 6)
    points = [(np.asarray(p.theta), np.asarray(p.g)) for p, *_ in path]
    held = []
    for (theta, g), (new, g_new), (_, _, taken) in zip(points, points[1:], path[1:]):
        gamma = held[-1][0] @ held[-1][1] / (held[-1][1] @ held[-1][1]) if held else 1.0
        p = -dense(held[-2:], gamma, 3) @ g
        np.testing.assert_allclose(new - theta, float(taken.alpha) * p, rtol=1e-8, atol=1e-12)
        held.append((new - theta, g_new - g))


def test_what_is_remembered(x64):
    method, zeros = LBFGS(memory=2), jnp.zeros((2, 2))
    memory = Memory(zeros, zeros, jnp.zeros(2), jnp.asarray(1.0))
    point = lambda theta, g: Point(jnp.asarray(theta), jnp.asarray(0.0), jnp.asarray(g))  # noqa: E731
    a, b, c = point([0.0, 0.0], [1.0, 2.0]), point([1.0, 0.5], [3.0, 2.5]), point([1.5, 0.0], [2.0, 3.0])
    after = method.remember(None, a, b, None, memory)
    np.testing.assert_allclose(after.S, [[0, 0], [1, 0.5]])
    np.testing.assert_allclose(after.Y, [[0, 0], [2, 0.5]])
    np.testing.assert_allclose(after.rho, [0, 1 / 2.25])
    np.testing.assert_allclose(after.gamma, 2.25 / 4.25)
    same = method.remember(None, b, c, None, after)  # s = (½, -½), y = (-1, ½): yᵀs < 0
    for kept, was in zip(same, after, strict=True):
        np.testing.assert_array_equal(kept, was)
    assert LBFGS(scale=False, memory=2).remember(None, a, b, None, memory).gamma == 1


def test_the_first_length_is_cautious_and_later_ones_1(x64):
    at = Point(jnp.zeros(2), jnp.asarray(0.0), jnp.asarray([3.0, -5.0]))
    empty = Memory(jnp.zeros((2, 2)), jnp.zeros((2, 2)), jnp.zeros(2), jnp.asarray(1.0))
    assert LBFGS(memory=2).first(None, at, -at.g, empty) == pytest.approx(1 / 8)
    assert LBFGS(memory=2, scale=False).first(None, at, -at.g, empty) == 1
    assert LBFGS(memory=2).first(None, at, -at.g, empty._replace(rho=jnp.asarray([0.0, 0.3]))) == 1


def test_scipy_in_20_dimensions(x64):
    start = np.resize([-1.2, 1.0], 20)
    state = end(LBFGS(), rosenbrock(20), start)
    peer = scipy.optimize.minimize(rosen, start, jac=rosen_der, method="L-BFGS-B", options={"gtol": 1e-8, "ftol": 0})
    assert state.done and state.t <= 2 * peer.nit
    np.testing.assert_allclose(state.point.theta, peer.x, atol=1e-6)
