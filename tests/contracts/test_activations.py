"""What every activation of the catalogue must do."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.catalogue import members

ACTIVATIONS = {name: entry.what for name, entry in members("activation").items()}
each = pytest.mark.parametrize("name", ACTIVATIONS)
Z = np.random.default_rng(2).normal(scale=2, size=(6, 5))


@each
@pytest.mark.parametrize("dtype", [jnp.float32, jnp.float64])
@pytest.mark.parametrize("shape", [(5,), (6, 5)])
def test_keeps_shape_and_dtype(x64, name, dtype, shape):
    out = ACTIVATIONS[name](jnp.asarray(Z[0] if len(shape) == 1 else Z, dtype))
    assert (out.shape, out.dtype) == (shape, dtype)


@each
def test_compiled_and_mapped_equal_eager(x64, name):
    f, z = ACTIVATIONS[name], jnp.asarray(Z)
    np.testing.assert_allclose(jax.jit(f)(z), f(z), rtol=1e-13)
    np.testing.assert_allclose(jax.vmap(f)(z), jnp.stack([f(row) for row in z]), rtol=1e-13)


@each
def test_derivative_is_the_finite_difference(x64, name):
    f, v, h = ACTIVATIONS[name], jnp.asarray(Z[1]), 1e-5
    for z in jnp.asarray(Z[2:]):
        _, along = jax.jvp(f, (z,), (v,))
        np.testing.assert_allclose(along, (f(z + h * v) - f(z - h * v)) / (2 * h), rtol=1e-6, atol=1e-8)


@each
@pytest.mark.parametrize("x", [1e4, -1e4, 0.0])
def test_finite_far_out_with_its_derivatives(name, x):
    for value in value_and_derivatives(name)(jnp.asarray([x, 1.0, -x, x / 2])):
        assert np.all(np.isfinite(value))


@functools.cache
def value_and_derivatives(name):
    f = ACTIVATIONS[name]
    slope = jax.jacobian(f)
    return jax.jit(lambda z: (f(z), slope(z), jax.jacobian(slope)(z)))


@each
def test_lets_nan_through(name):
    assert jnp.isnan(ACTIVATIONS[name](jnp.asarray([jnp.nan, 1.0]))[0])
