"""Monomials against scikit-learn and the binomial count."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from gradiens.classical.features.polynomial_features import exponents, polynomial_features
from gradiens.core.check import Mistake


@pytest.mark.parametrize(("p", "degree"), [(1, 3), (2, 1), (2, 8), (3, 4)])
def test_equals_sklearn_and_count(p, degree):
    from sklearn.preprocessing import PolynomialFeatures

    x = np.random.default_rng(p).normal(size=(20, p))
    ours = polynomial_features(x, degree)
    assert ours.shape[1] == comb(p + degree, degree) == len(exponents(p, degree))
    np.testing.assert_allclose(ours, PolynomialFeatures(degree).fit_transform(x), rtol=1e-12)


def test_by_hand():
    np.testing.assert_array_equal(polynomial_features(np.array([[2.0, 3.0]]), 2), [[1, 2, 3, 4, 6, 9]])


def test_bad_input():
    with pytest.raises(Mistake, match="shape"):
        polynomial_features(np.ones(3), 2)
    with pytest.raises(Mistake, match="degree"):
        exponents(2, -1)
