"""Known noise is found, and no more than rounding where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.calculus.noise import noise_level

X = np.linspace(0.2, 1.0, 5)


@pytest.mark.parametrize("size", [1e-3, 1e-8])
def test_known_noise_within_a_factor_of_two(size):
    rng = np.random.default_rng(0)
    found = [noise_level(lambda x: np.sum(np.sin(x)) + size * rng.normal(), X, seed) for seed in range(5)]
    assert size / 2 < np.median(found) < 2 * size


def test_rounding_alone():
    f = lambda x: np.sum(np.exp(x))  # noqa: E731
    assert np.finfo(float).eps * f(X) <= noise_level(f, X) < 1e-14
    assert noise_level(lambda x: np.nan if x[0] != X[0] else 1.0, X) == np.finfo(float).eps
