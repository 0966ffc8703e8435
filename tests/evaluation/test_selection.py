"""Selection against scikit-learn's grid search, the rule of one standard error by hand, grids and random settings."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, ParameterGrid

from gradiens.core.check import Mistake
from gradiens.core.module import Module, knob, knobs
from gradiens.data.folds import k_fold
from gradiens.evaluation.selection import Selection, choose, grid, random_settings, select
from gradiens.functions.metrics import mse, r2


def ridge(l2):
    return lambda x, y: Ridge(l2).fit(x, y)


def numbers(seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(50, 8))
    return x, x[:, 0] + 2 * rng.normal(size=50)


@pytest.mark.parametrize(("score", "name", "lower"), [(mse, "neg_mean_squared_error", True), (r2, "r2", False)])
def test_the_choice_is_that_of_a_grid_search(score, name, lower):
    x, y = numbers()
    folds, settings = k_fold(50, 5, 0), [0.01, 1.0, 30.0, 1000.0]
    ours = select(ridge, settings, x, y, folds, score, lower=lower)
    theirs = GridSearchCV(Ridge(), {"alpha": settings}, scoring=name, cv=folds).fit(x, y)
    sign = -1 if lower else 1
    np.testing.assert_allclose(ours.mean, sign * theirs.cv_results_["mean_test_score"], rtol=1e-12)
    assert ours.setting == theirs.best_params_["alpha"] == settings[ours.chosen]
    np.testing.assert_allclose(ours.refit(x, y).coef_, theirs.best_estimator_.coef_, rtol=1e-12)


def test_the_rule_of_one_standard_error_by_hand():
    """Means 5, 3.2, 3; the best has scores 2 and 4, so s.e. 1: the second is within it, the first is not."""
    losses = np.array([[5.0, 5.0], [3.2, 3.2], [2.0, 4.0]])
    assert choose(losses) == 2 and choose(losses, rule="one-se") == 1
    assert choose(-losses, lower=False, rule="one-se") == 1 and choose(-losses, lower=False) == 2
    np.testing.assert_allclose(Selection([1, 2, 3], losses, True, 1).standard_error, [0, 0, 1])
    assert choose(np.array([[1.0], [1.0]])) == 0, "of settings that tie, the first"


def test_a_grid_is_the_product():
    ours = grid(rate=[0.1, 1], batch=[16, 128], l2=[0.0])
    assert ours[:2] == [{"rate": 0.1, "batch": 16, "l2": 0.0}, {"rate": 0.1, "batch": 128, "l2": 0.0}]
    theirs = list(ParameterGrid({"rate": [0.1, 1], "batch": [16, 128], "l2": [0.0]}))
    assert len(ours) == 4 and all(setting in theirs for setting in ours)


def test_random_settings_from_knobs():
    class Method(Module):
        rate: float = knob(0.1, 1e-4, 1.0, "log")
        memory: float = knob(0.9, 0.5, 1.0)
        width: int = knob(4, 1, 9)
        kind: str = knob("a", choices=("a", "b"))

    drawn = random_settings(knobs(Method) | {"batch": [16, 32]}, 400, 3)
    assert drawn == random_settings(knobs(Method) | {"batch": [16, 32]}, 400, 3)
    rate, memory, width = (np.array([one[name] for one in drawn]) for name in ("rate", "memory", "width"))
    assert rate.min() >= 1e-4 and rate.max() <= 1 and abs(np.mean(rate < 1e-2) - 0.5) < 3 * 0.025
    assert memory.min() >= 0.5 and abs(memory.mean() - 0.75) < 0.03
    assert set(width.tolist()) == set(range(1, 10)) and all(isinstance(one["width"], int) for one in drawn)
    assert {one["kind"] for one in drawn} == {"a", "b"} and {one["batch"] for one in drawn} == {16, 32}
    assert Method(**{name: value for name, value in drawn[0].items() if name != "batch"})


def test_mistakes():
    x, y = numbers()
    with pytest.raises(Mistake, match="did you mean 'one-se'"):
        select(ridge, [1.0], x, y, k_fold(50, 5), mse, rule="one_se")
    with pytest.raises(Mistake, match="at least one setting"):
        select(ridge, [], x, y, k_fold(50, 5), mse)
    with pytest.raises(Mistake, match="two folds for the rule"):
        choose(np.ones((3, 1)), rule="one-se")
    with pytest.raises(Mistake, match=r"a finite score of setting 2\.0 in fold 0"):
        select(ridge, [2.0], x, y, k_fold(50, 5), lambda *_: float("inf"))
    with pytest.raises(Mistake, match="a selection that can fit"):
        Selection([1], np.ones((1, 2)), True, 0).refit(x, y)
    with pytest.raises(Mistake, match="a range for l2"):
        random_settings({"l2": knobs_of_l2()}, 3)
    with pytest.raises(Mistake, match="n of at least 1"):
        random_settings({}, 0)


def knobs_of_l2():
    class Penalty(Module):
        l2: float = knob(0.0, 0.0, 1.0, "log")

    return knobs(Penalty)["l2"]
