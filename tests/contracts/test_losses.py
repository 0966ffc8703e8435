"""What every loss of the catalogue must do."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.catalogue import members
from gradiens.functions.losses import example

LOSSES = {name: entry.what for name, entry in members("loss").items()}
each = pytest.mark.parametrize("name", LOSSES)


def examples(name, n=5, seed=0):
    return jax.vmap(lambda key: example(LOSSES[name], key))(jax.random.split(jax.random.key(seed), n))


@each
def test_one_number_of_the_predictions_dtype(x64, name):
    y_hat, y = example(LOSSES[name], jax.random.key(0))
    for dtype in (jnp.float32, jnp.float64):
        value = LOSSES[name](y_hat.astype(dtype), y)
        assert (value.shape, value.dtype) == ((), dtype)


@each
def test_not_negative(name):
    assert jnp.all(jax.vmap(LOSSES[name])(*examples(name, 100)) >= 0)


@each
def test_compiled_and_mapped_equal_eager(x64, name):
    loss, (y_hat, y) = LOSSES[name], examples(name)
    eager = jnp.stack([loss(a, b) for a, b in zip(y_hat, y, strict=True)])
    np.testing.assert_allclose(jax.vmap(loss)(y_hat, y), eager, rtol=1e-13)
    np.testing.assert_allclose(jax.jit(loss)(y_hat[0], y[0]), eager[0], rtol=1e-13)


@each
def test_gradient_is_the_finite_difference(x64, name):
    loss, h = LOSSES[name], 1e-5
    for y_hat, y in zip(*examples(name), strict=True):
        v = jax.random.normal(jax.random.key(9), y_hat.shape)
        slope = jnp.sum(jax.grad(loss)(y_hat, y) * v)
        difference = (loss(y_hat + h * v, y) - loss(y_hat - h * v, y)) / (2 * h)
        assert float(slope) == pytest.approx(float(difference), rel=1e-6, abs=1e-9)


@each
@pytest.mark.parametrize("size", [1e4, -1e4, 0.0])
def test_finite_far_out(name, size):
    y_hat, y = example(LOSSES[name], jax.random.key(1))
    signs = jnp.where(jnp.arange(y_hat.size).reshape(y_hat.shape) % 2 == 0, 1.0, -1.0)
    value, slope = jax.value_and_grad(LOSSES[name])(size * signs, y)
    assert jnp.isfinite(value)
    assert jnp.all(jnp.isfinite(slope))


@each
def test_descent_on_the_prediction_reaches_the_target(x64, name):
    """The loss falls along its own gradient: its sign is right."""
    loss, (y_hat, y) = LOSSES[name], example(LOSSES[name], jax.random.key(2))
    g = jax.grad(loss)(y_hat, y)
    assert float(loss(y_hat - 0.01 * g, y)) < float(loss(y_hat, y))
