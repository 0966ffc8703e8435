"""Adagrad against Duchi, Hazan & Singer's diagonal form, Optax, PyTorch, and their bound of the regret."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax

from gradiens.optim.adagrad import Adagrad
from gradiens.optim.optax_bridge import from_optax


def test_oracle(problem, same):
    """H = δ I + diag(Σ g gᵀ)^(1/2), θ = θ - η H⁻¹ g."""
    theta, outer, path = problem.start, np.zeros((6, 6)), []
    for t in range(len(problem.noise)):
        g = problem.gradient(theta, t)
        outer = outer + np.outer(g, g)
        theta = theta - 0.3 * np.linalg.solve(0.1 * np.eye(6) + np.diag(np.sqrt(np.diag(outer))), g)
        path.append(theta)
    same(problem.ours(Adagrad(0.3, 0.1)), np.array(path), 1e-12)


def test_optax_without_a_floor(problem, same):
    """Optax has ε inside of the root and starts s at 0.1 unless told not to."""
    peer = from_optax(optax.adagrad(0.3, initial_accumulator_value=0.0, eps=0.0))
    same(problem.ours(Adagrad(0.3, 0.0)), problem.ours(peer), 1e-10)


def test_pytorch(problem, same):
    peer = problem.torch(lambda optim, theta: optim.Adagrad(theta, lr=0.3, eps=0.1))
    same(problem.ours(Adagrad(0.3, 0.1)), peer, 1e-10)


def test_rates_never_increase(x64):
    """Δ/g = -α / (√s + ε), on heavy-tailed gradients."""
    gradients = jnp.asarray(np.random.default_rng(3).standard_t(2, size=(300, 5)))
    method = Adagrad(0.3, 0.1)

    def step(state, g):
        state, update = method.step(state, g, g)
        return state, -update / g

    rates = jax.lax.scan(step, method.init(gradients[0]), gradients)[1]
    assert np.all(rates > 0) and np.all(np.diff(rates, axis=0) <= 1e-15)


def test_regret(problem):
    """Σ gᵀ(θ - θ*) ≤ (D² / (2 α) + α) Σᵢ √sᵢ for every θ*, D the largest distance of a coordinate along the path (ε = 0)."""
    α, path = 0.3, problem.ours(Adagrad(0.3, 0.0))
    at = np.vstack([problem.start, path[:-1]])
    gradients = np.array([problem.gradient(θ, t) for t, θ in enumerate(at)])
    roots = np.sqrt(np.sum(gradients**2, axis=0))
    for seed in range(5):
        best = np.random.default_rng(seed).normal(size=6)
        D = np.abs(at - best).max()
        assert np.sum(gradients * (at - best)) <= (D**2 / (2 * α) + α) * roots.sum()
