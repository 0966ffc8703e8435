"""Adamax against Kingma & Ba's Algorithm 2, Optax, PyTorch, and the bound of its steps."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax

from gradiens.optim.adamax import Adamax
from gradiens.optim.optax_bridge import from_optax


def test_oracle(problem, same):
    theta, m, u, path = problem.start, np.zeros(6), np.zeros(6), []
    for t in range(1, len(problem.noise) + 1):
        g = problem.gradient(theta, t - 1)
        m = 0.6 * m + (1 - 0.6) * g
        u = np.maximum(0.7 * u, np.abs(g))
        theta = theta - (0.2 / (1 - 0.6**t)) * m / u
        path.append(theta)
    same(problem.ours(Adamax(0.2, 0.6, 0.7, 0.0)), np.array(path), 1e-11)


def test_optax(problem, same):
    peer = from_optax(optax.adamax(0.2, b1=0.6, b2=0.7, eps=0.1))
    same(problem.ours(Adamax(0.2, 0.6, 0.7, 0.1)), problem.ours(peer), 1e-10)


def test_pytorch(problem, same):
    peer = problem.torch(lambda optim, theta: optim.Adamax(theta, lr=0.2, betas=(0.6, 0.7), eps=0.1))
    same(problem.ours(Adamax(0.2, 0.6, 0.7, 0.1)), peer, 1e-10)


def steps(gradients, β=0.9, γ=0.95):
    method = Adamax(0.3, β, γ, 0.0)
    step = lambda state, g: method.step(state, g, g)  # noqa: E731
    return np.asarray(jax.lax.scan(step, method.init(gradients[0]), gradients)[1])


def bound(n, β=0.9, γ=0.95):
    t, r = np.arange(1, n + 1), β / γ
    return 0.3 * (1 - β) / (1 - β**t) * (1 - r**t) / (1 - r)


def test_steps_are_bounded(x64):
    found = steps(jnp.asarray(np.random.default_rng(3).standard_t(2, size=(300, 5))))
    assert np.all(np.abs(found) <= bound(300)[:, None] * (1 + 1e-12))


def test_the_bound_is_attained(x64):
    """For gradients that shrink like γᵗ, at every step; at the defaults the factor of α tends to 1.0091."""
    np.testing.assert_allclose(-steps(0.95 ** jnp.arange(300.0)), bound(300), rtol=1e-11)
    assert abs(0.1 / (1 - 0.9 / 0.999) - 1.0091) < 1e-4
