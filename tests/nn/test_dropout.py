"""Dropout: its two values, its expectation, its masks, and its rest at inference; and stochastic depth, its sibling."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.module import count
from gradiens.nn.batched import on_batch
from gradiens.nn.dropout import Dropout
from gradiens.nn.stochastic_depth import StochasticDepth

KEY = jax.random.key(3)
X = jnp.asarray(np.random.default_rng(0).normal(size=(500, 6)) + 3, jnp.float32)


def test_each_unit_is_silenced_or_divided_by_p():
    p = 0.25
    Y, after = on_batch(Dropout(p), X, KEY)
    kept = np.asarray(Y != 0)
    np.testing.assert_allclose(np.asarray(Y)[kept], np.asarray(X)[kept] / p, rtol=1e-6)
    assert abs(kept.mean() - p) < 4 * np.sqrt(p * (1 - p) / kept.size)
    assert isinstance(after, Dropout)
    y = Dropout(p)(X[0], key=KEY)
    assert set(np.round(np.asarray(y / X[0]), 4).tolist()) <= {0.0, 4.0}


def test_examples_and_units_have_masks_of_their_own():
    kept = np.asarray(on_batch(Dropout(0.5), X, KEY)[0] != 0).astype(float)
    together = np.corrcoef(kept.T) - np.eye(6)
    assert np.abs(together).max() < 5 / np.sqrt(500)
    assert len({row.tobytes() for row in kept}) > 50


def test_without_a_key_and_for_p_1_it_is_the_identity():
    np.testing.assert_array_equal(on_batch(Dropout(0.3), X)[0], X)
    np.testing.assert_array_equal(Dropout(0.3)(X[0]), X[0])
    np.testing.assert_array_equal(on_batch(Dropout(1.0), X, KEY)[0], X)


def test_whole_maps():
    maps = jnp.ones((40, 5, 3, 2))
    Y = np.asarray(on_batch(Dropout(0.5, whole=True), maps, KEY)[0])
    share = Y.mean((2, 3))
    assert set(np.unique(share)) == {0.0, 2.0}
    assert 0 < share.mean() < 2 and len({row.tobytes() for row in share}) > 10
    plain = np.asarray(on_batch(Dropout(0.5), maps, KEY)[0]).mean((2, 3))
    assert len(np.unique(plain)) > 2
    assert set(np.unique(np.asarray(Dropout(0.5, whole=True)(maps[0], key=KEY)).mean((1, 2)))) == {0.0, 2.0}


def test_stochastic_depth_silences_a_whole_branch_of_an_example():
    maps = jnp.ones((200, 5, 3, 2))
    Y = np.asarray(on_batch(StochasticDepth(0.25), maps, KEY)[0]).reshape(200, -1)
    assert set(np.unique(Y)) == {0.0, 4.0} and np.ptp(Y, axis=1).max() == 0
    assert abs((Y[:, 0] > 0).mean() - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 200)
    one = np.asarray(StochasticDepth(0.25)(maps[0], key=KEY))
    assert len(np.unique(one)) == 1
    np.testing.assert_array_equal(on_batch(StochasticDepth(0.25), maps)[0], maps)


def test_nothing_to_train_and_bad_input():
    assert count(Dropout()) == 0
    for bad in (0, 0.0, -0.1, 1.5):
        with pytest.raises(Mistake, match=r"keep|being kept"):
            Dropout(bad)
