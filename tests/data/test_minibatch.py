"""The order of the rows: every row once an epoch, a pure function of (seed, step)."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradiens.core.check import Mistake
from gradiens.data.minibatch import Minibatches


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 40), st.integers(1, 50), st.integers(0, 3), st.integers(0, 30), st.integers(0, 30))
def test_any_window_of_steps_is_the_same_order(n, batch, seed, start, length):
    whole = Minibatches(n, batch, seed)(0, start + length)
    window = Minibatches(n, batch, seed)(start, start + length)
    assert window.shape == (length, min(n, batch)) and window.dtype == np.int32
    np.testing.assert_array_equal(window, whole[start:])


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 40), st.integers(1, 50), st.integers(0, 3))
def test_the_stream_is_one_permutation_after_another(n, batch, seed):
    feed = Minibatches(n, batch, seed)
    stream = feed(0, 3 * feed.steps_per_epoch).ravel()
    for epoch in np.split(stream[: 3 * n], 3):
        assert sorted(epoch) == list(range(n))
    assert sorted(set(feed(0, feed.steps_per_epoch).ravel())) == list(range(n))


def test_epochs_and_seeds_differ_and_an_epoch_is_shuffled():
    orders = [Minibatches(100, 100, seed)(e, e + 1)[0] for seed in (0, 1) for e in (0, 1)]
    assert len({order.tobytes() for order in [*orders, np.arange(100, dtype=np.int32)]}) == 5


def test_order_is_philox_keyed_by_seed_and_epoch():
    """The promise that a run of today resumes tomorrow: the generator and its key."""
    key = np.array([7, 2], dtype=np.uint64)
    expected = np.random.Generator(np.random.Philox(key=key)).permutation(10)
    np.testing.assert_array_equal(Minibatches(10, 5, 7)(4, 6).ravel(), expected)


def test_an_epoch_of_mnist_costs_nothing_beside_training():
    feed = Minibatches(60_000, 64)
    start = time.process_time()
    for step in range(0, 938, 20):
        feed(step, step + 20)
    assert time.process_time() - start < 0.2  # a few ms alone


def test_mistakes():
    with pytest.raises(Mistake):
        Minibatches(0, 5)
    with pytest.raises(Mistake, match="batch of 0"):
        Minibatches(5, 0)
    with pytest.raises(Mistake, match="seed"):
        Minibatches(5, 5, -1)
