"""AMSGrad against Reddi, Kale & Kumar's Algorithm 2, Optax, PyTorch, and their example on which Adam goes the wrong way."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax

from gradiens.optim.adam import Adam
from gradiens.optim.amsgrad import AMSGrad
from gradiens.optim.optax_bridge import from_optax

LOUD = {"lr": 0.2, "beta": 0.6, "gamma": 0.7, "eps": 0.1}


def test_oracle(problem, same):
    x, m, v, v_hat, path = problem.start, np.zeros(6), np.zeros(6), np.zeros(6), []
    for t in range(len(problem.noise)):
        g = problem.gradient(x, t)
        m = 0.6 * m + (1 - 0.6) * g
        v = 0.7 * v + (1 - 0.7) * g**2
        v_hat = np.maximum(v_hat, v)
        x = x - 0.2 * m / (np.sqrt(v_hat) + 0.1)
        path.append(x)
    same(problem.ours(AMSGrad(**LOUD)), np.array(path), 1e-12)


def test_optax_without_corrections(problem, same):
    off = {"bias_correction_mu": False, "bias_correction_nu": False}
    peer = from_optax(optax.amsgrad(0.2, b1=0.6, b2=0.7, eps=0.1, **off))
    same(problem.ours(AMSGrad(**LOUD)), problem.ours(peer), 1e-10)


def test_pytorch(problem, same):
    """PyTorch corrects after the maximum: the same path when step t has the step size α (1-βᵗ)/√(1-γᵗ), the floor ε/√(1-γᵗ)."""

    def undo(group, t):
        root = np.sqrt(1 - 0.7**t)
        group["lr"], group["eps"] = 0.2 * (1 - 0.6**t) / root, 0.1 / root

    peer = problem.torch(lambda optim, theta: optim.Adam(theta, betas=(0.6, 0.7), amsgrad=True), undo)
    same(problem.ours(AMSGrad(**LOUD)), peer, 1e-10)


def moved(method, gradients):
    step = lambda state, g: method.step(state, g, g)  # noqa: E731
    return np.asarray(jax.lax.scan(step, method.init(gradients[0]), gradients)[1])


def test_rates_never_increase_and_adams_do(x64):
    """Δ/v' without memory of the mean, on heavy-tailed gradients."""
    gradients = jnp.asarray(np.random.default_rng(3).standard_t(2, size=(300, 5)))
    rates = -moved(AMSGrad(0.3, 0.0, 0.9, 0.1), gradients) / gradients
    assert np.all(rates > 0) and np.all(np.diff(rates, axis=0) <= 1e-15)
    assert np.any(np.diff(-moved(Adam(0.3, 0.0, 0.9, 0.1), gradients) / gradients, axis=0) > 0.01)


def test_where_adam_goes_the_wrong_way(x64):
    """Gradients C, -1, -1, C, -1, -1 … of a mean above 0: the cost falls to the left. With β = 0, γ = 1/(1+C²) Adam goes
    right in every round of three (their Theorem 1), AMSGrad left."""
    C = 4.0
    gradients = jnp.tile(jnp.asarray([C, -1.0, -1.0]), 50)
    rounds = lambda method: moved(method, gradients).reshape(50, 3).sum(axis=1)  # noqa: E731
    knobs = {"lr": 0.1, "beta": 0.0, "gamma": 1 / (1 + C**2), "eps": 1e-12}
    assert np.all(rounds(Adam(**knobs)) > 0)
    assert np.all(rounds(AMSGrad(**knobs)) < 0)
