"""The gradient bandit: its rule replayed by hand, its gradient, and what it learns."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.rl.gradient_bandit import GradientBandit, fit_gradient_bandit

MEANS = np.array([1.0, 2.0, 3.0])


def test_the_rule_replayed_on_its_own_actions_and_rewards():
    """Sutton and Barto (2018), equation 2.12, with the baseline of the steps before."""
    found = fit_gradient_bandit(MEANS, steps=40, lr=0.3, noise=0.7, seed=3)
    h, mean = np.zeros(3), 0.0
    for t, (a, r) in enumerate(zip(found.actions, found.rewards), 1):
        π = np.exp(h) / np.exp(h).sum()
        for k in range(3):
            h[k] += 0.3 * (r - mean) * (1 - π[k]) if k == a else -0.3 * (r - mean) * π[k]
        mean += (r - mean) / t
    np.testing.assert_allclose(found.h, h, rtol=1e-10)
    np.testing.assert_allclose(found.policy, np.exp(h) / np.exp(h).sum(), rtol=1e-10)


def test_the_expected_step_is_the_gradient_of_the_expected_reward(x64):
    h = jnp.array([0.3, -0.2, 0.5])
    π = jax.nn.softmax(h)
    exact = jax.grad(lambda h: jax.nn.softmax(h) @ MEANS)(h)
    np.testing.assert_allclose(exact, π * (MEANS - π @ MEANS), rtol=1e-12)
    agent = GradientBandit(jnp.asarray(MEANS), 1.0, 0.5)
    state = agent.init(h)._replace(mean=jnp.asarray(1.7))
    steps = jax.jit(jax.vmap(lambda key: agent.step(state, key)[0].h - h))(jax.random.split(jax.random.key(0), 20_000))
    error = np.std(steps, axis=0) / np.sqrt(len(steps))
    assert np.all(np.abs(np.mean(steps, axis=0) - exact) < 4 * error)


def test_rewards_are_those_of_the_arms():
    found = fit_gradient_bandit(MEANS, steps=200, noise=0.0)
    np.testing.assert_allclose(found.rewards, MEANS[found.actions], rtol=1e-12)
    assert set(found.actions.tolist()) == {0, 1, 2}


def test_the_best_arm_is_found_on_all_of_five_seeds():
    policies = [fit_gradient_bandit(MEANS, steps=2000, lr=0.1, seed=seed).policy for seed in range(5)]
    assert np.all(np.array(policies)[:, 2] > 0.9)


def test_bad_input():
    with pytest.raises(Mistake, match="two arms or more"):
        fit_gradient_bandit(np.array([1.0]))
    with pytest.raises(Mistake, match="two arms or more"):
        fit_gradient_bandit(np.array([1.0, np.nan]))
    with pytest.raises(Mistake, match="lr"):
        fit_gradient_bandit(MEANS, lr=-1.0)
