"""Toeplitz and circulant matrices: against SciPy, and against the convolutions that they are."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg

from gradiens.core.check import Mistake
from gradiens.functions.signals.structured import circulant, toeplitz

RNG = np.random.default_rng(1)


@pytest.mark.parametrize(("m", "n"), [(3, 5), (5, 3), (1, 4), (4, 1)])
def test_toeplitz_is_scipys(m, n):
    b, x = RNG.normal(size=m), RNG.normal(size=n)
    column, row = np.concatenate([b, np.zeros(n - 1)]), np.concatenate([b[:1], np.zeros(n - 1)])
    np.testing.assert_array_equal(toeplitz(b, n), scipy.linalg.toeplitz(column, row))
    np.testing.assert_allclose(toeplitz(b, n) @ x, np.convolve(b, x), rtol=1e-12, atol=1e-12)


def test_a_circulant_is_diagonal_in_the_fourier_basis():
    b = RNG.normal(size=5)
    np.testing.assert_array_equal(circulant(b), scipy.linalg.circulant(b))
    F = scipy.linalg.dft(5)
    np.testing.assert_allclose(F @ circulant(b) @ np.linalg.inv(F), np.diag(np.fft.fft(b)), rtol=1e-10, atol=1e-12)


def test_bad_input():
    with pytest.raises(Mistake, match="one number or more"):
        circulant(np.ones((2, 2)))
    with pytest.raises(Mistake, match="one column or more, got 0"):
        toeplitz(np.ones(3), 0)
