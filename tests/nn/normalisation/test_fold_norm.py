"""Batch normalisation folded into its neighbours: the same outputs from fewer layers."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.convolutions.pool import Flatten
from gradiens.nn.dense import Dense
from gradiens.nn.normalisation.batch_norm import BatchNorm
from gradiens.nn.normalisation.fold_norm import fold, fold_before, folded

RNG = np.random.default_rng(0)


def norm(n):
    γ, β, μ = RNG.normal(size=(3, n))
    return BatchNorm(*map(jnp.asarray, (γ, β, μ, RNG.uniform(0.3, 2, n))), 0.1)


def dense(n_in, n_out, bias=True):
    return Dense(jnp.asarray(RNG.normal(size=(n_out, n_in))), jnp.asarray(RNG.normal(size=n_out)) if bias else None)


def conv(n_in, n_out, bias=True):
    b = jnp.asarray(RNG.normal(size=n_out)) if bias else None
    return Conv2d(jnp.asarray(RNG.normal(size=(n_out, n_in, 3, 3))), b, 1, 1, (4, 5))


@pytest.mark.parametrize("bias", [True, False])
def test_into_the_layer_before_and_behind(x64, bias):
    x, maps = jnp.asarray(RNG.normal(size=4)), jnp.asarray(RNG.normal(size=(2, 4, 5)))
    layer, n, m, window, of_maps = dense(4, 3, bias), norm(3), norm(4), conv(2, 3, bias), norm(3)
    np.testing.assert_allclose(fold(layer, n)(x), n(layer(x)), rtol=1e-12)
    np.testing.assert_allclose(fold_before(m, layer)(x), layer(m(x)), rtol=1e-12)
    np.testing.assert_allclose(fold(window, of_maps)(maps), of_maps(window(maps)), rtol=1e-11, atol=1e-12)


def test_a_whole_chain(x64):
    inner = Chain.make(conv(3, 2), norm(2), "relu")
    chain = Chain.make(
        norm(2), conv(2, 3, bias=False), norm(3), "relu", inner, Flatten(), norm(40), dense(40, 4), "tanh"
    )
    short = folded(chain)
    names = [type(block).__name__ for block in short.blocks]
    assert names == ["BatchNorm", "Conv2d", "Activate", "Chain", "Flatten", "Dense", "Activate"]  # the first pads zeros
    assert [type(block).__name__ for block in short.blocks[3].blocks] == ["Conv2d", "Activate"]
    for x in jnp.asarray(RNG.normal(size=(3, 2, 4, 5))):
        np.testing.assert_allclose(short(x), chain(x), rtol=1e-11, atol=1e-12)


def test_bad_input():
    layer = Dense.make(3, 2, jax.random.key(0))
    with pytest.raises(Mistake, match="as many units"):
        fold(layer, BatchNorm.make(3))
    with pytest.raises(Mistake, match="as many units"):
        fold_before(BatchNorm.make(2), layer)
    with pytest.raises(Mistake, match="a dense layer and a batch normalisation, got Conv2d"):
        fold_before(BatchNorm.make(2), Conv2d.make(2, 2, 3, jax.random.key(0)))
    with pytest.raises(Mistake, match="dense or convolutional layer"):
        fold(BatchNorm.make(2), layer)
