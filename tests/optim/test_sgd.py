"""SGD against θ' = θ - α g, Optax, and the rate that the docstring states."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import optax
import pytest

from gradiens.core.check import Mistake
from gradiens.optim.optax_bridge import from_optax
from gradiens.optim.sgd import SGD


def test_oracle(problem, same):
    theta, path = problem.start, []
    for t in range(len(problem.noise)):
        theta = theta - 0.3 * problem.gradient(theta, t)
        path.append(theta)
    same(problem.ours(SGD(0.3)), np.array(path), 1e-12)


def test_optax(problem, same):
    same(problem.ours(SGD(0.3)), problem.ours(from_optax(optax.sgd(0.3))), 1e-10)


def test_pytorch(problem, same):
    same(problem.ours(SGD(0.3)), problem.torch(lambda optim, theta: optim.SGD(theta, lr=0.3)), 1e-10)


def test_rate_on_convex_quadratics(x64):
    """Gap ≤ |θ₀ - θ*|² / (2 α t) for α = 1/L, on ten random quadratics."""
    for seed in range(10):
        rng = np.random.default_rng(seed)
        A = rng.normal(size=(4, 4))
        H, theta = jnp.asarray(A.T @ A), jnp.asarray(rng.normal(size=4))
        lr = 1 / float(np.linalg.eigvalsh(H)[-1])
        bound = float(theta @ theta) / (2 * lr)
        for t in range(1, 50):
            theta = theta + SGD(lr).step((), H @ theta, theta)[1]
            assert 0.5 * float(theta @ H @ theta) <= bound / t


def test_bad_step_size():
    with pytest.raises(Mistake, match=r"lr between 1e-08 and 100, got -0\.1"):
        SGD(-0.1)
