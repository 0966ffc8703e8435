"""Gradients accumulated over minibatches: one step is that of the mean gradient; nothing moves before."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.optim.accumulation import accumulated
from gradiens.optim.adam import Adam
from gradiens.optim.schedule_free import ScheduleFree
from gradiens.optim.sgd import SGD
from gradiens.optim.solution import solution

G = np.random.default_rng(0).normal(size=(6, 3))


def path(method, gradients, theta):
    state, seen = method.init_tree(theta), []
    step = jax.jit(method.step_tree)
    for g in gradients:
        state, update = step(state, jax.tree.map(jnp.asarray, g), theta)
        theta = jax.tree.map(jnp.add, theta, update)
        seen.append(theta)
    return seen, state


def test_every_third_minibatch_steps_by_the_mean(x64):
    theta = {"a": jnp.ones(3)}
    ours, _ = path(accumulated(Adam(lr=0.3, beta=0.5, eps=0.1), 3), [{"a": g} for g in G], theta)
    theirs, _ = path(Adam(lr=0.3, beta=0.5, eps=0.1), [{"a": g} for g in G.reshape(2, 3, 3).mean(1)], theta)
    expected = [theta["a"]] * 2 + [theirs[0]["a"]] * 3 + [theirs[1]["a"]]
    np.testing.assert_allclose(np.stack([t["a"] for t in ours]), np.stack(expected), rtol=1e-12)


def test_the_mean_is_clipped_and_not_each_gradient(x64):
    theta, long = {"a": jnp.zeros(2)}, np.array([[30.0, 0.0], [-30.0, 8.0]])
    ours, _ = path(accumulated(SGD(lr=1.0), 2, clip=2.0), [{"a": g} for g in long], theta)
    np.testing.assert_allclose(ours[-1]["a"], [0, -2], atol=1e-12)


def test_the_solution_of_the_method_is_read_through_it(x64):
    theta = {"a": jnp.ones(3)}
    method = ScheduleFree(lr=0.3)
    ours, state = path(accumulated(method, 2), [{"a": g} for g in G], theta)
    theirs, plain = path(method, [{"a": g} for g in G.reshape(3, 2, 3).mean(1)], theta)
    np.testing.assert_allclose(solution(state, ours[-1])["a"], solution(plain, theirs[-1])["a"], rtol=1e-12)


def test_of_one_it_is_the_method_and_of_none_a_mistake():
    method = SGD()
    assert accumulated(method, 1) is method
    with pytest.raises(Mistake, match="at least 1"):
        accumulated(method, 0)
