"""Folds: what each kind promises, for every size, and scikit-learn's folds where they are determined."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import GroupKFold, TimeSeriesSplit

from gradiens.core.check import Mistake
from gradiens.data.folds import check_folds, group_k_fold, k_fold, stratified_k_fold, time_folds


def partition(folds, n):
    """Each fold's sides are all rows, and the test parts are a partition of them."""
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(n))
    for train, test in folds:
        assert sorted(np.concatenate([train, test])) == list(range(n))
        assert (np.diff(train) > 0).all() and (np.diff(test) > 0).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=2, max_size=60), st.integers(2, 7), st.integers(0, 5))
def test_parts_are_a_partition_with_even_sizes_and_classes(labels, k, seed):
    y, n = np.array(labels), len(labels)
    k = min(k, n)
    for folds in (k_fold(n, k, seed), stratified_k_fold(y, k, seed)):
        assert len(folds) == k
        partition(folds, n)
        assert np.ptp([len(test) for _, test in folds]) <= 1
    counts = [np.bincount(y[test], minlength=4) for _, test in folds]
    assert np.ptp(counts, axis=0).max() <= 1


def test_strata_may_be_names_and_are_uneven_without_stratification():
    y = np.array(["a"] * 40 + ["b"] * 10)
    assert all((y[test] == "b").sum() == 2 for _, test in stratified_k_fold(y, 5, 3))
    assert any((y[test] == "b").sum() != 2 for _, test in k_fold(50, 5, 3))


def test_a_pure_function_of_the_seed_in_random_order():
    first, again, other = (k_fold(40, 4, seed)[0][1] for seed in (7, 7, 8))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    assert not np.array_equal(first, np.arange(10)) and not np.array_equal(first, np.arange(0, 40, 4))
    y = np.repeat([0, 1], 20)
    assert not np.array_equal(stratified_k_fold(y, 4, 7)[0][1], stratified_k_fold(y, 4, 8)[0][1])


@pytest.mark.parametrize("seed", range(4))
def test_groups_stay_together_and_are_those_of_scikit_learn(seed):
    groups = np.random.default_rng(seed).integers(0, 9, 70) * 10
    folds = group_k_fold(groups, 3)
    partition(folds, 70)
    for train, test in folds:
        assert not set(groups[train]) & set(groups[test])
    theirs = [len(test) for _, test in GroupKFold(3).split(groups, groups=groups)]
    assert sorted(len(test) for _, test in folds) == sorted(theirs)


@pytest.mark.parametrize(("n", "k", "gap"), [(10, 4, 0), (23, 3, 2), (100, 5, 7), (7, 6, 0)])
def test_time_folds_are_those_of_scikit_learn(n, k, gap):
    theirs = list(TimeSeriesSplit(k, gap=gap).split(np.zeros(n)))
    for (train, test), (a, b) in zip(time_folds(n, k, gap), theirs, strict=True):
        np.testing.assert_array_equal(train, a)
        np.testing.assert_array_equal(test, b)
        assert train.max() + gap < test.min()


def test_folds_that_share_rows_are_refused():
    assert len(check_folds(k_fold(9, 3), 9)) == 3
    with pytest.raises(Mistake, match="no row on both sides of fold 1, got 2, row 3 among them"):
        check_folds([([0, 1], [2]), ([3, 4, 5], [3, 4])], 9)
    with pytest.raises(Mistake, match=r"rows 0 … 8 in fold 0, got 0 … 9"):
        check_folds([([0, 9], [2])], 9)
    with pytest.raises(Mistake, match="rows on both sides of fold 0"):
        check_folds([([0, 1], [])], 9)
    with pytest.raises(Mistake, match="at least one fold"):
        check_folds([], 9)


def test_mistakes():
    with pytest.raises(Mistake, match="between 2 folds and 4 for 4 rows, got 5 folds of 4 rows"):
        k_fold(4, 5)
    with pytest.raises(Mistake, match="two folds or more, got 2 folds of 1 rows"):
        k_fold(1, 2)
    with pytest.raises(Mistake, match="got 1 folds"):
        stratified_k_fold([0, 1, 0], 1)
    with pytest.raises(Mistake, match="seed"):
        k_fold(9, 3, -1)
    with pytest.raises(Mistake, match="class labels of shape"):
        stratified_k_fold(np.zeros((4, 2)), 2)
    with pytest.raises(Mistake, match="for 2 groups"):
        group_k_fold([0, 0, 1, 1], 3)
    with pytest.raises(Mistake, match="a gap between 0 and 3"):
        time_folds(10, 3, 4)
    with pytest.raises(Mistake, match="for 4 rows"):
        time_folds(4, 4)
