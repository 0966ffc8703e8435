"""The estimators of the gradient noise scale are unbiased, over all samples there are; and against sample covariances."""

from __future__ import annotations

import itertools

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.optim.noise_scale import noise_scale, signal_and_noise

GRADIENTS = np.random.default_rng(0).normal(1.0, 2.0, size=(4, 3))  # of the four examples there are


def mean_square(size):
    """E |g|² over all samples of `size` examples with replacement."""
    samples = itertools.product(range(4), repeat=size)
    return np.mean([np.sum(GRADIENTS[list(rows)].mean(axis=0) ** 2) for rows in samples])


@pytest.mark.parametrize(("b", "B"), [(1, 2), (2, 5), (1, 4)])
def test_unbiased(x64, b, B):
    signal, noise = signal_and_noise(jnp.asarray(mean_square(b)), jnp.asarray(mean_square(B)), b, B)
    np.testing.assert_allclose(signal, np.sum(GRADIENTS.mean(axis=0) ** 2), rtol=1e-12)
    np.testing.assert_allclose(noise, np.trace(np.cov(GRADIENTS.T, ddof=0)), rtol=1e-12)


def test_from_the_gradients_of_examples(x64):
    """tr S / (|ḡ|² - tr S / n), S the sample covariance with divisor n-1."""
    g = np.random.default_rng(1).normal(0.5, 1.0, size=(50, 6))
    trace = np.trace(np.cov(g.T))
    tree = {"W": jnp.asarray(g[:, :4]).reshape(50, 2, 2), "b": jnp.asarray(g[:, 4:]), "none": None}
    np.testing.assert_allclose(noise_scale(tree), trace / (np.sum(g.mean(axis=0) ** 2) - trace / 50), rtol=1e-12)


def test_no_noise(x64):
    assert noise_scale(jnp.ones((5, 3))) == pytest.approx(0, abs=1e-14)


def test_bad_sizes():
    with pytest.raises(Mistake, match="two batch sizes 0 < b < B, got b = 4, B = 4"):
        signal_and_noise(jnp.ones(()), jnp.ones(()), 4, 4)
    for few in (jnp.ones((1, 3)), jnp.ones(()), {}):
        with pytest.raises(Mistake, match="at least two examples"):
            noise_scale(few)
