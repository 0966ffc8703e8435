"""AdamW: Adam and a decay that does not go through the gradient."""

from __future__ import annotations

import numpy as np
import optax

from gradiens.optim.adam import Adam
from gradiens.optim.adamw import AdamW
from gradiens.optim.optax_bridge import from_optax

LOUD = {"lr": 0.2, "beta": 0.6, "gamma": 0.7, "eps": 0.1}


def test_oracle(problem, same):
    theta, m, v, path = problem.start, np.zeros(6), np.zeros(6), []
    for t in range(1, len(problem.noise) + 1):
        g = problem.gradient(theta, t - 1)
        m = 0.6 * m + 0.4 * g
        v = 0.7 * v + 0.3 * g * g
        adam = 0.2 * (m / (1 - 0.6**t)) / (np.sqrt(v / (1 - 0.7**t)) + 0.1)
        theta = theta - adam - 0.2 * 0.4 * theta
        path.append(theta)
    same(problem.ours(AdamW(**LOUD, decay=0.4)), np.array(path), 1e-12)


def test_optax(problem, same):
    peer = optax.adamw(0.2, b1=0.6, b2=0.7, eps=0.1, weight_decay=0.4)
    same(problem.ours(AdamW(**LOUD, decay=0.4)), problem.ours(from_optax(peer)), 1e-10)


def test_pytorch(problem, same):
    peer = problem.torch(lambda optim, theta: optim.AdamW(theta, lr=0.2, betas=(0.6, 0.7), eps=0.1, weight_decay=0.4))
    same(problem.ours(AdamW(**LOUD, decay=0.4)), peer, 1e-10)


def test_no_decay_is_adam(problem, same):
    same(problem.ours(AdamW(**LOUD, decay=0.0)), problem.ours(Adam(**LOUD)), 0)
