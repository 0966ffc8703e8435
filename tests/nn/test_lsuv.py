"""LSUV: after it every affine layer gives variance 1 on the data, whatever the inputs and the depth."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Failure, Mistake
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.convolutions.pool import Flatten, MaxPool
from gradiens.nn.dense import Dense
from gradiens.nn.lsuv import lsuv
from gradiens.nn.maxout import Maxout
from gradiens.nn.mlp import MLP

KEY = jax.random.key(0)


def outputs(network, X):
    """The outputs of every affine layer of an MLP, by NumPy."""
    a, found = np.asarray(X), []
    for layer in network.layers:
        found.append(a @ np.asarray(layer.W).T + np.asarray(layer.b))
        a = np.tanh(found[-1])
    return found


@pytest.mark.parametrize("key", [None, jax.random.key(1)])
def test_every_layer_has_variance_one(x64, key):
    network = MLP.make((6, 20, 20, 3), KEY, "tanh")
    X = 40 + 7 * jax.random.normal(KEY, (50, 6))  # far from any assumption
    after = lsuv(network, X, key)
    np.testing.assert_allclose([np.var(z) for z in outputs(after, X)], 1, rtol=1e-12)
    assert np.var(outputs(network, X)[0]) > 2
    if key is None:  # each weight is the old one times a number
        ratio = np.asarray(after.layers[1].W / network.layers[1].W)
        np.testing.assert_allclose(ratio, ratio[0, 0], rtol=1e-12)
    else:  # and here one times an orthogonal matrix
        W = np.asarray(after.layers[1].W)
        np.testing.assert_allclose(W @ W.T, (W @ W.T)[0, 0] * np.eye(20), atol=1e-12)


def test_convolutions_and_blocks_within_blocks(x64):
    inner = Chain.make(Conv2d.make(2, 4, 3, KEY), "relu", MaxPool(2))
    network = Chain.make(inner, Flatten(), Maxout.make(16, 5, KEY), Dense.make(5, 2, KEY))
    X = 3 * jax.random.normal(KEY, (10, 2, 4, 4))
    after = lsuv(network, X)
    (conv, _, pool), maxout, last = after.blocks[0].blocks, after.blocks[2], after.blocks[3]

    @jax.jit
    def outputs(X):
        Z = jax.vmap(conv)(X)
        flat = jax.vmap(pool)(jnp.maximum(Z, 0)).reshape(10, -1)
        pieces = [flat @ piece.W.T + piece.b[None] for piece in maxout.pieces]
        return [jnp.var(z) for z in (Z, *pieces, jnp.maximum(*pieces) @ last.W.T + last.b[None])]

    np.testing.assert_allclose(outputs(X), 1, rtol=1e-12)


def test_a_bias_is_scaled_too(x64):
    layer = Dense(jnp.asarray([[2.0, 0.0]]), jnp.asarray([6.0]))
    after = lsuv(MLP((layer,), "relu"), jnp.asarray([[1.0, 5.0], [-1.0, 7.0]]))
    np.testing.assert_allclose([after.layers[0].W[0, 0], after.layers[0].b[0]], [1.0, 3.0], rtol=1e-14)


def test_what_cannot_be_scaled():
    with pytest.raises(Failure, match="layer 1 do not vary"):
        lsuv(MLP.make((3, 2), KEY, init="zeros"), jnp.ones((4, 3)))
    with pytest.raises(Mistake, match="a network of layers"):
        lsuv(jnp.tanh, jnp.ones((4, 3)))
    with pytest.raises(Mistake, match="with weights"):
        lsuv(Chain.make("relu"), jnp.ones((4, 3)))
