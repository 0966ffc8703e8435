"""RMSprop against the book's form, with ε outside of the root."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import optax

from gradiens.optim.optax_bridge import from_optax
from gradiens.optim.rmsprop import RMSprop


def test_oracle(problem, same):
    theta, s, path = problem.start, np.zeros(6), []
    for t in range(len(problem.noise)):
        g = problem.gradient(theta, t)
        s = 0.7 * s + 0.3 * g * g
        theta = theta - 0.2 * g / (np.sqrt(s) + 0.1)
        path.append(theta)
    same(problem.ours(RMSprop(0.2, 0.7, 0.1)), np.array(path), 1e-12)


def test_optax(problem, same):
    peer = optax.rmsprop(0.2, decay=0.7, eps=0.1, eps_in_sqrt=False)
    same(problem.ours(RMSprop(0.2, 0.7, 0.1)), problem.ours(from_optax(peer)), 1e-10)


def test_pytorch(problem, same):
    peer = problem.torch(lambda optim, theta: optim.RMSprop(theta, lr=0.2, alpha=0.7, eps=0.1))
    same(problem.ours(RMSprop(0.2, 0.7, 0.1)), peer, 1e-10)


def test_first_step(x64):
    """|Δ| = α / √(1-γ) at first when ε = 0, whatever the gradient."""
    g = jnp.asarray([3.0, -1e-6, 1e8])
    method = RMSprop(0.2, 0.75, 0.0)
    _, update = method.step(method.init(g), g, g)
    np.testing.assert_allclose(update, -0.4 * jnp.sign(g), rtol=1e-12)
