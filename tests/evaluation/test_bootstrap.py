"""Bootstrap intervals: SciPy's on the same draws, a skewed statistic by hand, coverage, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from gradiens.core.check import Failure, Mistake
from gradiens.evaluation.bootstrap import METHODS, bootstrap_interval
from gradiens.functions import metrics


def scipy_interval(statistic, data, seed, method, level=0.9, draws=1500):
    rng = np.random.Generator(np.random.Philox(key=seed))
    paired = len(data) > 1
    names = {"bca": "BCa", "percentile": "percentile", "basic": "basic"}
    found = stats.bootstrap(
        data, statistic, n_resamples=draws, confidence_level=level, method=names[method], rng=rng, paired=paired,
        vectorized=False,
    )  # fmt: skip
    return found.confidence_interval, found.bootstrap_distribution, found.standard_error


@pytest.mark.parametrize("method", METHODS)
def test_scipy_on_the_same_draws(method):
    x = np.random.default_rng(1).exponential(size=40)
    (low, high), drawn, spread = scipy_interval(lambda a: np.var(a) ** 0.7, (x,), 5, method)
    ours = bootstrap_interval(lambda a: np.var(a) ** 0.7, x, level=0.9, draws=1500, seed=5, method=method)
    np.testing.assert_allclose(np.sort(ours.draws), np.sort(drawn), rtol=1e-12)
    assert (ours.low, ours.high) == pytest.approx((low, high), rel=1e-9)
    assert ours.standard_error == pytest.approx(spread, rel=1e-12)
    fast = bootstrap_interval(
        lambda a: np.var(a, axis=1) ** 0.7, x, level=0.9, draws=1500, seed=5, method=method, vectorised=True
    )
    assert (fast.low, fast.high) == pytest.approx((low, high), rel=1e-9)


def test_scipy_on_a_metric_of_pairs():
    rng = np.random.default_rng(2)
    y = rng.integers(0, 2, 60)
    p = np.round(rng.random(60) + y, 1)
    (low, high), *_ = scipy_interval(metrics.auc, (y, p), 3, "bca")
    ours = bootstrap_interval(metrics.auc, y, p, level=0.9, draws=1500, seed=3)
    assert (ours.low, ours.high) == pytest.approx((low, high), rel=1e-9)
    assert ours.low < ours.estimate == metrics.auc(y, p) < ours.high


def test_in_pieces_as_at_once(monkeypatch):
    x = np.random.default_rng(0).normal(size=(30, 2))
    mean = lambda a: a.mean((1, 2))  # noqa: E731
    once = bootstrap_interval(mean, x, vectorised=True, seed=4)
    monkeypatch.setattr("gradiens.evaluation.bootstrap.ENTRIES", 500)
    pieces = bootstrap_interval(mean, x, vectorised=True, seed=4)
    np.testing.assert_array_equal(once.draws, pieces.draws)
    assert (once.low, once.high) == (pieces.low, pieces.high)


def test_leaving_out_groups_of_rows_gives_nearly_the_same_correction(monkeypatch):
    """A skewed mean of 600 rows, by rows and by 150 groups of four: within a third of the correction (150 numbers)."""
    x = np.random.default_rng(6).exponential(size=600) ** 2
    mean = lambda a: a.mean(1)  # noqa: E731
    plain, single = (bootstrap_interval(mean, x, vectorised=True, method=m) for m in ("percentile", "bca"))
    monkeypatch.setattr("gradiens.evaluation.bootstrap.LEFT_OUT", 150)
    grouped = bootstrap_interval(mean, x, vectorised=True)
    assert single.high - plain.high > 0 and grouped.low != single.low
    assert abs(grouped.high - single.high) < (single.high - plain.high) / 3
    assert abs(grouped.low - single.low) < (single.low - plain.low) / 3


def test_basic_is_the_percentile_interval_reflected():
    x = np.random.default_rng(3).exponential(size=50)
    percentile, basic = (bootstrap_interval(np.mean, x, method=method) for method in ("percentile", "basic"))
    assert basic.low == pytest.approx(2 * x.mean() - percentile.high)
    assert basic.high == pytest.approx(2 * x.mean() - percentile.low)


def test_ninety_percent_intervals_of_a_mean_hold_it_nine_times_in_ten():
    """200 samples of 40 normal numbers, seeds 0 … 199: within 3 s.e. (0.064) of 0.9, and 0.02 for so few numbers."""
    held = []
    for seed in range(200):
        x = np.random.default_rng(seed).normal(size=40)
        found = bootstrap_interval(lambda a: a.mean(1), x, level=0.9, draws=400, seed=seed, vectorised=True)
        held.append(found.low <= 0 <= found.high)
    assert abs(np.mean(held) - 0.9) < 0.064 + 0.02


def test_a_constant_has_an_interval_of_one_point():
    found = bootstrap_interval(np.mean, np.full(10, 2.5))
    assert (found.low, found.high, found.standard_error) == (2.5, 2.5, 0.0)
    assert str(found) == "2.5 (95% interval 2.5 to 2.5)"


def test_what_cannot_be_drawn_is_a_failure():
    y, p = np.array([0] * 9 + [1]), np.arange(10.0)
    with pytest.raises(Failure, match="no value for some draw: expected rows of the class"):
        bootstrap_interval(metrics.auc, y, p)
    with pytest.raises(Failure, match="not finite"):
        bootstrap_interval(lambda a: np.inf if a[0] == 0 else 1.0, np.arange(10))


def test_mistakes():
    with pytest.raises(Mistake, match="lengths 3, 4"):
        bootstrap_interval(np.mean, np.ones(3), np.ones(4))
    with pytest.raises(Mistake, match="lengths none"):
        bootstrap_interval(np.mean)
    with pytest.raises(Mistake, match="level between"):
        bootstrap_interval(np.mean, np.ones(3), level=95)
    with pytest.raises(Mistake, match="100 draws"):
        bootstrap_interval(np.mean, np.ones(3), draws=10)
    with pytest.raises(Mistake, match="did you mean 'bca'"):
        bootstrap_interval(np.mean, np.ones(3), method="BCA")
    with pytest.raises(Mistake, match="one for each draw"):
        bootstrap_interval(np.mean, np.arange(3), vectorised=True)
