"""Nadam against Dozat's Algorithm 2 (constant μ, n̂ without its factor ν), Optax and PyTorch."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import optax

from gradiens.optim.nadam import Nadam
from gradiens.optim.optax_bridge import from_optax

LOUD = {"lr": 0.2, "beta": 0.6, "gamma": 0.7, "eps": 0.1}


def test_oracle(problem, same):
    μ, ν = np.full(102, 0.6), 0.7
    theta, m, n, path = problem.start, np.zeros(6), np.zeros(6), []
    for t in range(1, len(problem.noise) + 1):
        g = problem.gradient(theta, t - 1)
        m = μ[t] * m + (1 - μ[t]) * g
        n = ν * n + (1 - ν) * g**2
        m_hat = μ[t + 1] * m / (1 - np.prod(μ[1 : t + 2])) + (1 - μ[t]) * g / (1 - np.prod(μ[1 : t + 1]))
        n_hat = n / (1 - ν**t)
        theta = theta - 0.2 / (np.sqrt(n_hat) + 0.1) * m_hat
        path.append(theta)
    same(problem.ours(Nadam(**LOUD)), np.array(path), 1e-11)


def test_optax(problem, same):
    peer = from_optax(optax.nadam(0.2, b1=0.6, b2=0.7, eps=0.1))
    same(problem.ours(Nadam(**LOUD)), problem.ours(peer), 1e-10)


def test_pytorch(problem, same):
    """PyTorch lets μ grow like β (1 - 0.96^(t ψ) / 2): constant for a large ψ."""
    options = {"lr": 0.2, "betas": (0.6, 0.7), "eps": 0.1, "momentum_decay": 1e6}
    same(problem.ours(Nadam(**LOUD)), problem.torch(lambda optim, theta: optim.NAdam(theta, **options)), 1e-10)


def test_first_step(x64):
    """|Δ| = α (1 + β/(1+β)) when ε = 0: the look ahead is there from the start."""
    g = jnp.asarray([3.0, -1e-6, 1e8])
    method = Nadam(0.3, 0.8, 0.95, 0.0)
    _, update = method.step(method.init(g), g, g)
    np.testing.assert_allclose(update, -0.3 * (1 + 0.8 / 1.8) * jnp.sign(g), rtol=1e-12)
