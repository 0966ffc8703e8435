"""Paired comparisons against SciPy, statsmodels and formulas by hand; a theorem: pairing takes the common error out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as sm_mcnemar

from gradiens.core.check import Mistake
from gradiens.evaluation.comparison import compare, compare_rows, corrected_t, mcnemar
from gradiens.functions.metrics import accuracy, auc, mse, rmse


def two(seed=0, n=120):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=n)
    common = rng.normal(size=n)
    return y, y + common + 0.1 * rng.normal(size=n), y + common + 0.5 * rng.normal(size=n)


def test_the_interval_is_scipys_of_the_paired_statistic():
    y, ours, theirs = two()
    found = compare(rmse, y, ours, theirs, lower=True, level=0.9, draws=600, seed=8)
    rng = np.random.Generator(np.random.Philox(key=8))
    expected = stats.bootstrap(
        (y, ours, theirs), lambda a, b, c: rmse(a, c) - rmse(a, b), paired=True, vectorized=False, n_resamples=600,
        confidence_level=0.9, method="percentile", rng=rng,
    ).confidence_interval  # fmt: skip
    assert (found.low, found.high) == pytest.approx(tuple(expected), rel=1e-9)
    assert found.difference == pytest.approx(rmse(y, theirs) - rmse(y, ours), rel=1e-12)


def test_from_terms_the_same_as_from_predictions():
    y, ours, theirs = two(1)
    slow = compare(mse, y, ours, theirs, lower=True, seed=3, draws=500)
    fast = compare_rows((y - ours) ** 2, (y - theirs) ** 2, lower=True, seed=3, draws=500)
    assert (fast.difference, fast.low, fast.high) == pytest.approx((slow.difference, slow.low, slow.high), rel=1e-9)
    labels = (y > 0).astype(int)
    slow = compare(accuracy, labels, (ours > 0).astype(int), (theirs > 0).astype(int), seed=3, draws=500)
    fast = compare_rows((ours > 0) == labels, (theirs > 0) == labels, seed=3, draws=500)
    assert (fast.low, fast.high) == pytest.approx((slow.low, slow.high), abs=1e-12)


def test_pairing_takes_out_what_both_get_wrong():
    """Half the width of two independent halves of the rows, and less: √(5.165·2/1.165) = 3 is expected here."""
    y, ours, theirs = two(2, 400)
    paired = compare(mse, y, ours, theirs, lower=True, draws=500)
    half = compare_rows((y[:200] - ours[:200]) ** 2, (y[200:] - theirs[200:]) ** 2, lower=True, draws=500)
    assert paired.high - paired.low < (half.high - half.low) / 2
    assert paired.verdict == "beats" and compare(mse, y, theirs, ours, lower=True).verdict == "does not beat"
    assert compare(mse, y, ours, ours, lower=True).verdict == "cannot be told from"
    assert compare(mse, y[:9], ours[:9], theirs[:9], lower=True).verdict == "cannot be told from", "nine rows"


def test_corrected_t_by_hand():
    """d = 1, 2, 3, 6: mean 3, variance 14/3; 1/4 + 10/30 in the place of 1/4."""
    found = corrected_t([1.0, 2, 3, 6], np.zeros(4), 30, 10)
    t = 3 / np.sqrt((1 / 4 + 1 / 3) * 14 / 3)
    assert found.p_value == pytest.approx(2 * stats.t.sf(t, 3), rel=1e-12)
    half = stats.t.ppf(0.975, 3) * np.sqrt((1 / 4 + 1 / 3) * 14 / 3)
    assert (found.low, found.high) == pytest.approx((3 - half, 3 + half), rel=1e-12)
    loss = corrected_t([1.0, 2, 3, 6], np.zeros(4), 30, 10, lower=True)
    assert loss.difference == -3 and loss.p_value == found.p_value


def test_corrected_t_without_the_correction_is_students():
    a, b = np.random.default_rng(0).normal(size=(2, 12))
    found = corrected_t(a, b, 10**12, 1)
    assert found.p_value == pytest.approx(stats.ttest_rel(a, b).pvalue, rel=1e-6)
    assert corrected_t(a, a, 9, 1).p_value == 1.0 and corrected_t(a + 1, a, 9, 1).p_value < 1e-9


@pytest.mark.parametrize("seed", range(3))
def test_mcnemar_is_that_of_statsmodels(seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, 80)
    ours, theirs = (np.where(rng.random(80) < share, y, rng.integers(0, 3, 80)) for share in (0.8, 0.6))
    a, b = ours == y, theirs == y
    table = [[np.sum(a & b), np.sum(a & ~b)], [np.sum(~a & b), np.sum(~a & ~b)]]
    found = mcnemar(y, ours, theirs)
    assert found.p_value == pytest.approx(sm_mcnemar(table, exact=True).pvalue, rel=1e-9)
    assert found.difference == pytest.approx(accuracy(y, ours) - accuracy(y, theirs), abs=1e-15)
    assert found.low < found.difference < found.high
    assert (found.low > 0 or found.high < 0) == (stats.binomtest(table[0][1], table[0][1] + table[1][0]).pvalue < 0.05)
    assert mcnemar(y, ours, ours).p_value == 1.0


def test_of_a_score_that_is_no_mean():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 200)
    found = compare(auc, y, y + 0.3 * rng.normal(size=200), y + 3.0 * rng.normal(size=200), draws=200)
    assert found.verdict == "beats" and "interval +0." in str(found)


def test_mistakes():
    with pytest.raises(Mistake, match="lengths 3, 2, 3"):
        compare(mse, np.ones(3), np.ones(2), np.ones(3))
    with pytest.raises(Mistake, match="one term for each row"):
        compare_rows([1.0, 2], [1.0, 2, 3])
    with pytest.raises(Mistake, match="same two folds"):
        corrected_t([1.0], [2.0], 3, 3)
    with pytest.raises(Mistake, match="rows on both sides"):
        corrected_t([1.0, 2], [2.0, 3], 0, 3)
    with pytest.raises(Mistake, match="for the same rows"):
        mcnemar([0, 1], [0, 1], [0])
