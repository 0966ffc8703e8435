"""Averages of the parameters along a path, against their sums; what they do to noise."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from gradiens.core.check import Mistake
from gradiens.optim.averaging import averaged
from gradiens.optim.momentum import Momentum
from gradiens.optim.sgd import SGD
from gradiens.optim.solution import solution


def run(problem, method):
    """θ before each step, and the mean after it."""

    def step(carry, noise):
        theta, state = carry
        state, update = method.step_tree(state, {"a": jnp.asarray(problem.scale) * theta["a"] + noise}, theta)
        return (jax.tree.map(jnp.add, theta, update), state), (theta["a"], solution(state, theta)["a"])

    theta = {"a": jnp.asarray(problem.start)}
    return map(np.asarray, jax.lax.scan(step, (theta, method.init_tree(theta)), jnp.asarray(problem.noise))[1])


def test_mean_of_all(problem, same):
    path, mean = run(problem, averaged(Momentum(0.3, 0.6)))
    same(mean, np.cumsum(path, axis=0) / np.arange(1, 101)[:, None], 1e-10)
    same(path[1:], problem.ours(Momentum(0.3, 0.6))[:-1], 0)  # the method itself is as without


def test_exponential_mean(problem, same):
    """A running mean from 0 divided by 1-βᵗ, as Adam corrects its own."""
    path, mean = run(problem, averaged(SGD(0.3), 0.8))
    m = np.zeros(6)
    for t, (theta, found) in enumerate(zip(path, mean, strict=True), start=1):
        m = 0.8 * m + 0.2 * theta
        same(found, m / (1 - 0.8**t), 1e-10)


def test_of_a_method_of_optax(problem, same):
    ours, theirs = run(problem, averaged(SGD(0.3), 0.8)), run(problem, averaged(optax.sgd(0.3), 0.8))
    for a, b in zip(ours, theirs, strict=True):
        same(a, b, 1e-10)


@pytest.mark.parametrize("seed", range(5))
def test_the_mean_is_closer_than_the_last_iterate(x64, seed):
    """SGD with a constant step on |θ|²/2 in 50 dimensions, unit noise, from the minimum: E|θ|² = d α/(2-α) for the iterates,
    about d/n for the mean of n = 2000. Margin: a factor of 20 where 0.05/1.95 · 2000 = 51 is expected."""
    noise = jnp.asarray(np.random.default_rng(seed).normal(size=(2000, 50)))
    method = averaged(SGD(0.05))

    def step(carry, noise):
        theta, state = carry
        state, update = method.step_tree(state, theta + noise, theta)
        return (theta + update, state), None

    theta, state = jax.lax.scan(step, (jnp.zeros(50), method.init_tree(jnp.zeros(50))), noise)[0]
    assert 20 * jnp.sum(solution(state, theta) ** 2) < jnp.sum(theta**2)


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.float64])
def test_keeps_dtype_and_none(x64, dtype):
    theta = {"a": jnp.ones(3, dtype), "none": None}
    method = averaged(SGD(0.1), 0.9)
    state, _ = method.step_tree(method.init_tree(theta), theta, theta)
    found = solution(state, theta)
    assert found["none"] is None and found["a"].dtype == dtype


def test_turning_the_memory_does_not_retrace():
    traces = []

    @jax.jit
    def mean(method, theta):
        traces.append(theta)
        state, _ = method.step_tree(method.init_tree(theta), theta, theta)
        state, _ = method.step_tree(state, theta, 2 * theta)
        return solution(state, theta)

    found = [mean(averaged(SGD(0.1), β), jnp.ones(2))[0] for β in (0.0, 0.5)]
    np.testing.assert_allclose(found, [2.0, 1 + 0.5 / 0.75], rtol=1e-6)
    assert len(traces) == 1


def test_bad_memory():
    with pytest.raises(Mistake, match="a memory β of at least 0 and below 1, got 1"):
        averaged(SGD(0.1), 1.0)
    with pytest.raises(Mistake, match="an optimizer or an Optax transformation"):
        averaged("sgd")
