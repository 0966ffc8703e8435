"""Adadelta against Zeiler's Algorithm 1, Optax and PyTorch."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import optax

from gradiens.optim.adadelta import Adadelta
from gradiens.optim.optax_bridge import from_optax


def test_oracle(problem, same):
    rms = lambda mean: np.sqrt(mean + 0.1)  # noqa: E731
    x, Eg, Edx, path = problem.start, np.zeros(6), np.zeros(6), []
    for t in range(len(problem.noise)):
        g = problem.gradient(x, t)
        Eg = 0.7 * Eg + 0.3 * g * g
        dx = -rms(Edx) / rms(Eg) * g
        Edx = 0.7 * Edx + 0.3 * dx * dx
        x = x + dx
        path.append(x)
    same(problem.ours(Adadelta(1.0, 0.7, 0.1)), np.array(path), 1e-12)


def test_optax(problem, same):
    peer = from_optax(optax.adadelta(0.6, rho=0.7, eps=0.1))
    same(problem.ours(Adadelta(0.6, 0.7, 0.1)), problem.ours(peer), 1e-10)


def test_pytorch(problem, same):
    peer = problem.torch(lambda optim, theta: optim.Adadelta(theta, lr=0.6, rho=0.7, eps=0.1))
    same(problem.ours(Adadelta(0.6, 0.7, 0.1)), peer, 1e-10)


def test_first_step_is_set_by_the_floor(x64):
    """|Δ| = α √(ε/(1-γ)) up to ε against g², whatever the gradient."""
    g = jnp.asarray([3.0, -2.0, 1e8])
    method = Adadelta(0.5, 0.75, 1e-8)
    _, update = method.step(method.init(g), g, g)
    np.testing.assert_allclose(update, -0.5 * np.sqrt(1e-8 / 0.25) * np.sign(g), rtol=1e-8)
