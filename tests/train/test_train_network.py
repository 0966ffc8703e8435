"""Training on arrays: against the steps by hand, with batch normalisation; noise by the seed; what is wrong is said."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Failure, Mistake
from gradiens.core.module import join, parts
from gradiens.data.minibatch import Minibatches
from gradiens.functions.losses import categorical_cross_entropy
from gradiens.nn.chain import Chain
from gradiens.nn.dense import Dense
from gradiens.nn.normalisation.batch_norm import BatchNorm
from gradiens.optim.schedules import Cosine
from gradiens.optim.sgd import SGD
from gradiens.train.train_network import train_network
from gradiens.train.training import Batch, Cost, Training, batch_cost

RNG = np.random.default_rng(0)


def network():
    one, two = jax.random.split(jax.random.key(0))
    return Chain.make(Dense.make(4, 5, one), BatchNorm.make(5), "relu", Dense.make(5, 3, two))


@pytest.fixture
def data(x64):
    return jnp.asarray(RNG.normal(size=(20, 4))), np.arange(20) % 3


def by_hand(model, x, y, steps, order, lr):
    theta, buffers, rest = parts(model)
    losses = []
    for rows, η in zip(order(0, steps), np.broadcast_to(lr, steps), strict=True):

        def cost(theta, rows=rows, buffers=buffers):
            return batch_cost(categorical_cross_entropy, join(theta, buffers, rest), x[rows], jnp.asarray(y[rows]))

        (C, after), g = jax.value_and_grad(cost, has_aux=True)(theta)
        theta, buffers = jax.tree.map(lambda a, b: a - η * b, theta, g), parts(after)[1]
        losses.append(float(C))
    return join(theta, buffers, rest), losses


def test_the_steps_are_those_by_hand_and_the_running_averages_move(data):
    x, y = data
    trained, outcome = train_network(network(), x, y, categorical_cross_entropy, SGD(lr=0.3), 2, 8, seed=3)
    expected, losses = by_hand(network(), x, y, 6, Minibatches(20, 8, 3), 0.3)
    np.testing.assert_allclose(outcome.trace, losses, rtol=1e-10)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-13), trained, expected)
    assert np.all(np.asarray(trained.blocks[1].mean) != 0)


def test_a_schedule_times_the_step_size(data):
    x, y = data
    told = {"epochs": 2, "batch": 8, "seed": 3, "schedule": Cosine(6)}
    trained, outcome = train_network(network(), x, y, categorical_cross_entropy, SGD(lr=0.3), **told)
    rates = 0.3 * (1 + np.cos(np.pi * np.arange(6) / 6)) / 2
    expected, losses = by_hand(network(), x, y, 6, Minibatches(20, 8, 3), rates)
    np.testing.assert_allclose(outcome.trace, losses, rtol=1e-10)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-13), trained, expected)


def test_a_second_target_has_its_share_of_the_cost(data):
    x, y = data
    theta, buffers, rest = parts(network())
    y, other = jnp.asarray(y), jnp.asarray((y + 1) % 3)
    augment = lambda key, X, y: (X, y, other, 0.7)  # noqa: E731
    same = lambda x: x  # noqa: E731
    cost = lambda target: Cost(same, categorical_cross_entropy, rest)(theta, Batch((x, target), None, buffers))[0]  # noqa: E731
    mixed = Cost(same, categorical_cross_entropy, rest, augment)(theta, Batch((x, y), jax.random.key(0), buffers))[0]
    assert float(mixed) == pytest.approx(0.7 * float(cost(y)) + 0.3 * float(cost(other)), rel=1e-12)


def test_the_penalty_is_added(data):
    x, y = data
    theta, buffers, rest = parts(network())
    given = Batch((x, jnp.asarray(y)), None, buffers)
    plain, other = (
        Cost(lambda x: x, categorical_cross_entropy, rest, None, penalty)(theta, given)[0]
        for penalty in (None, lambda theta: 0.25 * jnp.sum(theta.blocks[0].W ** 2))
    )
    assert float(other - plain) == pytest.approx(0.25 * float(jnp.sum(theta.blocks[0].W ** 2)), rel=1e-10)


def test_noise_is_a_function_of_the_key_and_the_step(data):
    x, y = data
    seen = []

    def augment(key, X, y):
        return X + jax.random.normal(key, X.shape), y, None, 1.0

    for seed in (0, 0, 1):
        trained, _ = train_network(network(), x, y, categorical_cross_entropy, SGD(lr=0.1), 1, 20, seed, augment)
        seen.append(np.asarray(trained.blocks[0].W))
    np.testing.assert_array_equal(seen[0], seen[1])
    assert not np.allclose(seen[0], seen[2])


def test_it_can_be_ended_after_an_epoch_and_says_what_went_wrong(data):
    x, y = data
    _, outcome = train_network(
        network(), x, y, categorical_cross_entropy, epochs=5, batch=20, between=lambda model, epoch: epoch == 2
    )
    assert outcome.steps == 2
    with pytest.raises(Failure, match="diverged"):
        train_network(network(), x, y, lambda z, y: jnp.sum(z) * 1e308, SGD(lr=1.0), 3, 20)
    with pytest.raises(Mistake, match="one length"):
        train_network(network(), x[:3], y, categorical_cross_entropy)


def test_a_network_without_batches_of_its_own_trains_as_before(data):
    x, y = data
    plain = Dense.make(4, 3, jax.random.key(1))
    theta, buffers, rest = parts(plain)
    training = Training(None, x, y)
    assert training.key is None
    C, after = batch_cost(categorical_cross_entropy, join(theta, buffers, rest), x, jnp.asarray(y))
    each = [float(categorical_cross_entropy(plain(row), target)) for row, target in zip(x, y)]
    assert float(C) == pytest.approx(np.mean(each), rel=1e-12)
    assert after is not None
