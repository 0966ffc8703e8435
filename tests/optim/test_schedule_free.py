"""Schedule-free AdamW against Defazio et al.'s three sequences and Optax; what the mean is a mean of."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax

from gradiens.optim.adamw import AdamW
from gradiens.optim.optax_bridge import from_optax
from gradiens.optim.schedule_free import ScheduleFree
from gradiens.optim.solution import solution

LOUD = {"lr": 0.2, "beta": 0.6, "gamma": 0.7, "eps": 0.1, "decay": 0.4}


def sequences(problem, lr=0.2, β=0.6, γ=0.7, eps=0.1, decay=0.4):
    """y, x and z after each step."""
    z = x = y = problem.start
    v, path = np.zeros(6), []
    for t in range(1, len(problem.noise) + 1):
        g = problem.gradient(y, t - 1)
        v = γ * v + (1 - γ) * g * g
        z = z - lr * g / (np.sqrt(v / (1 - γ**t)) + eps) - lr * decay * y
        c = lr**2 / (t * lr**2)
        x = (1 - c) * x + c * z
        y = (1 - β) * z + β * x
        path.append((y, x, z))
    return np.array(path).swapaxes(0, 1)


def states(problem, method):
    """θ, x and z after each step, by our program."""

    def step(carry, noise):
        theta, state = carry
        state, update = method.step_tree(state, jnp.asarray(problem.scale) * theta + noise, theta)
        theta = theta + update
        return (theta, state), (theta, solution(state, theta), state[0].z)

    theta = jnp.asarray(problem.start)
    return jax.lax.scan(step, (theta, method.init_tree(theta)), jnp.asarray(problem.noise))[1]


def test_oracle(problem, same):
    for ours, theirs in zip(states(problem, ScheduleFree(**LOUD)), sequences(problem), strict=True):
        same(np.asarray(ours), theirs, 1e-10)
    same(problem.ours(ScheduleFree(**LOUD)), sequences(problem)[0], 1e-10)


def test_optax(problem, same):
    peer = optax.contrib.schedule_free_adamw(0.2, b1=0.6, b2=0.7, eps=0.1, weight_decay=0.4)
    same(problem.ours(ScheduleFree(**LOUD)), problem.ours(from_optax(peer)), 1e-10)


def test_the_solution_is_the_mean_of_the_iterates(problem, same):
    _, x, z = map(np.asarray, states(problem, ScheduleFree(**LOUD)))
    same(x, np.cumsum(z, axis=0) / np.arange(1, 101)[:, None], 1e-10)


def test_without_interpolation_it_is_adamw_without_momentum(problem, same):
    """β = 0: θ takes the steps itself, and x is Polyak's mean of them."""
    plain = AdamW(0.2, 0.0, 0.7, 0.1, 0.4)
    same(problem.ours(ScheduleFree(**{**LOUD, "beta": 0.0})), problem.ours(plain), 1e-10)
