"""Least squares against scikit-learn and the pseudo-inverse."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.classical.linear import least_squares
from gradiens.classical.linear.least_squares import fit_linear, shortest
from gradiens.core.check import Mistake

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 4)) * [1.0, 10.0, 0.1, 3.0] + [0.0, 5.0, -2.0, 1.0]
Y = X @ [1.0, -2.0, 30.0, 0.0] + 7 + rng.normal(size=60)


@pytest.fixture(params=["svd", "gram"])
def path(request, monkeypatch):
    """Both ways to the same minimiser."""
    monkeypatch.setattr(least_squares, "DIRECT", np.inf if request.param == "svd" else 0)
    monkeypatch.setattr(least_squares, "ROWS", 7)


def test_equals_sklearn(path):
    from sklearn.linear_model import LinearRegression

    ours, peer = fit_linear(X, Y), LinearRegression().fit(X, Y)
    np.testing.assert_allclose(ours.w, peer.coef_, rtol=1e-9)
    np.testing.assert_allclose(ours.b, peer.intercept_, rtol=1e-9)
    np.testing.assert_allclose(ours.predict(X), peer.predict(X), rtol=1e-9)
    assert ours.rank == 4


def test_penalty_equals_ridge(path):
    from sklearn.linear_model import Ridge

    ours, peer = fit_linear(X, Y, l2=0.3), Ridge(alpha=0.3 * len(X)).fit(X, Y)
    np.testing.assert_allclose(ours.w, peer.coef_, rtol=1e-9)
    np.testing.assert_allclose(ours.b, peer.intercept_, rtol=1e-9)


def test_dependent_and_constant_columns_give_the_shortest(path):
    x = np.hstack([X, X[:, :1] - 2 * X[:, 3:], np.full((60, 1), 4.0)])
    ours = fit_linear(x, Y)
    centred = x - x.mean(0)
    np.testing.assert_allclose(ours.w, np.linalg.pinv(centred, rcond=1e-10) @ (Y - Y.mean()), rtol=1e-6, atol=1e-9)
    assert ours.rank == 4


def test_several_targets_are_several_fits(path):
    both = fit_linear(X, np.stack([Y, Y**2], 1), l2=0.1)
    for m, target in enumerate((Y, Y**2)):
        one = fit_linear(X, target, l2=0.1)
        np.testing.assert_allclose(both.w[:, m], one.w, rtol=1e-12)
        np.testing.assert_allclose(both.b[m], one.b, rtol=1e-12)


def test_more_columns_than_rows(path):
    x = rng.normal(size=(5, 9))
    ours = fit_linear(x, x[:, 0])
    np.testing.assert_allclose(ours.predict(x), x[:, 0], atol=1e-10)
    assert ours.rank == 4  # five rows, less one for the mean


def test_shortest_of_rank_one():
    g = np.outer([1.0, 2.0], [1.0, 2.0])
    w, rank = shortest(g, np.array([[5.0], [10.0]]))
    np.testing.assert_allclose(w, [[1.0], [2.0]], atol=1e-12)
    assert rank == 1


@pytest.mark.parametrize(("x", "y", "l2"), [(X, Y[:-1], 0), (X * np.nan, Y, 0), (X, Y, -1), (Y, Y, 0)])
def test_bad_input(x, y, l2):
    with pytest.raises(Mistake):
        fit_linear(x, y, l2)
