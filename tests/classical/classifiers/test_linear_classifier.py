"""One-vs-rest and one-vs-one: votes by hand, and least squares against scikit-learn."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from gradiens.classical.classifiers.linear_classifier import (
    OneVsOne,
    OneVsRest,
    fit_linear_classifier,
    largest,
    majority,
    pairs,
)
from gradiens.classical.classifiers.logistic_regression import fit_logistic
from gradiens.classical.linear.least_squares import fit_linear
from gradiens.core.check import Mistake

rng = np.random.default_rng(2)
Y = rng.integers(0, 4, 200)
X = np.array([[0.0, 0], [3, 0], [0, 3], [3, 3]])[Y] + rng.normal(size=(200, 2))


def test_votes_by_hand():
    assert pairs(3) == [(0, 1), (0, 2), (1, 2)]
    scores = np.array([[1.0, 1.0, 1.0], [-1.0, 1.0, 1.0], [1.0, -1.0, 1.0], [-1.0, -1.0, -1.0]])
    # Votes: (2, 1, 0), (1, 2, 0), (1, 1, 1): a tie, to the lowest; (0, 1, 2).
    np.testing.assert_array_equal(majority(scores, 3), [0, 1, 0, 2])
    np.testing.assert_array_equal(largest(np.array([[0.1, 0.3, 0.2]])), [1])


def test_one_vs_rest_equals_ridge_classifier():
    from sklearn.linear_model import RidgeClassifier

    ours = fit_linear_classifier(X, Y, 4)
    peer = RidgeClassifier(alpha=1e-10).fit(X, Y)
    np.testing.assert_allclose(ours.scores(X), peer.decision_function(X), atol=1e-8)
    np.testing.assert_array_equal(ours.predict(X), peer.predict(X))
    np.testing.assert_allclose(ours.scores(X).sum(1), 2 - 4, atol=1e-9)  # 2 - K


def test_shared_decomposition_equals_one_fit_a_class():
    np.testing.assert_allclose(fit_linear_classifier(X, Y, 4).scores(X), OneVsRest.fit(X, Y, 4).scores(X), atol=1e-10)


def test_one_vs_one_uses_the_rows_of_its_pair():
    ours = fit_linear_classifier(X, Y, 4, "one-vs-one")
    for column, (a, b) in enumerate(pairs(4)):
        rows = np.isin(Y, (a, b))
        alone = fit_linear(X[rows], np.where(Y[rows] == a, 1.0, -1.0))
        np.testing.assert_allclose(ours.scores(X)[:, column], alone.predict(X), atol=1e-12)


def test_any_two_class_method():
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsOneClassifier

    @dataclasses.dataclass
    class Margin:
        fit: object

        def predict(self, x):
            return self.fit.scores(x)[:, 1]

    def method(x, target):
        return Margin(fit_logistic(x, (target > 0).astype(int), 2, l2=1 / len(x)))

    ours = OneVsOne.fit(X, Y, 4, method)
    peer = OneVsOneClassifier(LogisticRegression(C=1.0, tol=1e-10)).fit(X, Y)
    signs = np.stack([peer.estimators_[i].decision_function(X) < 0 for i in range(6)], 1)
    np.testing.assert_array_equal(ours.scores(X) > 0, signs)


def test_bad_input():
    with pytest.raises(Mistake, match="one-vs-one"):
        fit_linear_classifier(X, Y, 4, "one-vs-on")
    with pytest.raises(Mistake, match="none of class 4"):
        fit_linear_classifier(X, Y, 5)
    with pytest.raises(Mistake):
        fit_linear_classifier(X, Y - 1, 4)
