"""Precision against recall, average precision and top-k accuracy against scikit-learn, with ties."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk
from sklearn.preprocessing import label_binarize

from gradiens.core.check import Mistake
from gradiens.functions.ranking import average_precision, precision_recall_curve, top_k, top_k_accuracy


def draw(seed, K=4, N=200):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, K, N)
    return y, rng.normal(size=(N, K)) + np.eye(K)[y]


@pytest.mark.parametrize("decimals", [0, 1, 9])
def test_the_curve_and_its_area(decimals):
    y, s = draw(decimals, 2)
    s = np.round(s[:, 1], decimals)
    precision, recall, thresholds = sk.precision_recall_curve(y, s)
    ours = precision_recall_curve(y, s)
    np.testing.assert_allclose(ours.precision[::-1], precision[:-1], rtol=1e-14)
    np.testing.assert_allclose(ours.recall[::-1], recall[:-1], rtol=1e-14)
    np.testing.assert_array_equal(ours.thresholds[::-1], thresholds)
    assert average_precision(y, s) == pytest.approx(sk.average_precision_score(y, s), rel=1e-12)


def test_of_many_classes():
    y, s = draw(0)
    one_hot = label_binarize(y, classes=range(4))
    theirs = sk.average_precision_score(one_hot, s, average="macro")
    assert average_precision(y, s) == pytest.approx(theirs, rel=1e-12)


def test_without_information_it_is_the_share_of_the_class():
    assert average_precision([0, 1, 0, 0, 1], np.zeros(5)) == pytest.approx(0.4)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
@pytest.mark.parametrize("decimals", [0, 9])
def test_top_k(k, decimals):
    y, s = draw(k)
    s = np.round(s, decimals)
    theirs = sk.top_k_accuracy_score(y, s, k=k, labels=range(4)) if k < 4 else 1.0
    assert top_k_accuracy(y, s, k) == pytest.approx(theirs, rel=1e-14)


def test_mistakes():
    with pytest.raises(Mistake, match="rows of the positive class, got none"):
        precision_recall_curve([0, 0], [0.1, 0.2])
    with pytest.raises(Mistake, match="k between 1 and 2"):
        top_k_accuracy([0, 1], np.eye(2), 3)
    with pytest.raises(Mistake, match=r"scores \(N, K\)"):
        top_k_accuracy([0, 1], [0.1, 0.2])
    for metric in (average_precision, top_k_accuracy):
        with pytest.raises(Mistake, match="class codes 0 … 1, got 5"):
            metric([0, 1, 5], np.eye(3)[:, :2])


def test_a_score_that_is_nan_has_no_rank():
    assert np.isnan(top_k_accuracy([0, 1], [[0.5, np.nan], [0.2, 0.1]], 1))
    with pytest.raises(Mistake, match="NaN"):
        average_precision([0, 1], [[0.5, np.nan], [0.2, 0.1]])


def test_the_k_largest_in_order():
    found = top_k([[0.1, 0.5, 0.4], [0.3, 0.3, 0.4]], 2)
    np.testing.assert_array_equal(found.classes, [[1, 2], [2, 1]])
    np.testing.assert_array_equal(found.scores, [[0.5, 0.4], [0.4, 0.3]])


@pytest.mark.parametrize("k", [0, 4])
def test_a_k_that_is_none(k):
    with pytest.raises(Mistake, match="between 1 and 3"):
        top_k(np.ones((2, 3)), k)
