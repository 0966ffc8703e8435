"""Splines against scikit-learn, random features against their kernel, kernel logistic regression against the plain one."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.classical.classifiers.kernel_logistic import fit_kernel_logistic, gaussian_kernel
from gradiens.classical.classifiers.logistic_regression import fit_logistic
from gradiens.classical.features.random_features import RandomFeatures
from gradiens.classical.features.spline_features import SplineFeatures
from gradiens.core.check import Mistake

rng = np.random.default_rng(10)
X = rng.normal(size=(120, 2)) * [1.0, 5.0]
NEW = rng.normal(size=(30, 2)) * [2.0, 9.0]  # some beyond the data
Y = np.argmax(np.stack([X[:, 0], X[:, 1] / 5, 0.2 - X[:, 0]], 1) + 0.5 * rng.gumbel(size=(120, 3)), axis=1)


@pytest.mark.parametrize(("knots", "degree"), [(5, 3), (2, 1), (4, 0), (7, 2)])
def test_splines_equal_sklearn(knots, degree):
    from sklearn.preprocessing import SplineTransformer

    ours = SplineFeatures.of(X, knots, degree)
    peer = SplineTransformer(knots, degree, knots="quantile", extrapolation="constant").fit(X)
    assert ours.per_variable == knots + degree - 1
    np.testing.assert_allclose(ours.apply(X), peer.transform(X), atol=1e-12)
    if degree:  # the peer raises for degree 0 beyond the data
        np.testing.assert_allclose(ours.apply(NEW), peer.transform(NEW), atol=1e-12)
    np.testing.assert_allclose(ours.apply(NEW)[:, : ours.per_variable].sum(1), 1, rtol=1e-12)


def test_hat_functions_by_hand():
    x = np.array([[0.0], [1.0], [2.0]])
    np.testing.assert_allclose(SplineFeatures.of(x, 3, 1).apply([[0.25], [2.0]]), [[0.75, 0.25, 0], [0, 0, 1]])


def test_random_features_are_the_kernel_on_average():
    """20,000 features: the inner products are within 5 standard errors, √(1/M) at most, of the kernel."""
    φ = RandomFeatures.draw(2, 20_000, gamma=0.3, seed=1).apply(X[:20])
    np.testing.assert_allclose(φ @ φ.T, gaussian_kernel(0.3)(X[:20], X[:20]), atol=5 / np.sqrt(20_000))


def test_random_features_by_hand():
    ours = RandomFeatures(np.array([[1.0, 2.0], [0.0, 0.5]]), np.array([0.1, 0.2]))
    np.testing.assert_allclose(ours.apply([[3.0, -1.0]]), [[np.cos(1.1), np.cos(-0.3)]])  # √(2/2) = 1
    a, b = RandomFeatures.draw(3, 5, seed=4), RandomFeatures.draw(3, 5, seed=4)
    np.testing.assert_array_equal(a.omega, b.omega)


def test_the_gaussian_kernel_is_its_formula():
    K = gaussian_kernel(0.7)(X[:5], NEW[:4])
    np.testing.assert_allclose(K, [[np.exp(-0.7 * np.sum((a - b) ** 2)) for b in NEW[:4]] for a in X[:5]], atol=1e-12)


def test_with_the_linear_kernel_it_is_ridge_regression():
    ours = fit_kernel_logistic(X, Y, 3, lambda a, b: a @ b.T, 0.02)
    plain = fit_logistic(X, Y, 3, 0.02)
    np.testing.assert_allclose(ours.predict_proba(NEW), plain.predict_proba(NEW), atol=1e-7)
    np.testing.assert_array_equal(ours.predict(NEW), plain.predict(NEW))
    np.testing.assert_allclose(ours.x.T @ ours.alpha, plain.w, atol=1e-6)


def test_the_optimum_satisfies_its_conditions():
    """(p - 1[y = k])/N + λ α = 0 for each row, as the representer theorem has it."""
    ours = fit_kernel_logistic(X, Y, 3, gaussian_kernel(0.1), 0.01, iterations=500, tolerance=1e-9)
    residual = (ours.predict_proba(X) - np.eye(3)[Y]) / len(X)
    np.testing.assert_allclose(gaussian_kernel(0.1)(X, X) @ (residual + 0.01 * ours.alpha), 0, atol=1e-6)
    assert ours.fit.converged and np.mean(ours.predict(X) == Y) > 0.7


def test_bad_input():
    with pytest.raises(Mistake, match="l2 above 0"):
        fit_kernel_logistic(X, Y, 3, gaussian_kernel(), 0.0)
    with pytest.raises(Mistake, match="positive semidefinite"):
        fit_kernel_logistic(X, Y, 3, lambda a, b: -(a @ b.T))
    with pytest.raises(Mistake, match="gamma"):
        gaussian_kernel(0.0)
    with pytest.raises(Mistake, match="finite"):
        fit_kernel_logistic(X * np.nan, Y, 3, gaussian_kernel())
    with pytest.raises(Mistake, match="fewer knots"):
        SplineFeatures.of(np.round(X), 40)
    with pytest.raises(Mistake, match="2 knots"):
        SplineFeatures.of(X, 1)
    with pytest.raises(Mistake, match="shape"):
        SplineFeatures.of(X).apply(X[:, :1])
    with pytest.raises(Mistake, match="shape"):
        RandomFeatures.draw(2, 3).apply(X[:, :1])
    with pytest.raises(Mistake, match="gamma"):
        RandomFeatures.draw(2, 3, gamma=-1.0)
