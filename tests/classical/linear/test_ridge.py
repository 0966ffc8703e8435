"""Ridge regression against scikit-learn, the augmented problem, leaving one out by hand, and its theorems."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.classical.linear.ridge import augmented, fit_ridge, ridge_path
from gradiens.core.check import Mistake

rng = np.random.default_rng(3)
X = rng.normal(size=(40, 5)) @ (np.eye(5) + 0.5) + 3
Y = X @ [1.0, 0, -2.0, 0.5, 0] + 7 + rng.normal(size=40)
PENALTIES = [0.0, 0.1, 3.0, 100.0]


@pytest.mark.parametrize("intercept", [True, False])
def test_equals_sklearn(intercept):
    from sklearn.linear_model import Ridge

    path = ridge_path(X, Y, PENALTIES, intercept)
    for k, penalty in enumerate(PENALTIES):
        peer = Ridge(penalty, fit_intercept=intercept, solver="svd").fit(X, Y)
        np.testing.assert_allclose(path.w[k], peer.coef_, rtol=1e-8)
        np.testing.assert_allclose(path.b[k], peer.intercept_, rtol=1e-8, atol=1e-12)
        np.testing.assert_allclose(path.predict(X)[k], path[k].predict(X), rtol=1e-12)


def test_it_is_least_squares_on_augmented_data():
    ours = fit_ridge(X, Y, 3.0, intercept=False)
    np.testing.assert_allclose(ours.w, np.linalg.lstsq(*augmented(X, Y, 3.0))[0], rtol=1e-10)


def test_degrees_of_freedom_and_leaving_one_out():
    """Both from the definition: the trace of the matrix that maps y to ŷ, and 40 fits."""
    for intercept in (True, False):
        ours = fit_ridge(X, Y, 3.0, intercept)
        columns = [fit_ridge(X, e, 3.0, intercept).predict(X) for e in np.eye(40)]
        assert ours.degrees == pytest.approx(np.trace(columns), rel=1e-10)
        left = [
            Y[i] - fit_ridge(np.delete(X, i, 0), np.delete(Y, i), 3.0, intercept).predict(X[i : i + 1])[0]
            for i in range(40)
        ]
        assert ours.leave_one_out == pytest.approx(np.mean(np.square(left)), rel=1e-9)


def test_shrinks_to_zero():
    path = ridge_path(X, Y, np.logspace(-6, 12, 50))
    lengths = np.linalg.norm(path.w, axis=1)
    assert np.all(np.diff(lengths) < 0) and np.all(np.diff(path.degrees) < 0)
    np.testing.assert_allclose(path.w[0], np.linalg.lstsq(X - X.mean(0), Y - Y.mean())[0], rtol=1e-5)
    assert lengths[-1] < 1e-9 and path.b[-1] == pytest.approx(Y.mean(), rel=1e-8)


def test_without_penalty_dependent_columns_give_the_shortest():
    x = np.hstack([X, X[:, :1]])
    ours = fit_ridge(x, Y, 0.0)
    np.testing.assert_allclose(ours.w, np.linalg.pinv(x - x.mean(0), rcond=1e-10) @ (Y - Y.mean()), atol=1e-9)
    assert ours.degrees == pytest.approx(6)


@pytest.mark.parametrize(
    "bad", [{"x": X[0]}, {"y": Y[:-1]}, {"x": X * np.nan}, {"penalties": [-1.0]}, {"penalties": []}]
)
def test_bad_input(bad):
    with pytest.raises(Mistake):
        ridge_path(**{"x": X, "y": Y, "penalties": [1.0], **bad})
