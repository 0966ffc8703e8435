"""Momentum against v = β v + (1-β) g, and against the heavy ball (book 4.3, claim 2)."""

from __future__ import annotations

import numpy as np
import optax

from gradiens.optim.momentum import Momentum
from gradiens.optim.optax_bridge import from_optax
from gradiens.optim.sgd import SGD


def test_oracle(problem, same):
    theta, v, path = problem.start, np.zeros(6), []
    for t in range(len(problem.noise)):
        v = 0.6 * v + 0.4 * problem.gradient(theta, t)
        theta = theta - 0.3 * v
        path.append(theta)
    same(problem.ours(Momentum(0.3, 0.6)), np.array(path), 1e-12)


def test_heavy_ball_of_optax(problem, same):
    """Optax has v = β v + g: the same path with its step multiplied by 1-β."""
    same(problem.ours(Momentum(0.3, 0.6)), problem.ours(from_optax(optax.sgd(0.3 * 0.4, momentum=0.6))), 1e-10)


def test_heavy_ball_of_pytorch(problem, same):
    peer = problem.torch(lambda optim, theta: optim.SGD(theta, lr=0.3 * 0.4, momentum=0.6))
    same(problem.ours(Momentum(0.3, 0.6)), peer, 1e-10)


def test_no_memory_is_gradient_descent(problem, same):
    same(problem.ours(Momentum(0.3, 0.0)), problem.ours(SGD(0.3)), 0)
