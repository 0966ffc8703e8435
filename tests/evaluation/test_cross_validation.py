"""Cross-validation and nesting against scikit-learn, and: nothing fitted depends on rows that judge it."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    cross_val_predict,
    cross_val_score,
)
from sklearn.model_selection import (
    cross_validate as sk_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gradiens.core.check import Mistake
from gradiens.data.folds import k_fold, stratified_k_fold, time_folds
from gradiens.evaluation.cross_validation import cross_validate, nested
from gradiens.evaluation.fitting import probabilities
from gradiens.evaluation.selection import select
from gradiens.functions.metrics import accuracy, log_loss, mse


@dataclasses.dataclass(frozen=True)
class ScaledRidge:
    """Scaled by training rows, the first `kept` columns by correlation with y, ridge: whatever can leak."""

    mean: np.ndarray
    sd: np.ndarray
    columns: np.ndarray
    w: np.ndarray
    b: float

    @classmethod
    def fit(cls, x, y, l2=1.0, kept=3):
        mean, sd = x.mean(0), x.std(0)
        z = (x - mean) / sd
        columns = np.argsort(-np.abs(z.T @ (y - y.mean())), kind="stable")[:kept]
        z = z[:, columns]
        w = np.linalg.solve(z.T @ z + l2 * np.eye(kept), z.T @ (y - y.mean()))
        return cls(mean, sd, columns, w, y.mean())

    def predict(self, x):
        return ((x - self.mean) / self.sd)[:, self.columns] @ self.w + self.b


def numbers(seed=0, n=60, d=5):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d)) * [1, 10, 0.1, 3, 5] + 2
    return x, x @ [1.0, 0.2, 0.0, 0.5, 0.0] + rng.normal(size=n)


def state(model):
    return np.concatenate([np.ravel(value) for value in dataclasses.astuple(model)])


def test_scores_are_those_of_scikit_learn():
    x, y = numbers()
    folds = k_fold(60, 4, 1)
    ours = cross_validate(lambda a, b: Ridge(0.7).fit(a, b), x, y, folds, mse)
    theirs = sk_validate(Ridge(0.7), x, y, cv=folds, scoring="neg_mean_squared_error", return_train_score=True)
    np.testing.assert_allclose(ours.scores, -theirs["test_score"], rtol=1e-12)
    np.testing.assert_allclose(ours.train_scores, -theirs["train_score"], rtol=1e-12)
    assert ours.mean == pytest.approx(-theirs["test_score"].mean(), rel=1e-12)
    assert ours.standard_error == pytest.approx(theirs["test_score"].std(ddof=1) / 2, rel=1e-12)
    np.testing.assert_allclose(ours.out_of_fold(), cross_val_predict(Ridge(0.7), x, y, cv=folds), rtol=1e-12)
    assert "(4 folds)" in str(ours)


def test_probabilities_of_a_pipeline_on_a_data_frame():
    x, z = numbers(3)
    y = (z > np.median(z)).astype(int)
    folds = stratified_k_fold(y, 3, 2)
    made = make_pipeline(StandardScaler(), LogisticRegression())
    frame = pl.DataFrame(x)
    ours = cross_validate(
        lambda a, b: make_pipeline(StandardScaler(), LogisticRegression()).fit(a, b),
        frame,
        y,
        folds,
        log_loss,
        probabilities,
    )
    theirs = cross_val_score(made, x, y, cv=folds, scoring="neg_log_loss")
    np.testing.assert_allclose(ours.scores, -theirs, rtol=1e-9)


def test_nested_is_a_grid_search_inside_a_cross_validation():
    x, y = numbers(1)
    outer, grid = k_fold(60, 3, 0), [0.1, 3.0, 100.0]

    def search(a, b):
        return select(lambda l2: lambda u, v: Ridge(l2).fit(u, v), grid, a, b, k_fold(len(b), 4, 9), mse)

    ours = nested(search, x, y, outer, mse)
    theirs = []
    for train, test in outer:
        inner = GridSearchCV(Ridge(), {"alpha": grid}, scoring="neg_mean_squared_error", cv=k_fold(len(train), 4, 9))
        inner.fit(x[train], y[train])
        theirs.append(np.mean((inner.predict(x[test]) - y[test]) ** 2))
    np.testing.assert_allclose(ours.scores, theirs, rtol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_fitted_depends_on_training_rows_only(seed):
    """Change the test rows and their labels in any way: scaler, selection and weights of the fold stay, bit for bit."""
    x, y = numbers(seed)
    folds, rng = k_fold(60, 4, seed), np.random.default_rng(seed)
    before = cross_validate(ScaledRidge.fit, x, y, folds, mse)
    for i, (_, test) in enumerate(folds):
        other, labels = x.copy(), y.copy()
        other[test], labels[test] = 1e6 * rng.normal(size=(len(test), 5)), rng.permutation(labels[test]) - 77
        after = cross_validate(ScaledRidge.fit, other, labels, folds, mse)
        np.testing.assert_array_equal(state(before.models[i]), state(after.models[i]))
        assert after.train_scores[i] == before.train_scores[i] and after.scores[i] != before.scores[i]
        assert all(not np.array_equal(state(before.models[j]), state(after.models[j])) for j in range(4) if j != i)


def test_what_is_selected_inside_depends_on_training_rows_only():
    x, y = numbers(2)
    folds, grid = k_fold(60, 4, 0), [(l2, kept) for kept in (1, 3, 5) for l2 in (0.1, 30.0)]

    def search(a, b):
        return select(lambda s: lambda u, v: ScaledRidge.fit(u, v, *s), grid, a, b, k_fold(len(b), 3, 1), mse)

    before = nested(search, x, y, folds, mse)
    test = folds[2][1]
    x[test], y[test] = -1e5, 1e7
    after = nested(search, x, y, folds, mse)
    np.testing.assert_array_equal(state(before.models[2]), state(after.models[2]))


def test_a_leak_would_be_seen():
    """Scaling by all rows before the cross-validation: then the test rows do change the model."""
    x, y = numbers(0)
    folds = k_fold(60, 4, 0)
    other = x.copy()
    other[folds[0][1]] *= 50
    leaky = [
        cross_validate(lambda a, b: ScaledRidge.fit(a, b), (a - a.mean(0)) / a.std(0), y, folds, mse)
        for a in (x, other)
    ]
    assert not np.array_equal(state(leaky[0].models[0]), state(leaky[1].models[0]))


def test_selecting_columns_outside_finds_what_is_not_there():
    """1,000 columns of noise, labels of noise: chosen on all rows they seem to predict, chosen inside they do not.

    Hastie, Tibshirani and Friedman (2009), section 7.10.2. Median accuracy of seeds 0 … 4 against chance and 3 s.e. of 50
    rows, 0.712: outside above, inside below.
    """
    from gradiens.classical.classifiers.linear_classifier import fit_linear_classifier

    def best(x, y):
        return np.argsort(-np.abs(np.corrcoef(x.T, y)[-1, :-1]))[:20]

    class Chosen:
        def __init__(self, x, y):
            self.columns = best(x, y)
            self.model = fit_linear_classifier(x[:, self.columns], y, 2)

        def predict(self, x):
            return self.model.predict(x[:, self.columns])

    outside, inside = [], []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        x, y = rng.normal(size=(50, 1000)), np.repeat([0, 1], 25)
        folds, seen = stratified_k_fold(y, 5, seed), x[:, best(x, y)]
        outside.append(cross_validate(lambda a, b: fit_linear_classifier(a, b, 2), seen, y, folds, accuracy).mean)
        inside.append(cross_validate(Chosen, x, y, folds, accuracy).mean)
    assert np.median(outside) > 0.712 > np.median(inside)


def test_folds_of_scikit_learn_are_taken():
    x, y = numbers()
    theirs = list(KFold(3).split(x))
    assert len(cross_validate(ScaledRidge.fit, x, y, theirs, mse).scores) == 3


def test_mistakes():
    x, y = numbers()
    with pytest.raises(Mistake, match="same number of rows"):
        cross_validate(ScaledRidge.fit, x, y[1:], k_fold(60, 3), mse)
    with pytest.raises(Mistake, match="no row on both sides of fold 0"):
        cross_validate(ScaledRidge.fit, x, y, [(np.arange(50), np.arange(40, 60))], mse)
    with pytest.raises(Mistake, match="a finite score in fold 0, got nan"):
        cross_validate(ScaledRidge.fit, x, y, k_fold(60, 3), lambda *_: float("nan"))
    with pytest.raises(Mistake, match="folds that test every row once"):
        cross_validate(ScaledRidge.fit, x, y, time_folds(60, 3), mse).out_of_fold()
    one = cross_validate(ScaledRidge.fit, x, y, [(np.arange(40), np.arange(40, 60))], mse)
    assert np.isnan(one.standard_error) and one.mean == one.scores[0]
