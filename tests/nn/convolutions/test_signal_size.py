"""Signals through random layers: the exact recursion for relu and a linear layer, the limit for tanh, and a draw by hand."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.functions.activations import identity, relu, tanh
from gradiens.nn.convolutions.signal_size import predicted, propagated


def test_prediction(x64):
    np.testing.assert_allclose(predicted(relu, 1.0, 4, 3.0), 3 * 0.5 ** np.arange(5), rtol=1e-12)
    np.testing.assert_allclose(predicted(relu, 4.0, 4), 2.0 ** np.arange(5), rtol=1e-12)
    np.testing.assert_allclose(predicted(identity, 1.5, 3), 1.5 ** np.arange(4), rtol=1e-12)
    z = np.linspace(-12, 12, 200_001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    by_sum = np.sum(np.tanh(np.sqrt(0.7) * z) ** 2 * density) * (z[1] - z[0])
    assert predicted(tanh, 0.7, 1)[1] == pytest.approx(by_sum, rel=1e-9)


def test_one_draw_by_hand(x64):
    key, width, c = jax.random.key(3), 5, (1.0, 3.0)
    found = propagated(tanh, c, 2, width, key)
    keys = jax.random.split(key, 3)
    for i, one in enumerate(c):
        a = np.asarray(jax.random.normal(keys[0], (1, width)))[0]
        np.testing.assert_allclose(found.a[i, 0], np.mean(a**2), rtol=1e-12)
        for layer in (1, 2):
            z = np.sqrt(one / width) * np.asarray(jax.random.normal(keys[layer], (width, width))) @ a
            a = np.tanh(z)
            np.testing.assert_allclose(found.z[i, layer - 1], np.mean(z**2), rtol=1e-12)
            np.testing.assert_allclose(found.a[i, layer], np.mean(a**2), rtol=1e-12)


def test_wide_layers_are_as_predicted():
    found = propagated(tanh, (1.0,), 5, 2000, jax.random.key(0), jnp.float32)
    assert found.a.dtype == jnp.float32
    np.testing.assert_allclose(found.a[0], predicted(tanh, 1.0, 5), rtol=0.1)


def test_bad_input():
    with pytest.raises(Mistake, match="at least one layer"):
        propagated(relu, (), 3, 4, jax.random.key(0))
