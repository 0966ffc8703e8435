"""The threshold of least cost: by hand, by trying all, and the theory where probabilities are right."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.functions.decision_cost import cost_curve, cost_threshold


def test_by_hand():
    # Scores .1 .4 .6 .9 of classes 0 1 0 1. At .4: no miss, one false alarm; at .9: one miss, no alarm; at .1: two alarms.
    found = cost_curve([0, 1, 0, 1], [0.1, 0.4, 0.6, 0.9], missed=5.0, false_alarm=2.0)
    np.testing.assert_allclose(found.cost * 4, [4, 2, 7, 5, 10])
    assert found.best == 0.4 and found.thresholds[-1] == np.inf
    assert cost_curve([0, 1, 0, 1], [0.1, 0.4, 0.6, 0.9], missed=1.0, false_alarm=9.0).best == 0.9


def test_every_threshold_is_what_it_says():
    rng = np.random.default_rng(11)
    y, s = rng.integers(0, 2, 60), rng.integers(0, 9, 60) / 8  # with ties
    found = cost_curve(y, s, 3.0, 0.5)
    tried = [np.mean(np.where(y == 1, 3.0 * (s < t), 0.5 * (s >= t))) for t in found.thresholds]
    np.testing.assert_allclose(found.cost, tried)
    assert min(tried) == pytest.approx(tried[list(found.thresholds).index(found.best)])


def test_where_the_probabilities_are_right_the_theory_is_best():
    """200,000 rows with y ~ Bernoulli(p): the threshold of least cost is within 0.02 of c₀/(c₀ + c₁) = 1/6."""
    rng = np.random.default_rng(12)
    p = np.round(rng.uniform(size=200_000), 3)
    found = cost_curve((rng.uniform(size=200_000) < p).astype(int), p, missed=5.0, false_alarm=1.0)
    assert found.best == pytest.approx(cost_threshold(5.0, 1.0), abs=0.02) and cost_threshold(5.0, 1.0) == 1 / 6


def test_bad_input():
    for costs in ((-1.0, 1.0), (0.0, 0.0), (1.0, np.inf), (np.nan, 1.0)):
        with pytest.raises(Mistake, match="costs"):
            cost_threshold(*costs)
    with pytest.raises(Mistake):
        cost_curve([0, 2], [0.1, 0.2])
