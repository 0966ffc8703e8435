"""Weight standardisation: by hand, on dense and convolutional layers, and what the weights' scale and shift do not change."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.dense import Dense
from gradiens.nn.normalisation.weight_standardisation import WeightStandardised

RNG = np.random.default_rng(0)
ε = 0.1


def test_dense(x64):
    W, b, x = RNG.normal(size=(3, 4)) + 2, RNG.normal(size=3), RNG.normal(size=4)
    Ŵ = (W - W.mean(1, keepdims=True)) / np.sqrt(W.var(1, keepdims=True) + ε)
    layer = WeightStandardised(Dense(jnp.asarray(W), jnp.asarray(b)), ε)
    np.testing.assert_allclose(layer(jnp.asarray(x)), Ŵ @ x + b, rtol=1e-12)
    free = lambda W: WeightStandardised(Dense(jnp.asarray(W), jnp.asarray(b)), 0.0)(jnp.asarray(x))  # noqa: E731
    np.testing.assert_allclose(free(5 * W - 2), free(W), rtol=1e-11)


def test_a_kernel_is_standardised_over_maps_and_window(x64):
    torch = pytest.importorskip("torch", reason="PyTorch is a peer that is not installed everywhere")
    W, b, x = RNG.normal(size=(3, 2, 3, 3)) + 1, RNG.normal(size=3), RNG.normal(size=(2, 5, 4))
    layer = WeightStandardised(Conv2d(jnp.asarray(W), jnp.asarray(b), 1, 1, (5, 4)), ε)
    w = torch.tensor(W)
    m, v = w.mean((1, 2, 3), keepdim=True), w.var((1, 2, 3), correction=0, keepdim=True)
    expected = torch.nn.functional.conv2d(torch.tensor(x)[None], (w - m) / (v + ε).sqrt(), torch.tensor(b), padding=1)
    np.testing.assert_allclose(layer(jnp.asarray(x)), expected[0], rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(layer.plain().W, (w - m) / (v + ε).sqrt(), rtol=1e-12)


def test_work():
    layer = WeightStandardised(Dense.make(4, 3, jax.random.key(0)))
    assert layer.flops == 24 + 8 * 12
