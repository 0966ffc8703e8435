"""Saliency: of a linear classifier the weights, of a quadratic its gradient; blurred by noise."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.interpret.saliency import saliency, smooth_saliency

W = np.random.default_rng(0).normal(size=(3, 4, 5))


def linear(x):
    return jnp.einsum("kij,ij->k", W, x)


@pytest.mark.parametrize("c", [0, 2])
def test_of_a_linear_classifier_it_is_the_size_of_the_weights_everywhere(x64, c):
    for seed in range(3):
        x = jax.random.normal(jax.random.key(seed), (4, 5))
        np.testing.assert_allclose(saliency(linear, x, c), np.abs(W[c]), rtol=1e-14)
        drawn = smooth_saliency(linear, x, jax.random.key(9), c, sigma=2.0, draws=3)
        np.testing.assert_allclose(drawn, np.abs(W[c]), rtol=1e-14)


def test_of_a_quadratic_it_is_the_gradient_and_the_noise_cancels_on_average(x64):
    A = np.diag([1.0, -2.0, 0.5])
    f = lambda x: x @ A @ x / 2  # noqa: E731
    x = jnp.array([1.0, 2.0, -3.0])
    np.testing.assert_allclose(saliency(f, x), [1.0, 4.0, 1.5], rtol=1e-14)
    σ, n = 0.3, 400
    drawn = smooth_saliency(f, x, jax.random.key(0), sigma=σ, draws=n)
    assert np.all(np.abs(drawn - np.array([1.0, 4.0, 1.5])) < 4 * σ * np.array([1.0, 2.0, 0.5]) / np.sqrt(n))
    np.testing.assert_allclose(smooth_saliency(f, x, jax.random.key(0), sigma=0.0), [1.0, 4.0, 1.5], rtol=1e-14)


def test_the_noise_is_averaged_before_the_size_is_taken(x64):
    """f = |x| at 0: the derivatives ±1 cancel, their sizes would not."""
    drawn = smooth_saliency(lambda x: jnp.abs(x)[0], jnp.zeros(1), jax.random.key(1), sigma=1.0, draws=1001)
    assert 0 < float(drawn[0]) < 4 / np.sqrt(1001)


def test_bad_input():
    for options in ({"sigma": -1.0}, {"draws": 0}):
        with pytest.raises(Mistake, match="one draw or more"):
            smooth_saliency(linear, jnp.ones((4, 5)), jax.random.key(0), 0, **options)
