"""Learning and validation curves against scikit-learn's on the same folds."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import learning_curve as sk_learning_curve
from sklearn.model_selection import validation_curve as sk_validation_curve

from gradiens.core.check import Mistake
from gradiens.data.folds import k_fold
from gradiens.evaluation.curves import learning_curve, validation_curve
from gradiens.functions.metrics import mse


def ridge(l2):
    return lambda x, y: Ridge(l2).fit(x, y)


def numbers():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 6))
    return x, x[:, 0] + rng.normal(size=60)


def test_a_validation_curve_is_scikit_learns():
    x, y = numbers()
    folds, values = k_fold(60, 4), [0.1, 5.0, 200.0]
    ours = validation_curve(ridge, values, x, y, folds, mse)
    train, test = sk_validation_curve(
        Ridge(), x, y, param_name="alpha", param_range=values, cv=folds, scoring="neg_mean_squared_error"
    )
    np.testing.assert_allclose(ours.train, -train, rtol=1e-12)
    np.testing.assert_allclose(ours.test, -test, rtol=1e-12)
    np.testing.assert_allclose(ours.standard_error, test.std(1, ddof=1) / 2, rtol=1e-12)
    assert ours.at.tolist() == values


def test_a_learning_curve_is_scikit_learns_on_the_same_order():
    x, y = numbers()
    rng = np.random.Generator(np.random.Philox(key=5))
    folds = k_fold(60, 4)
    mixed = [(rng.permutation(train), test) for train, test in folds]
    sizes, train, test = sk_learning_curve(
        Ridge(2.0), x, y, cv=mixed, train_sizes=[0.2, 0.5, 1.0], scoring="neg_mean_squared_error"
    )
    ours = learning_curve(ridge(2.0), x, y, folds, mse, [0.2, 0.5, 1.0], seed=5)
    np.testing.assert_array_equal(ours.at, sizes)
    np.testing.assert_allclose(ours.train, -train, rtol=1e-12)
    np.testing.assert_allclose(ours.test, -test, rtol=1e-12)
    by_count = learning_curve(ridge(2.0), x, y, folds, mse, sizes, seed=5)
    np.testing.assert_array_equal(by_count.test, ours.test)


def test_more_rows_help():
    x, y = numbers()
    curve = learning_curve(ridge(1e-6), x, y, k_fold(60, 5), mse, [9, 48])
    assert curve.test[0].mean() > 1.5 * curve.test[1].mean() and curve.train[0].mean() < curve.train[1].mean()


def test_mistakes():
    x, y = numbers()
    for sizes in ([0, 5], [46], [1.5], []):
        with pytest.raises(Mistake, match="sizes from 1 to 45"):
            learning_curve(ridge(1.0), x, y, k_fold(60, 4), mse, sizes)
    with pytest.raises(Mistake, match="at least one value"):
        validation_curve(ridge, [], x, y, k_fold(60, 4), mse)
