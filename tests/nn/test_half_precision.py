"""Mixed precision: products in half precision, everything else as it was."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.module import buffers, join, named_leaves, parts
from gradiens.interpret.layers import feature_maps
from gradiens.nn.batched import infer, on_batch
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.convolutions.conv_transpose2d import ConvTranspose2d
from gradiens.nn.convolutions.pool import Flatten
from gradiens.nn.dense import Dense
from gradiens.nn.half_precision import HalfPrecision
from gradiens.nn.lsuv import lsuv
from gradiens.nn.normalisation.batch_norm import BatchNorm

RNG = np.random.default_rng(0)


def rounded(array):
    """To the 8 bits of bfloat16, to the nearest even, kept in single precision."""
    bits = np.ascontiguousarray(array, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)


def test_a_dense_layer_by_hand():
    W, b, x = (RNG.normal(size=size).astype(np.float32) for size in ((2, 3), 2, 3))
    y = HalfPrecision(Chain.make(Dense(jnp.asarray(W), jnp.asarray(b))))(jnp.asarray(x))
    expected = rounded(rounded(W) @ rounded(x)) + b
    np.testing.assert_allclose(y, expected, rtol=2**-7)
    assert y.dtype == jnp.float32 and not np.allclose(y, W @ x + b, rtol=1e-6)


@pytest.mark.parametrize("format", ["bfloat16", "float16"])
def test_the_bias_is_added_in_single_precision(format):
    """Products of small whole numbers are exact; 0.001 would be lost beside them, and 1e5 is beyond float16."""
    x, b = jnp.array([[1.0, 2.0], [-3.0, 1.0]]), jnp.array([0.001, 1e5], jnp.float32)
    W, ones = jnp.array([[1.0, 2.0], [3.0, -1.0]]), jnp.ones((2, 1, 1, 1))
    dense, conv = Dense(W, b), Conv2d(ones, b)
    up = ConvTranspose2d(ones.reshape(1, 2, 1, 1), b)
    half = lambda layer: HalfPrecision(Chain.make(layer), format)  # noqa: E731
    for layer, X in ((dense, x), (conv, x.reshape(2, 1, 1, 2)), (up, x.reshape(2, 1, 1, 2))):
        np.testing.assert_array_equal(half(layer)(X[0]), layer(X[0]))
        np.testing.assert_array_equal(infer(half(layer), X), infer(layer, X))


def test_tools_see_its_layers(x64):
    """Maps of every layer, and weights scaled as those of the network itself."""
    one, two = jax.random.split(jax.random.key(1))
    network = Chain.make(Dense.make(3, 4, one), "tanh", Dense.make(4, 2, two))
    X = jnp.asarray(RNG.normal(size=(8, 3)))
    seen = feature_maps(HalfPrecision(network), X[0])
    assert [one.output.shape for one in seen] == [(4,), (4,), (2,)]
    np.testing.assert_array_equal(seen[0].output, HalfPrecision(Chain(network.blocks[:1]))(X[0]))
    scaled, expected = lsuv(HalfPrecision(network), X), lsuv(network, X)
    assert isinstance(scaled, HalfPrecision)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-13), scaled.network, expected)


def test_training_keeps_parameters_averages_and_gradients_in_single_precision():
    key = jax.random.key(0)
    network = Chain.make(Conv2d.make(1, 2, 3, key), BatchNorm.make(2), "relu", Flatten(), Dense.make(32, 2, key))
    X = jnp.asarray(RNG.normal(size=(4, 1, 4, 4)), jnp.float32)
    half = HalfPrecision(network)
    (Y, after), (exact, _) = on_batch(half, X), on_batch(network, X)
    assert Y.dtype == jnp.float32 and 0 < float(jnp.abs(Y - exact).max()) < 0.1 * float(jnp.abs(exact).max())
    assert all(leaf.dtype == jnp.float32 for leaf in named_leaves(after).values())
    assert not np.allclose(buffers(after)[0], 0)
    theta, kept, rest = parts(half)
    g = jax.grad(lambda theta: jnp.sum(on_batch(join(theta, kept, rest), X)[0] ** 2))(theta)
    assert all(leaf.dtype == jnp.float32 and np.any(np.asarray(leaf)) for leaf in jax.tree.leaves(g))


def test_bad_input():
    with pytest.raises(Mistake, match="bfloat16 or float16, got float8"):
        HalfPrecision(Chain.make("relu"), "float8")
    with pytest.raises(Mistake, match=r"a network of layers, got Dense; put a layer into a chain"):
        HalfPrecision(Dense.make(2, 2, jax.random.key(0)))
