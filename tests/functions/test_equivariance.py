"""Equivariance: circular convolution against the transform, and errors that see what commutes and what does not."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.functions.convolution import convolve
from gradiens.functions.equivariance import circular_convolve, equivariance_error, shifted

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("k", [2, 3])
def test_circular_convolution_by_the_transform(x64, k):
    W, x = RNG.normal(size=(3, 2, k, k)), RNG.normal(size=(2, 5, 6))
    wide = np.zeros((3, 2, 5, 6))
    wide[:, :, :k, :k] = W
    wide = np.roll(wide, (-((k - 1) // 2),) * 2, (2, 3))  # the middle of the window at (0, 0)
    products = np.conj(np.fft.fft2(wide)) * np.fft.fft2(x)[None]
    expected = np.fft.ifft2(products.sum(1)).real
    np.testing.assert_allclose(circular_convolve(jnp.asarray(W), jnp.asarray(x)), expected, rtol=1e-10, atol=1e-12)


def test_errors_see_the_border(x64):
    W, x = (jnp.asarray(RNG.normal(size=size)) for size in ((3, 2, 3, 3), (2, 6, 6)))
    move = lambda x: shifted(x, (2, 1))  # noqa: E731
    assert equivariance_error(lambda x: circular_convolve(W, x), x, move, move) < 1e-12
    assert equivariance_error(lambda x: convolve(W, x, padding=1), x, move, move) > 0.1
    assert equivariance_error(lambda x: jnp.max(circular_convolve(W, x), (1, 2)), x, move) < 1e-12
    assert equivariance_error(jnp.sum, jnp.ones(3), lambda x: 2 * x) == pytest.approx(1)
