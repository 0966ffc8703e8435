"""Nesterov momentum against his scheme of two sequences, Optax, PyTorch, and the rate that the docstring states."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import optax

from gradiens.optim.nesterov import Nesterov
from gradiens.optim.optax_bridge import from_optax
from gradiens.optim.sgd import SGD


def test_oracle(problem, same):
    """x' = y - a g(y), y' = x' + β (x' - x): our θ is y, our step size a / (1-β)."""
    y = x = problem.start
    path = []
    for t in range(len(problem.noise)):
        before, x = x, y - 0.3 * 0.4 * problem.gradient(y, t)
        y = x + 0.6 * (x - before)
        path.append(y)
    same(problem.ours(Nesterov(0.3, 0.6)), np.array(path), 1e-10)


def test_optax(problem, same):
    """Optax has v = β v + g: the same path with its step multiplied by 1-β."""
    peer = from_optax(optax.sgd(0.3 * 0.4, momentum=0.6, nesterov=True))
    same(problem.ours(Nesterov(0.3, 0.6)), problem.ours(peer), 1e-10)


def test_pytorch(problem, same):
    peer = problem.torch(lambda optim, theta: optim.SGD(theta, lr=0.3 * 0.4, momentum=0.6, nesterov=True))
    same(problem.ours(Nesterov(0.3, 0.6)), peer, 1e-10)


def test_no_memory_is_gradient_descent(problem, same):
    same(problem.ours(Nesterov(0.3, 0.0)), problem.ours(SGD(0.3)), 0)


def test_rate_on_strongly_convex_quadratics(x64):
    """Gap of x ≤ (1-√q)ᵏ (C(x₀) - C* + μ |x₀ - x*|² / 2) on five random quadratics with L = 1, μ = q = 0.01."""
    q = 0.01
    β = (1 - np.sqrt(q)) / (1 + np.sqrt(q))
    method = Nesterov(1 / (1 - β), float(β))
    for seed in range(5):
        rng = np.random.default_rng(seed)
        Q = np.linalg.qr(rng.normal(size=(6, 6)))[0]
        H, theta = jnp.asarray(Q @ np.diag(np.linspace(q, 1, 6)) @ Q.T), jnp.asarray(rng.normal(size=6))
        cost = lambda θ, H=H: float(θ @ H @ θ) / 2  # noqa: E731
        most, state = cost(theta) + q * float(theta @ theta) / 2, method.init(theta)
        for k in range(1, 80):
            g = H @ theta
            assert cost(theta - g) <= (1 - np.sqrt(q)) ** k * most
            state, update = method.step(state, g, theta)
            theta = theta + update
