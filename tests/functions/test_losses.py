"""Losses against Optax and scikit-learn, their gradients in closed form, and their stability."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import scipy.special as sp
from sklearn import metrics as sk

from gradiens.core.check import Mistake
from gradiens.functions import losses as C
from gradiens.functions.smoothed import smoothed_cross_entropy


@pytest.fixture
def rng(x64):
    return np.random.default_rng(5)


def test_squared(rng):
    y_hat, y = rng.normal(size=(2, 4))
    assert float(C.squared(y_hat[0], y[0])) == pytest.approx((y_hat[0] - y[0]) ** 2, rel=1e-14)
    assert float(C.squared(jnp.asarray(y_hat), jnp.asarray(y))) == pytest.approx(np.sum((y_hat - y) ** 2), rel=1e-14)
    np.testing.assert_allclose(jax.grad(C.squared)(jnp.asarray(y_hat), jnp.asarray(y)), 2 * (y_hat - y), rtol=1e-14)


def test_absolute(rng):
    y_hat, y = rng.normal(size=(2, 5))
    assert float(C.absolute(jnp.asarray(y_hat), jnp.asarray(y))) == pytest.approx(np.sum(np.abs(y_hat - y)), rel=1e-14)
    np.testing.assert_array_equal(jax.grad(C.absolute)(jnp.asarray(y_hat), jnp.asarray(y)), np.sign(y_hat - y))


@pytest.mark.parametrize("tau", [0.2, 0.5, 0.9])
def test_quantile_is_the_pinball_loss(rng, tau):
    y_hat, y = rng.normal(size=(2, 49))  # 49 τ is no whole number: the quantile is one
    ours = float(C.quantile(jnp.asarray(y_hat), jnp.asarray(y), tau))
    assert ours == pytest.approx(49 * sk.mean_pinball_loss(y, y_hat, alpha=tau), rel=1e-12)
    candidates = [float(C.quantile(jnp.full(49, q), jnp.asarray(y), tau)) for q in y]
    assert y[np.argmin(candidates)] == np.quantile(y, tau, method="inverted_cdf")


@pytest.mark.parametrize("delta", [0.5, 1.0])
def test_huber_is_that_of_optax(rng, delta):
    y_hat, y = jnp.asarray(3 * rng.normal(size=(2, 50)))
    ours = jax.vmap(lambda a, b: C.huber(a, b, delta))(y_hat, y)
    assert jnp.any(jnp.abs(y_hat - y) < delta)
    with jax.numpy_dtype_promotion("standard"):
        peer = optax.losses.huber_loss(y_hat, y, delta=delta)
    np.testing.assert_allclose(ours, peer, rtol=1e-12)
    np.testing.assert_allclose(C.huber(y_hat, y, delta), jnp.sum(ours), rtol=1e-12)
    slopes = jax.vmap(jax.grad(lambda a, b: C.huber(a, b, delta)))(y_hat, y)
    np.testing.assert_allclose(slopes, jnp.clip(y_hat - y, -delta, delta), rtol=1e-12)


def test_huber_is_at_most_half_the_square(rng):
    e = jnp.asarray(rng.normal(size=100))
    assert jnp.all(jax.vmap(C.huber)(e, jnp.zeros(100)) <= e**2 / 2 + 1e-15)


def test_binary_cross_entropy(rng):
    z, y = jnp.asarray(3 * rng.normal(size=50)), jnp.asarray(rng.integers(0, 2, 50))
    ours = jax.vmap(C.binary_cross_entropy)(z, y)
    peer = optax.sigmoid_binary_cross_entropy(z, y.astype(z.dtype))
    np.testing.assert_allclose(ours, peer, rtol=1e-12)
    assert float(jnp.mean(ours)) == pytest.approx(sk.log_loss(y, sp.expit(z)), rel=1e-12)
    slopes = jax.vmap(jax.grad(C.binary_cross_entropy))(z, y)
    np.testing.assert_allclose(slopes, sp.expit(np.asarray(z)) - np.asarray(y), rtol=1e-12)


def test_binary_cross_entropy_of_several_outputs_is_their_sum(rng):
    z, y = jnp.asarray(rng.normal(size=3)), jnp.asarray([0.0, 0.3, 1.0])
    parts = [float(C.binary_cross_entropy(a, b)) for a, b in zip(z, y, strict=True)]
    assert float(C.binary_cross_entropy(z, y)) == pytest.approx(sum(parts), rel=1e-14)


def test_binary_cross_entropy_curvature_at_zero(x64):
    assert float(jax.hessian(C.binary_cross_entropy)(0.0, 1)) == pytest.approx(0.25, rel=1e-14)


def test_categorical_cross_entropy(rng):
    z, y = jnp.asarray(3 * rng.normal(size=(50, 4))), jnp.asarray(rng.integers(0, 4, 50))
    ours = jax.vmap(C.categorical_cross_entropy)(z, y)
    np.testing.assert_allclose(ours, optax.softmax_cross_entropy_with_integer_labels(z, y), rtol=1e-12)
    assert float(jnp.mean(ours)) == pytest.approx(sk.log_loss(y, sp.softmax(np.asarray(z), axis=1)), rel=1e-12)
    slopes = jax.vmap(jax.grad(C.categorical_cross_entropy))(z, y)
    np.testing.assert_allclose(
        slopes, sp.softmax(np.asarray(z), axis=1) - np.eye(4)[np.asarray(y)], rtol=1e-11, atol=1e-16
    )


def test_a_masked_class_takes_no_part(rng):
    z = jnp.array([0.0, 1.0, -jnp.inf])
    value, slope = jax.jit(jax.value_and_grad(C.categorical_cross_entropy))(z, jnp.int32(0))
    assert float(value) == pytest.approx(np.log1p(np.e), rel=1e-14)
    np.testing.assert_allclose(slope, [1 / (1 + np.e) - 1, np.e / (1 + np.e), 0], rtol=1e-14)
    assert float(C.categorical_cross_entropy(z, jnp.int32(2))) == np.inf


@pytest.mark.parametrize("loss", [C.categorical_cross_entropy, smoothed_cross_entropy])
@pytest.mark.parametrize("code", [-1, 3, jnp.int32(3), np.nan])
def test_a_code_of_no_class_is_refused(loss, code):
    with pytest.raises(Mistake, match=r"0 … 2"):
        loss(jnp.zeros(3), code)


def test_two_classes_are_the_binary_case(rng):
    z = jnp.asarray(rng.normal(size=2))
    for y in (0, 1):
        two, one = C.categorical_cross_entropy(z, jnp.int32(y)), C.binary_cross_entropy(z[1] - z[0], y)
        assert float(two) == pytest.approx(float(one), rel=1e-13)


def test_no_gather_or_scatter_in_a_batch():
    batch = jax.vmap(jax.value_and_grad(C.categorical_cross_entropy))
    program = str(jax.make_jaxpr(batch)(jnp.zeros((64, 10)), jnp.zeros(64, jnp.int32)))
    assert "gather" not in program
    assert "scatter" not in program


@pytest.mark.parametrize("dtype", [np.int32, np.uint8, np.int8, np.float64, np.float32])
def test_targets_of_any_dtype(x64, dtype):
    """Tables hold codes and numbers in their own dtypes; the prediction's decides."""
    z = jnp.asarray([0.5, -1.0], jnp.float32)
    for loss in (C.squared, C.absolute, C.huber, C.quantile, C.binary_cross_entropy):
        value = loss(z[0], jnp.asarray(1, dtype))
        assert value.dtype == jnp.float32
        assert float(value) == pytest.approx(float(loss(z[0], 1.0)), rel=1e-6)
    assert float(C.categorical_cross_entropy(z, jnp.asarray(1, dtype))) == pytest.approx(
        np.log1p(np.exp(1.5)), rel=1e-6
    )


def test_exact_far_out():
    """In single precision, where the naive form has lost everything."""
    z = jnp.asarray([1e4, 1e4 - 2, 0.0])
    assert float(C.categorical_cross_entropy(z, jnp.int32(1))) == pytest.approx(2 + np.log1p(np.exp(-2)), rel=1e-6)
    assert float(C.categorical_cross_entropy(z, jnp.int32(2))) == pytest.approx(1e4 + np.log1p(np.exp(-2)), rel=1e-7)
    assert float(C.binary_cross_entropy(jnp.float32(-20), 0)) == pytest.approx(np.exp(-20), rel=1e-6)
    assert float(C.binary_cross_entropy(jnp.float32(1e4), 0)) == pytest.approx(1e4, rel=1e-6)


def test_each_loss_knows_its_task():
    tasks = {
        name: C.task(getattr(C, name))
        for name in ("squared", "absolute", "huber", "quantile", "binary_cross_entropy", "categorical_cross_entropy")
    }
    numbers = dict.fromkeys(("squared", "absolute", "huber", "quantile"), "number")
    assert tasks == {**numbers, "binary_cross_entropy": "binary", "categorical_cross_entropy": "classes"}
