"""GRADIENT BANDIT: choose among K arms by a softmax policy, and ascend the expected reward by its stochastic gradient.

    π = softmax(h),  a ~ π,  r the reward of arm a
    h' = h + α (r - r̄) (e_a - π)
    r̄' = r̄ + (r - r̄) / t

(r - r̄) (e_a - π) is an unbiased estimate of the gradient of E r in h, whose entries are π_a (μ_a - E r); the mean reward r̄
before step t, the baseline, changes no expectation and lowers the variance.

Book: 1.2, 10.5.  Source: Williams (1992); Sutton & Barto (2018), section 2.8.
"""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.core.check import Mistake
from gradiens.core.iterate import iterate
from gradiens.core.keys import root_key
from gradiens.core.module import Module, knob


class State(NamedTuple):
    """Preferences h, the mean reward r̄, and the steps taken."""

    h: Float[Array, " K"]
    mean: Float[Array, ""]
    t: Int[Array, ""]


class Pull(NamedTuple):
    """The arm that was chosen and its reward."""

    action: Int[Array, ""]
    reward: Float[Array, ""]


class GradientBandit(Module):
    """The agent before K arms whose rewards are N(μ_a, noise).

    Book: 1.2, 10.5.  Source: Williams (1992); Sutton & Barto (2018), section 2.8.
    """

    means: Float[Array, " K"]
    lr: float = knob(0.1, 1e-6, 10.0, "log", "step size α")
    noise: float = knob(1.0, 0.0, 100.0, says="standard deviation of the rewards of an arm")

    def init(self, h: Float[Array, " K"]) -> State:
        """Before the first step, with preferences h (zeros: every arm is equally likely)."""
        h = jnp.asarray(h)
        return State(h, jnp.zeros((), h.dtype), jnp.int32(0))

    def step(self, state: State, key: Array) -> tuple[State, Pull]:
        """Pull one arm and learn from its reward."""
        α, h, mean = self.lr, state.h, state.mean
        choose, draw = jax.random.split(key)
        π = self.policy(h)
        a = jax.random.categorical(choose, h)
        r = self.means[a] + self.noise * jax.random.normal(draw, dtype=h.dtype)
        t = state.t + 1
        h = h + α * (r - mean) * (jax.nn.one_hot(a, len(h), dtype=h.dtype) - π)
        mean = mean + (r - mean) / t.astype(h.dtype)
        return State(h, mean, t), Pull(a, r)

    @staticmethod
    def policy(h: Float[Array, " K"]) -> Float[Array, " K"]:
        """π, the probability of each arm."""
        return jax.nn.softmax(h)


@dataclasses.dataclass(frozen=True)
class BanditFit:
    """What was learned and how: preferences, the policy they make, and the arms and rewards of every step."""

    h: Float[np.ndarray, " K"]
    policy: Float[np.ndarray, " K"]
    actions: Int[np.ndarray, " T"]
    rewards: Float[np.ndarray, " T"]


def fit_gradient_bandit(
    means: Float[np.ndarray, " K"], steps: int = 1000, lr: float = 0.1, noise: float = 1.0, seed: int = 0
) -> BanditFit:
    """Let the agent learn for `steps` pulls of arms with these mean rewards.

    Raises `Mistake` for fewer than two arms, means that are not finite, or knobs out of their range.

    Book: 1.2, 10.5.
    """
    means = np.asarray(means, np.float64)
    if means.ndim != 1 or len(means) < 2 or not np.isfinite(means).all():
        raise Mistake("finite mean rewards of two arms or more", f"shape {means.shape}")
    with jax.enable_x64(True):
        agent = GradientBandit(jnp.asarray(means), lr, noise)
        done = iterate(agent, np.zeros(len(means)), steps=steps, key=root_key(seed), keep=None, quiet=True)
        policy = np.asarray(agent.policy(done.state.h))
    return BanditFit(np.asarray(done.state.h), policy, np.asarray(done.trace.action), np.asarray(done.trace.reward))
