"""Dense: W x + b."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.module import count
from gradiens.nn.dense import Dense


def test_affine_map(x64):
    rng = np.random.default_rng(0)
    W, b, x = rng.normal(size=(2, 3)), rng.normal(size=2), rng.normal(size=3)
    expected = [sum(W[i, j] * x[j] for j in range(3)) + b[i] for i in range(2)]
    np.testing.assert_allclose(Dense(jnp.asarray(W), jnp.asarray(b))(jnp.asarray(x)), expected, rtol=1e-12)
    np.testing.assert_allclose(Dense(jnp.asarray(W), None)(jnp.asarray(x)), np.array(expected) - b, rtol=1e-12)


def test_make():
    layer = Dense.make(3, 2, jax.random.key(0))
    assert (layer.W.shape, layer.b.shape) == ((2, 3), (2,))
    assert jnp.all(layer.b == 0)
    assert jnp.all(layer.W != 0)
    assert jnp.all(Dense.make(3, 2, jax.random.key(0), "zeros").W == 0)
    assert count(layer) == 8
    assert count(Dense.make(3, 2, jax.random.key(0), bias=False)) == 6


def test_flops():
    assert Dense.make(3, 2, jax.random.key(0)).flops == 2 * 3 * 2
    assert Dense.make(3, 2, jax.random.key(0), bias=False).flops == 2 * 3 * 2 - 2


def test_mistakes():
    with pytest.raises(Mistake, match="did you mean 'glorot'"):
        Dense.make(3, 2, jax.random.key(0), "glorott")
    with pytest.raises(Mistake, match="at least one input and one unit, got 0 → 2"):
        Dense.make(0, 2, jax.random.key(0))
