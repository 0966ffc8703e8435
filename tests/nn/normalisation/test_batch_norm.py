"""Batch normalisation against its formulas, at loud parameters, and the identities of the book's section 5.6."""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.module import buffers, count
from gradiens.nn.dense import Dense
from gradiens.nn.normalisation.batch_norm import BatchNorm

RNG = np.random.default_rng(0)
X = 3 * RNG.normal(size=(6, 2)) + 1
γ, β, μ, V = RNG.normal(size=(4, 2)) ** 2 + 0.5
ε, ρ = 0.1, 0.3


@pytest.fixture
def layer(x64):
    return BatchNorm(*(jnp.asarray(a) for a in (γ, β, μ, V)), ε, ρ)


def test_inference(layer):
    np.testing.assert_allclose(layer(jnp.asarray(X[0])), γ * (X[0] - μ) / np.sqrt(V + ε) + β, rtol=1e-12)


def test_training(layer):
    Y, after = layer.on_batch(jnp.asarray(X))
    m, v = X.mean(0), ((X - X.mean(0)) ** 2).mean(0)
    np.testing.assert_allclose(Y, γ * (X - m) / np.sqrt(v + ε) + β, rtol=1e-12)
    np.testing.assert_allclose(after.mean, 0.3 * μ + 0.7 * m, rtol=1e-12)
    np.testing.assert_allclose(after.var, 0.3 * V + 0.7 * v, rtol=1e-12)
    for name in ("gamma", "beta", "eps", "memory"):
        np.testing.assert_array_equal(getattr(after, name), getattr(layer, name))


def test_the_batch_gets_mean_0_and_variance_below_1(x64):
    Y, _ = BatchNorm.make(2, ε).on_batch(jnp.asarray(X))
    v = X.var(0)
    np.testing.assert_allclose(jnp.mean(Y, axis=0), 0, atol=1e-15)
    np.testing.assert_allclose(jnp.var(Y, axis=0), v / (v + ε), rtol=1e-12)


def test_scale_and_shift_of_the_input_do_not_matter(x64):
    layer = BatchNorm.make(2, 0.0)
    Y, _ = layer.on_batch(jnp.asarray(X))
    np.testing.assert_allclose(layer.on_batch(jnp.asarray(7 * X - 3))[0], Y, rtol=1e-11)


def test_backward(layer):
    """The gradient goes through the batch's mean and variance: finite differences, and Σ dX = 0."""
    C = jnp.asarray(RNG.normal(size=(6, 2)))
    cost = lambda X: jnp.sum(C * layer.on_batch(X)[0] ** 2)  # noqa: E731
    g, U, h = jax.grad(cost)(jnp.asarray(X)), jnp.asarray(RNG.normal(size=(6, 2))), 1e-6
    difference = (cost(jnp.asarray(X) + h * U) - cost(jnp.asarray(X) - h * U)) / (2 * h)
    assert float(jnp.sum(g * U)) == pytest.approx(float(difference), rel=1e-7)
    np.testing.assert_allclose(jnp.sum(g, axis=0), 0, atol=1e-12)


def test_no_gradient_through_the_running_averages(layer):
    g = jax.grad(lambda X: jnp.sum(layer.on_batch(X)[1].mean + layer.on_batch(X)[1].var))(jnp.asarray(X))
    np.testing.assert_array_equal(g, 0)


def test_two_trained_numbers_a_unit():
    layer = BatchNorm.make(5)
    assert count(layer) == 10
    assert len(buffers(layer)) == 2


def test_counts_of_the_book():
    """784-128-64-10 with the inputs of all three layers normalised: 113,290 numbers, of which 111,338 are trained."""
    from gradiens.nn.summary import layer_table

    sizes, key = (784, 128, 64, 10), jax.random.key(0)
    model = [part for n, m in itertools.pairwise(sizes) for part in (BatchNorm.make(n), Dense.make(n, m, key, "zeros"))]
    table = layer_table(model)
    assert sum(row["parameters"] for row in table) == 113_290
    assert sum(row["trainable"] for row in table) == count(model) == 111_338


def test_one_number_a_unit_has_no_variance():
    """As PyTorch refuses it; one map of several pixels has one."""
    one = BatchNorm.make(2)
    for shape in ((1, 2), (1, 2, 1, 1)):
        with pytest.raises(Mistake, match="more than one number a unit"):
            one.on_batch(jnp.ones(shape))
    assert one.on_batch(jnp.ones((1, 2, 1, 2)))[0].shape == (1, 2, 1, 2)
