"""Descent: which θ the loss is taken at, which t the schedule sees, and where the clip acts."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from gradiens.core.check import Mistake
from gradiens.core.iterate import iterate
from gradiens.optim.adamw import AdamW
from gradiens.optim.descent import Descent
from gradiens.optim.momentum import Momentum
from gradiens.optim.schedules import Cosine
from gradiens.optim.sgd import SGD

START = {"a": jnp.asarray([3.0, 0.0]), "none": None, "b": jnp.asarray([-4.0])}


def cost(theta, shift):
    return jnp.sum((theta["a"] - shift) ** 2) / 2 + jnp.sum(theta["b"] ** 2) / 2


def steps(descent, n, start=START, shift=0.0):
    """θ (raveled) before each step, and each step's info."""
    state, thetas, infos = descent.init(start), [], []
    for _ in range(n):
        thetas.append(jnp.concatenate([state.theta["a"], state.theta["b"]]))
        state, info = descent.step(state, shift)
        infos.append(info)
    assert state.t == n
    assert state.theta["none"] is None
    return np.asarray(thetas), infos


def test_plain_step():
    thetas, infos = steps(Descent(cost, SGD(0.25)), 3)
    np.testing.assert_allclose(thetas, [[3, 0, -4], [2.25, 0, -3], [1.6875, 0, -2.25]], rtol=1e-6)
    np.testing.assert_allclose([info.loss for info in infos], [25 / 2, 225 / 32, 225 / 32 * 9 / 16], rtol=1e-6)
    assert infos[0].grad_norm is None


def test_the_input_reaches_the_loss():
    thetas, _ = steps(Descent(cost, SGD(0.5)), 2, shift=1.0)
    np.testing.assert_allclose(thetas[1], [2, 0.5, -2], rtol=1e-6)


def test_schedule_begins_at_zero():
    """Factors (1 + cos πt/4)/2 = 1, 0.8536, 0.5 on steps of a quarter."""
    thetas, _ = steps(Descent(cost, SGD(0.25), Cosine(4)), 4)
    factors = (1 + np.cos(np.pi * np.arange(3) / 4)) / 2
    np.testing.assert_allclose(thetas[1:, 2] / thetas[:-1, 2], 1 - 0.25 * factors, rtol=1e-6)


def test_clip_acts_on_the_gradient_and_reports_the_norm_before():
    thetas, infos = steps(Descent(cost, Momentum(0.5, 0.5), clip=2.0), 2)
    np.testing.assert_allclose(infos[0].grad_norm, 5, rtol=1e-6)
    np.testing.assert_allclose(thetas[1], [3 - 0.25 * 1.2, 0, -4 + 0.25 * 1.6], rtol=1e-6)


def test_the_optimizer_sees_the_parameters():
    """Without a gradient AdamW only shrinks θ, by αλ."""
    thetas, _ = steps(Descent(lambda theta, shift: 0 * cost(theta, shift), AdamW(0.5, decay=0.1)), 2)
    np.testing.assert_allclose(thetas[1], [3 * 0.95, 0, -4 * 0.95], rtol=1e-6)


def test_watch():
    _, infos = steps(Descent(cost, SGD(0.5), watch=True), 2)
    np.testing.assert_allclose([info.grad_norm for info in infos], [5, 2.5], rtol=1e-6)


@pytest.mark.parametrize("clip", [0, 0.0, float("inf"), None])
def test_clip_off(clip):
    assert Descent(cost, SGD(), clip=clip).clip is None


@pytest.mark.parametrize("clip", [-1.0, float("nan")])
def test_bad_clip(clip):
    with pytest.raises(Mistake, match="clip of at least 0"):
        Descent(cost, SGD(), clip=clip)


def test_no_leaf_of_the_state_appears_twice():
    """The loop donates the state: a buffer in two places would be given away twice."""
    leaves = jax.tree.leaves(Descent(cost, optax.adam(0.1)).init(START))
    pointers = [leaf.unsafe_buffer_pointer() for leaf in leaves]
    assert len(set(pointers)) == len(pointers)


def test_in_the_loop():
    outcome = iterate(Descent(lambda theta, t: cost(theta, 1.0), optax.sgd(0.25)), START, steps=50, quiet=True)
    np.testing.assert_allclose(outcome.state.theta["a"], [1, 1], rtol=1e-5)
    assert outcome.steps == int(outcome.state.t) == 50


def test_a_swept_step_size_and_clip_free_cost():
    lr = jnp.asarray([0.25, 0.5, 1.0])
    outcome = iterate(Descent(lambda theta, t: cost(theta, 0.0), SGD(lr)), START, steps=1, quiet=True)
    np.testing.assert_allclose(outcome.state.theta["b"][:, 0], [-3, -2, 0], atol=1e-6)
