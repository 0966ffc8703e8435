"""Lion against Chen et al.'s Program 1 and Optax."""

from __future__ import annotations

import numpy as np
import optax

from gradiens.optim.lion import Lion
from gradiens.optim.optax_bridge import from_optax


def test_oracle(problem, same):
    theta, m, path = problem.start, np.zeros(6), []
    for t in range(len(problem.noise)):
        g = problem.gradient(theta, t)
        update = 0.6 * m + (1 - 0.6) * g  # interpolate(g, m, β1)
        m = 0.8 * m + (1 - 0.8) * g
        theta = theta - 0.3 * (np.sign(update) + 0.4 * theta)
        path.append(theta)
    same(problem.ours(Lion(0.3, 0.6, 0.8, 0.4)), np.array(path), 1e-12)


def test_optax(problem, same):
    peer = from_optax(optax.lion(0.3, b1=0.6, b2=0.8, weight_decay=0.4))
    same(problem.ours(Lion(0.3, 0.6, 0.8, 0.4)), problem.ours(peer), 1e-10)


def test_every_step_is_of_length_α(problem):
    path = np.vstack([problem.start, problem.ours(Lion(0.3))])
    np.testing.assert_allclose(np.abs(np.diff(path, axis=0)), 0.3, rtol=1e-12)
