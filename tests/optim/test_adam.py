"""Adam against Kingma & Ba's Algorithm 1, Optax, and the theorems of the book's section 4.3."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from gradiens.optim.adam import Adam
from gradiens.optim.optax_bridge import from_optax

LOUD = {"lr": 0.2, "beta": 0.6, "gamma": 0.7, "eps": 0.1}


def test_oracle(problem, same):
    theta, m, v, path = problem.start, np.zeros(6), np.zeros(6), []
    for t in range(1, len(problem.noise) + 1):
        g = problem.gradient(theta, t - 1)
        m = 0.6 * m + 0.4 * g
        v = 0.7 * v + 0.3 * g * g
        theta = theta - 0.2 * (m / (1 - 0.6**t)) / (np.sqrt(v / (1 - 0.7**t)) + 0.1)
        path.append(theta)
    same(problem.ours(Adam(**LOUD)), np.array(path), 1e-12)


def test_optax(problem, same):
    same(problem.ours(Adam(**LOUD)), problem.ours(from_optax(optax.adam(0.2, b1=0.6, b2=0.7, eps=0.1))), 1e-10)


def test_pytorch(problem, same):
    peer = problem.torch(lambda optim, theta: optim.Adam(theta, lr=0.2, betas=(0.6, 0.7), eps=0.1))
    same(problem.ours(Adam(**LOUD)), peer, 1e-10)


def test_defaults_are_those_of_the_paper(problem, same):
    same(problem.ours(Adam()), problem.ours(from_optax(optax.adam(1e-3))), 1e-10)


def feed(adam: Adam, gradients):
    """States and updates for a given sequence of gradients."""
    zero = jnp.zeros_like(gradients[0])

    def step(state, g):
        state, update = adam.step(state, g, zero)
        return state, (state, update)

    return jax.lax.scan(step, adam.init(zero), jnp.asarray(gradients))[1]


@pytest.fixture
def gradients(x64):
    return jnp.asarray(np.random.default_rng(3).standard_t(2, size=(300, 5)))


def test_first_step_is_the_sign(gradients):
    _, updates = feed(Adam(0.3, 0.8, 0.95, 0.0), gradients)
    np.testing.assert_allclose(updates[0], -0.3 * jnp.sign(gradients[0]), rtol=1e-12)


@pytest.mark.parametrize("c", [1e-6, 7.0, 1e6])
def test_the_scale_of_the_cost_does_not_matter(gradients, c):
    adam = Adam(0.3, 0.8, 0.95, 0.0)
    np.testing.assert_allclose(feed(adam, c * gradients)[1], feed(adam, gradients)[1], rtol=1e-10)


def test_corrected_mean_of_a_constant_is_the_constant(x64):
    g = jnp.asarray([2.0, -0.3])
    states, updates = feed(Adam(0.3, 0.8, 0.95, 0.1), jnp.tile(g, (50, 1)))
    t = jnp.arange(1.0, 51.0)[:, None]
    np.testing.assert_allclose(states.v / (1 - 0.8**t), jnp.tile(g, (50, 1)), rtol=1e-12)
    np.testing.assert_allclose(states.s / (1 - 0.95**t), jnp.tile(g**2, (50, 1)), rtol=1e-12)
    np.testing.assert_allclose(updates, jnp.tile(-0.3 * g / (jnp.abs(g) + 0.1), (50, 1)), rtol=1e-12)


def bound(t, b, c):
    r = b**2 / c
    return (1 - b) / (1 - b**t) * np.sqrt((1 - c**t) / (1 - c)) * np.sqrt((1 - r**t) / (1 - r))


def test_steps_are_bounded(gradients):
    t = np.arange(1, 301)[:, None]
    _, updates = feed(Adam(0.3, 0.9, 0.999, 0.0), gradients)
    assert np.all(np.abs(updates) <= 0.3 * bound(t, 0.9, 0.999) * (1 + 1e-12))


def test_the_bound_is_attained(x64):
    """For gradients that grow like (c/b)ᵗ, at every step."""
    growing = (0.999 / 0.9) ** jnp.arange(300.0)
    _, updates = feed(Adam(0.3, 0.9, 0.999, 0.0), growing)
    np.testing.assert_allclose(-updates, 0.3 * bound(np.arange(1, 301), 0.9, 0.999), rtol=1e-11)
    assert bound(1e6, 0.9, 0.999) == pytest.approx(7.27029, abs=5e-6)
