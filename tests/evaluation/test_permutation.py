"""Permutation tests against all permutations, scikit-learn's, and the level they promise."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import Ridge

from gradiens.core.check import Mistake
from gradiens.data.folds import k_fold
from gradiens.evaluation.permutation import (
    PermutationTest,
    permutation_test,
    permutation_test_of_difference,
    permutation_test_of_fit,
)
from gradiens.functions.metrics import auc, mse


def test_p_by_hand():
    """Three of seven at least as large: (1 + 3)/(1 + 7)."""
    assert PermutationTest(2.0, np.array([1.0, 2, 3, 0, 2, 1, 1])).p_value == 0.5
    assert PermutationTest(9.0, np.zeros(99)).p_value == 0.01


def test_tends_to_the_share_of_all_permutations():
    """Six rows, 720 permutations: within 3 s.e. of the exact share."""
    y, p = np.array([0, 1, 0, 1, 1, 0]), np.array([0.1, 0.8, 0.5, 0.4, 0.9, 0.3])
    exact = np.mean([auc(np.array(one), p) >= auc(y, p) - 1e-12 for one in permutations(y)])
    found = permutation_test(auc, y, p, permutations=4000, seed=1).p_value
    assert abs(found - exact) < 3 * np.sqrt(exact * (1 - exact) / 4000) + 1 / 4000


def test_a_difference_tends_to_the_share_of_all_exchanges():
    rng = np.random.default_rng(4)
    y, ours, theirs = rng.normal(size=(3, 8))
    d = (theirs - y) ** 2 - (ours - y) ** 2
    exact = np.mean([abs(np.mean(d * signs)) >= abs(np.mean(d)) - 1e-12 for signs in product([1, -1], repeat=8)])
    found = permutation_test_of_difference(mse, y, ours, theirs, 4000, seed=1, lower=True).p_value
    assert abs(found - exact) < 3 * np.sqrt(exact * (1 - exact) / 4000) + 1 / 4000
    theirs_p = stats.permutation_test((d,), np.mean, permutation_type="samples", n_resamples=np.inf).pvalue
    assert exact == pytest.approx(theirs_p)
    one_sided = permutation_test_of_difference(mse, y, ours, theirs, 200, lower=True, two_sided=False)
    assert one_sided.statistic == pytest.approx(d.mean(), rel=1e-12)


def test_the_level_is_kept_when_there_is_nothing():
    """P(p ≤ 0.1) ≤ 0.1: over seeds 0 … 199 at most 0.1 and 3 s.e. (0.064)."""
    p = []
    for seed in range(200):
        y, prediction = np.random.default_rng(seed).normal(size=(2, 12))
        p.append(permutation_test(mse, y, prediction, permutations=49, seed=seed, lower=True).p_value)
    assert np.mean(np.array(p) <= 0.1) <= 0.164
    assert min(p) >= 1 / 50


def test_a_method_that_finds_something_and_one_that_cannot():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 3))
    fit = lambda a, b: Ridge(1.0).fit(a, b)  # noqa: E731
    there = permutation_test_of_fit(
        fit, x, x[:, 0] + 0.3 * rng.normal(size=40), k_fold(40, 4), mse, permutations=39, lower=True
    )
    nothing = permutation_test_of_fit(fit, x, rng.normal(size=40), k_fold(40, 4), mse, permutations=39, lower=True)
    assert there.p_value == 1 / 40 and nothing.p_value > 0.05 and str(there) == "p = 0.025 (39 permutations)"


def test_mistakes():
    with pytest.raises(Mistake, match="same number of rows"):
        permutation_test(mse, np.ones(3), np.ones(2))
    with pytest.raises(Mistake, match="at least 1 permutation"):
        permutation_test(mse, np.ones(3), np.ones(3), permutations=0)
    with pytest.raises(Mistake, match="two models for the same rows"):
        permutation_test_of_difference(mse, np.ones(3), np.ones(3), np.ones((3, 2)))
