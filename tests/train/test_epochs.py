"""An epoch as a step: every row once, in a new order; what is watched afterwards."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.iterate import iterate
from gradiens.optim.descent import Descent
from gradiens.optim.sgd import SGD
from gradiens.train.epochs import Epochs


def add(theta, rows):
    """With the cost -b Σ y and step 1, a step adds the sum of the y of its minibatch to b."""
    return -theta["b"] * jnp.sum(rows["y"])


def last(theta, watched):
    return theta["b"] + watched


def epochs(rows, batch):
    return Epochs(Descent(add, SGD(1.0)), {"y": jnp.asarray(rows, float)}, batch, last, jnp.asarray(100.0))


@pytest.mark.parametrize("batch", [1, 2, 3, 6, 50])
def test_every_row_once(x64, batch):
    algorithm = epochs([1, 2, 4, 8, 16, 32], batch)
    for key in jax.random.split(jax.random.key(0), 3):
        state, watched = algorithm.step(algorithm.init({"b": jnp.asarray(0.0)}), key)
        assert float(state.theta["b"]) == 63 and float(watched) == 163


def test_rows_left_over_wait(x64):
    """Of five rows in minibatches of two, one is left out of each epoch, not always the same."""
    algorithm = epochs([1, 2, 4, 8, 16], 2)
    keys = jax.random.split(jax.random.key(1), 20)
    left = {31 - float(algorithm.step(algorithm.init({"b": jnp.asarray(0.0)}), key)[0].theta["b"]) for key in keys}
    assert left <= {1, 2, 4, 8, 16} and len(left) > 2


def test_a_network_for_each_key(x64):
    algorithm = epochs([1, 2, 4, 8, 16], 2)
    keys = jax.random.split(jax.random.key(0), 4)
    done = iterate(algorithm, {"b": jnp.zeros(4)}, steps=3, key=keys, start_axis=0, keep=None, quiet=True)
    assert np.asarray(done.state.theta["b"]).shape == (4,) and done.trace.shape == (3, 4)


def test_the_mean_cost_of_the_minibatches(x64):
    """Of three rows, one a minibatch, the costs are -b y, and b grows by y: -1·0, -2·1, -4·3 in this order of the rows."""
    one = epochs([1, 2, 4], 1)
    algorithm = Epochs(one.descent, one.rows, 1, last, jnp.asarray(100.0), costs=True)
    key = jax.random.key(0)
    order = np.array([1, 2, 4])[np.asarray(jax.random.permutation(key, 3))]
    _, (watched, cost) = algorithm.step(algorithm.init({"b": jnp.asarray(0.0)}), key)
    before = np.cumsum(order) - order
    assert float(watched) == 107 and float(cost) == pytest.approx(np.mean(-before * order), rel=1e-14)
