"""One description of a network, for an example and for a batch: both against the layers by hand."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from gradiens.core.module import buffers
from gradiens.nn.batched import infer, on_batch
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.convolutions.pool import Flatten, MaxPool
from gradiens.nn.dense import Dense
from gradiens.nn.normalisation.batch_norm import BatchNorm
from gradiens.nn.over_views import OverViews

RNG = np.random.default_rng(0)


def network():
    one, two = jax.random.split(jax.random.key(0))
    inner = Chain.make(Conv2d.make(2, 3, 3, one), BatchNorm.make(3))
    return Chain.make(inner, "relu", MaxPool(2), Flatten(), Dense.make(12, 2, two))


def test_a_batch_trains_by_its_own_averages(x64):
    chain, X = network(), jnp.asarray(RNG.normal(size=(5, 2, 4, 4)))
    conv, norm = chain.blocks[0].blocks
    Z = np.stack([np.asarray(conv(x)) for x in X])
    m, v = Z.mean((0, 2, 3)), Z.var((0, 2, 3))
    z = np.maximum((Z - m[:, None, None]) / np.sqrt(v + 1e-5)[:, None, None], 0)
    pooled = z.reshape(5, 3, 2, 2, 2, 2).max((3, 5)).reshape(5, -1)
    Y, after = on_batch(chain, X)
    np.testing.assert_allclose(Y, pooled @ np.asarray(chain.blocks[-1].W).T, rtol=1e-10, atol=1e-12)
    moved = after.blocks[0].blocks[1]
    np.testing.assert_allclose(moved.mean, 0.1 * m, rtol=1e-10)
    np.testing.assert_allclose(moved.var, 0.9 + 0.1 * v, rtol=1e-10)
    assert jax.tree.structure(after) == jax.tree.structure(chain)
    np.testing.assert_array_equal(norm.mean, 0)  # the network itself is as it was


def test_an_example_goes_by_the_running_averages(x64):
    chain, x = network(), jnp.asarray(RNG.normal(size=(2, 4, 4)))
    _, after = on_batch(chain, x[None])
    before, now = chain(x), after(x)
    assert not np.allclose(before, now)
    assert len(buffers(after)) == 2


class Noise(Dense):
    def __call__(self, x, key=None):
        return x if key is None else x + jax.random.normal(key, x.shape)

    def on_batch(self, X, key=None):
        return self(X, key), self


def test_each_layer_has_a_key_of_its_own():
    layer = Noise.make(2, 2, jax.random.key(0))
    chain, X = Chain.make(layer, layer), jnp.zeros((3, 2))
    np.testing.assert_array_equal(chain.on_batch(X)[0], 0)
    one, two = (chain.on_batch(X, jax.random.key(k))[0] for k in (1, 2))
    single = layer(X, key=jax.random.key(1))
    assert not np.allclose(one, two)
    assert not np.allclose(one, 2 * single)  # were the two layers given one key
    np.testing.assert_array_equal(chain.on_batch(X, jax.random.key(1))[0], one)
    np.testing.assert_array_equal(chain(X[0]), 0)
    assert np.any(np.asarray(chain(X[0], key=jax.random.key(1))))


def test_inference_on_a_batch_is_that_of_its_examples(x64):
    chain, X = network(), jnp.asarray(RNG.normal(size=(5, 2, 4, 4)))
    _, moved = on_batch(chain, X)
    np.testing.assert_allclose(infer(moved, X), jax.vmap(moved)(X), rtol=1e-12, atol=1e-14)
    assert not np.allclose(infer(moved, X), on_batch(moved, X)[0])


def test_a_layer_that_is_called_twice_keeps_both_averages(x64):
    """As in PyTorch: each call moves the running averages on from where the one before left them."""
    rng = np.random.default_rng(5)
    X = 3 * rng.normal(size=(8, 2)) + 5
    norm = BatchNorm.make(2)
    after = on_batch(Chain.make(norm, norm), jnp.asarray(X))[1].blocks
    mean, var = 0.0, 1.0
    for Z in (X, (X - X.mean(0)) / np.sqrt(X.var(0) + 1e-5)):
        mean, var = 0.9 * mean + 0.1 * Z.mean(0), 0.9 * var + 0.1 * Z.var(0)
    for block in after:
        np.testing.assert_allclose(block.mean, mean, rtol=1e-12)
        np.testing.assert_allclose(block.var, var, rtol=1e-12)


def test_views_of_a_picture_move_the_averages_one_after_the_other(x64):
    norm = BatchNorm.make(1, memory=0.5)
    network = OverViews(Chain.make(norm, Flatten(), Dense.make(4, 2, jax.random.key(0))))
    X = jax.random.normal(jax.random.key(1), (3, 1, 2, 2)) + 4
    after = on_batch(network, X)[1].network.blocks[0]
    np.testing.assert_allclose(after.mean, [0.75 * np.mean(X)], rtol=1e-12)  # mirrored pictures have the same mean
    np.testing.assert_allclose(after.var, [0.25 + 0.75 * np.var(X)], rtol=1e-12)
