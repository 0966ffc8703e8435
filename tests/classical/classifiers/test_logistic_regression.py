"""Logistic and softmax regression against scikit-learn, its optimality conditions, and separation."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.classical.classifiers import logistic_regression
from gradiens.classical.classifiers.logistic_regression import fit_logistic
from gradiens.core.check import Mistake

rng = np.random.default_rng(1)
X = rng.normal(size=(300, 5))
Y2 = (X @ [1.0, -1.0, 0.5, 0.0, 0.0] + rng.logistic(size=300) > 0.3).astype(int)
Y4 = np.argmax(X[:, :4] + rng.gumbel(size=(300, 4)), axis=1)


@pytest.fixture(params=["newton", "lbfgs"])
def path(request, monkeypatch):
    """Both solvers must reach the same optimum."""
    monkeypatch.setattr(logistic_regression, "NEWTON", 10**6 if request.param == "newton" else 0)


@pytest.mark.parametrize(("y", "classes"), [(Y2, 2), (Y4, 4)])
def test_equals_sklearn(path, y, classes):
    from sklearn.linear_model import LogisticRegression

    l2 = 0.05
    ours = fit_logistic(X, y, classes, l2, iterations=500)
    peer = LogisticRegression(C=1 / (l2 * len(X)), tol=1e-12, max_iter=5000).fit(X, y)
    w = ours.w[:, 1:].T if classes == 2 else ours.w.T  # scikit-learn, too, keeps one vector for two classes
    np.testing.assert_allclose(w, peer.coef_, atol=1e-6)
    np.testing.assert_allclose(ours.predict_proba(X), peer.predict_proba(X), atol=1e-6)
    assert ours.converged and ours.separated == "no"


@pytest.mark.parametrize(("y", "classes"), [(Y2, 2), (Y4, 4)])
def test_without_penalty_residuals_are_orthogonal_to_the_features(path, y, classes):
    ours = fit_logistic(X, y, classes, iterations=500)
    residual = np.eye(classes)[y] - ours.predict_proba(X)
    np.testing.assert_allclose(np.hstack([np.ones((300, 1)), X]).T @ residual, 0, atol=1e-5)
    assert ours.separated == "no" and ours.converged
    np.testing.assert_allclose(ours.cross_entropy, -np.log(ours.predict_proba(X)[np.arange(300), y]).mean(), rtol=1e-12)


def test_newton_is_quadratic():
    assert fit_logistic(X, Y4, 4).iterations <= 8


def test_a_dependent_column_changes_no_prediction():
    twice = np.hstack([X, X[:, :1]])
    a, b = fit_logistic(X, Y4, 4), fit_logistic(twice, Y4, 4)
    np.testing.assert_allclose(a.predict_proba(X), b.predict_proba(twice), atol=1e-7)


def test_separation_is_said(path):
    x = np.array([[-2.0], [-1.0], [1.0], [2.0]])
    complete = fit_logistic(x, np.array([0, 0, 1, 1]), 2)
    assert complete.separated == "complete" and "does not exist" in complete.says and "l2=" in complete.says
    quasi = fit_logistic(np.vstack([x, [[0.0], [0.0]]]), np.array([0, 0, 1, 1, 0, 1]), 2)
    assert quasi.separated == "quasi"
    np.testing.assert_allclose(quasi.cross_entropy * 6, 2 * np.log(2), rtol=1e-6)  # the infimum: the two rows at 0
    assert fit_logistic(x, np.array([0, 0, 1, 1]), 2, l2=0.1).separated == "no"


def test_float32_rows_stay_float32(monkeypatch):
    monkeypatch.setattr(logistic_regression, "SINGLE", 0)
    single = fit_logistic(X.astype(np.float32), Y4, 4, 0.05)
    np.testing.assert_allclose(single.w, fit_logistic(X, Y4, 4, 0.05).w, atol=1e-4)


def test_a_class_without_rows_has_probability_zero():
    ours = fit_logistic(X, Y4 + (Y4 > 1), 5, 0.05)
    p = ours.predict_proba(X)
    np.testing.assert_array_equal(p[:, 2], 0)
    np.testing.assert_allclose(p[:, [0, 1, 3, 4]], fit_logistic(X, Y4, 4, 0.05).predict_proba(X), atol=1e-9)


@pytest.mark.parametrize(
    ("x", "y", "l2"),
    [(X, Y4[:-1], 0), (X, Y4 + 1, 0), (X, Y4 - 1, 0), (X, 0 * Y4, 0), (X, Y4, -1), (X * np.inf, Y4, 0), (X[0], Y4, 0)],
)
def test_bad_input(x, y, l2):
    with pytest.raises(Mistake):
        fit_logistic(x, y, 4, l2)
