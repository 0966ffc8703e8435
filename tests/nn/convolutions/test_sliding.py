"""A network of windows slid over a picture: window by window, and as one convolution."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.module import count
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.convolutions.pool import Flatten, GlobalAverage, MaxPool
from gradiens.nn.convolutions.sliding import as_convolution, slid, stride_of, window_answers
from gradiens.nn.dense import Dense

KEY = jax.random.key(0)


@jax.jit
def windowed(key):
    """3 × 3, pool, 2 × 2, two dense layers, on windows of 10 × 10: maps of 8, 4, 3, then 27, 5 and 3 numbers."""
    one, two, three, four = jax.random.split(key, 4)
    head = Chain.make(Flatten(), Dense.make(27, 5, three), "tanh", Dense.make(5, 3, four))
    return Chain.make(
        Conv2d.make(1, 2, 3, one, padding=0), "tanh", MaxPool(2), Conv2d.make(2, 3, 2, two, padding=0), head
    )


def test_a_dense_layer_slid_over_maps_by_hand(x64):
    rng = np.random.default_rng(0)
    layer, h = Dense(jnp.asarray(rng.normal(size=(2, 27))), jnp.array([0.5, -1])), rng.normal(size=(3, 5, 6))
    found = as_convolution(layer, (3, 3, 3))(jnp.asarray(h))
    W, b = np.asarray(layer.W), np.asarray(layer.b)
    expected = [[W @ h[:, i : i + 3, j : j + 3].ravel() + b for j in range(4)] for i in range(3)]
    np.testing.assert_allclose(found, np.moveaxis(expected, -1, 0), rtol=1e-12)


def test_a_network_slid_over_a_picture_is_a_convolution(x64):
    network = windowed(KEY)
    whole = slid(network, (1, 10, 10))
    x = jnp.asarray(np.random.default_rng(1).normal(size=(1, 14, 18)))
    found, each, one = jax.jit(lambda x: (whole(x), window_answers(network, x, 10), network(x[:, 2:12, 4:14])))(x)
    assert stride_of(network) == 2 and found.shape == (3, 3, 5) and count(whole) == count(network)
    np.testing.assert_allclose(found, each, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(found[:, 1, 2], one, rtol=1e-10)


def test_what_cannot_slide_is_told():
    conv, dense = Conv2d(jnp.ones((2, 1, 3, 3)), None, padding=1), Dense(jnp.ones((2, 32)), None)
    bare = Conv2d(jnp.ones((2, 1, 3, 3)), None)
    for network, says in (
        (Chain.make(conv, Flatten(), dense), "without padding"),
        (Chain.make(bare, GlobalAverage(), dense), "GlobalAverage"),
        (Chain.make(bare, Flatten(), Dense(jnp.ones((2, 8)), None), "softmax"), "each number, got softmax"),
        (Chain.make("log_softmax", bare), "each number, got log_softmax"),
        (Chain.make(bare, MaxPool(2, ceil=True)), "pools of full windows"),
    ):
        with pytest.raises(Mistake, match=says):
            slid(network, (1, 4, 4))
    with pytest.raises(Mistake, match="maps of 32 numbers"):
        as_convolution(dense, (2, 2, 7))
