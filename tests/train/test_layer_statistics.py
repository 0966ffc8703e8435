"""Statistics of the layers: by hand on a perceptron and a chain, and what a deep network's are."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.module import join, split
from gradiens.functions.losses import categorical_cross_entropy
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.convolutions.pool import Flatten, MaxPool
from gradiens.nn.dense import Dense
from gradiens.nn.mlp import MLP
from gradiens.nn.normalisation.batch_norm import BatchNorm
from gradiens.nn.tabular import Tabular
from gradiens.train.layer_statistics import layer_names, layer_statistics
from gradiens.train.training import batch_cost

RNG = np.random.default_rng(0)
LOSS = categorical_cross_entropy
Y = jnp.int32([0, 2, 1, 1])


def statistics(model, loss, X, y, update=None):
    """As one program."""
    return eqx.filter_jit(layer_statistics)(model, loss, X, y, update)


def stacked(rows):
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *rows)


def test_a_perceptron_by_hand(x64):
    W1, W2 = RNG.normal(size=(5, 4)), RNG.normal(size=(3, 5))
    b1, b2 = np.array([-100.0, 0.5, 0, 0, -100]), np.zeros(3)  # the first and last units are never on
    model = MLP((Dense(*map(jnp.asarray, (W1, b1))), Dense(*map(jnp.asarray, (W2, b2)))), "relu")
    X = RNG.normal(size=(4, 4))
    X[:, 3] = 0
    theta, _ = split(model)
    update = jax.tree.map(lambda leaf: -0.01 * leaf, theta)
    found = statistics(model, LOSS, jnp.asarray(X), Y, update)
    assert layer_names(model, jnp.asarray(X)) == ["layers.0", "layers.1"]
    z1 = X @ W1.T + b1
    z2 = np.maximum(z1, 0) @ W2.T
    np.testing.assert_allclose(found.mean, [z1.mean(), z2.mean()], rtol=1e-12)
    np.testing.assert_allclose(found.rms, [np.sqrt((z1**2).mean()), np.sqrt((z2**2).mean())], rtol=1e-12)
    dead = np.mean(np.all(z1 <= 0, axis=0))
    assert dead >= 0.4
    np.testing.assert_allclose(found.dead, [dead, 0], rtol=1e-12)
    np.testing.assert_allclose(found.saturated, [(z1 < 0).mean(), np.nan], rtol=1e-12)
    np.testing.assert_allclose(found.update, 0.01, rtol=1e-12)
    delta = np.exp(z2) / np.exp(z2).sum(1, keepdims=True) - np.eye(3)[Y]  # softmax - one hot
    last = np.concatenate([(delta.T @ np.maximum(z1, 0)).ravel(), delta.sum(0)]) / 4
    back = (delta @ W2) * (z1 > 0)
    first = np.concatenate([(back.T @ X).ravel(), back.sum(0)]) / 4
    np.testing.assert_allclose(found.gradient, [np.linalg.norm(first), np.linalg.norm(last)], rtol=1e-11)


def test_a_chain_with_maps_and_a_chain_in_it(x64):
    one, two = jax.random.split(jax.random.key(0))
    inner = Chain.make(BatchNorm.make(2), "tanh", MaxPool(2), Flatten())
    model = Chain.make(Conv2d.make(1, 2, 3, one), inner, Dense.make(8, 3, two))
    X = jnp.asarray(10 * RNG.normal(size=(4, 1, 4, 4)))
    assert layer_names(model, X) == ["blocks.0", "blocks.1.blocks.0", "blocks.2"]
    found = statistics(model, LOSS, X, Y)
    Z, _ = model.blocks[1].blocks[0].on_batch(jax.vmap(model.blocks[0])(X))
    np.testing.assert_allclose(found.rms[1], jnp.sqrt(jnp.mean(Z**2)), rtol=1e-12)
    slope = 1 - np.tanh(np.asarray(Z)) ** 2
    np.testing.assert_allclose(found.saturated, [np.nan, (slope < 0.01).mean(), np.nan], rtol=1e-12)
    assert np.all(np.isnan(found.update)) and np.all(np.asarray(found.dead) == 0)
    theta, rest = split(model)
    g = jax.grad(lambda theta: batch_cost(LOSS, join(theta, rest), X, Y)[0])(theta)
    expected = jnp.sqrt(jnp.sum(g.blocks[0].W ** 2) + jnp.sum(g.blocks[0].b ** 2))
    np.testing.assert_allclose(found.gradient[0], expected, rtol=1e-11)


def test_categories_and_models_that_show_no_layers(x64):
    model = Tabular.example(jax.random.key(0))[0]
    rows = stacked([Tabular.example(jax.random.key(seed))[1] for seed in range(4)])
    names = layer_names(model, rows)
    assert names == ["embeddings.0", "embeddings.1", "body.layers.0", "body.layers.1"]
    found = statistics(model, lambda z, y: jnp.sum((z - 1.0) ** 2), rows, Y)
    assert np.all(np.asarray(found.gradient) > 0) and np.all(np.asarray(found.rms) > 0)
    dense = Dense.make(4, 3, jax.random.key(1))
    alone = statistics(dense, LOSS, jnp.asarray(RNG.normal(size=(4, 4))), Y)
    assert np.isnan(alone.rms).all() and alone.gradient.shape == (1,) and float(alone.gradient[0]) > 0


@pytest.mark.parametrize(("std", "fades"), [(0.01, True), (np.sqrt(2 / 64), False)])
def test_signals_fade_through_small_weights(std, fades):
    model = MLP.make((64,) * 9, jax.random.key(0), init=lambda key, shape: std * jax.random.normal(key, shape))
    X = jax.random.normal(jax.random.key(1), (16, 64))
    found = statistics(model, LOSS, X, jnp.zeros(16, jnp.int32))
    assert (float(found.rms[-1] / found.rms[0]) < 1e-4) == fades
