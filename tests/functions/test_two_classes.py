"""Counts and rates of two classes against scikit-learn, with ties and with one class absent; the choice of a threshold."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from gradiens.core.check import Mistake
from gradiens.functions.two_classes import MEASURES, Counts, choose_threshold, counts, counts_at


def draw(seed, decimals=1):
    rng = np.random.default_rng(seed)
    y = (rng.random(200) < 0.3).astype(int)
    return y, np.round(rng.normal(size=200) + y, decimals)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("strict", [False, True])
def test_rates_at_every_threshold(seed, strict):
    y, s = draw(seed)
    thresholds = np.array([-99.0, -0.5, 0.0, 0.3, 1.2, 99.0])
    found = counts_at(y, s, thresholds, strict)
    for i, θ in enumerate(thresholds):
        y_hat = (s > θ if strict else s >= θ).astype(int)
        one = counts(y, y_hat)
        np.testing.assert_array_equal([count[i] for count in found], one)
        tn, fp, fn, tp = sk.confusion_matrix(y, y_hat, labels=[0, 1]).ravel()
        assert one == (tp, fn, fp, tn)
        theirs = {
            "precision": sk.precision_score(y, y_hat, zero_division=0),
            "recall": sk.recall_score(y, y_hat),
            "specificity": sk.recall_score(y, y_hat, pos_label=0),
            "accuracy": sk.accuracy_score(y, y_hat),
            "balanced_accuracy": sk.balanced_accuracy_score(y, y_hat),
            "f1": sk.f1_score(y, y_hat, zero_division=0),
            "matthews": sk.matthews_corrcoef(y, y_hat),
        }
        assert set(theirs) == set(MEASURES)
        for name, value in theirs.items():
            assert getattr(one, name) == pytest.approx(value, rel=1e-12), name
            assert getattr(found, name)[i] == pytest.approx(value, rel=1e-12), name
        assert one.f_beta(2.0) == pytest.approx(sk.fbeta_score(y, y_hat, beta=2, zero_division=0), rel=1e-12)


def test_one_class_absent_gives_zeros_and_no_warning():
    nothing = counts([0, 0], [0, 0])
    assert nothing == (0, 0, 0, 2) and nothing.precision == nothing.recall == nothing.f1 == nothing.matthews == 0
    assert Counts(*map(np.asarray, (0, 0, 0, 0))).accuracy == 0


def test_the_threshold_chosen_is_the_best_of_those_tried_and_the_lowest_of_the_best():
    y, s = draw(4, decimals=2)
    for measure in MEASURES[3:]:
        found = choose_threshold(y, s, measure=measure)
        by_hand = [getattr(counts(y, (s >= θ).astype(int)), measure) for θ in np.unique(s)]
        assert found.theta == np.unique(s)[int(np.argmax(by_hand))]
        assert getattr(found.counts, measure) == max(by_hand) == found.measure.max()
    tied = choose_threshold([0, 1], [0.0, 1.0], [0.9, 0.2, 0.5])
    assert tied.theta == 0.2 and tied.tried.tolist() == [0.2, 0.5, 0.9]
    assert choose_threshold([0, 1], [0.5, 1.0], [0.5], strict=True).counts == (1, 0, 0, 1)


def test_mistakes():
    with pytest.raises(Mistake, match="y of codes 0 and 1"):
        counts([0, 2], [0, 1])
    with pytest.raises(Mistake, match="one prediction for each of 2 rows, got 3"):
        counts([0, 1], [0, 1, 1])
    with pytest.raises(Mistake, match="1 of them NaN"):
        counts_at([0, 1], [np.nan, 1.0], [0.5])
    with pytest.raises(Mistake, match="did you mean 'recall'"):
        choose_threshold([0, 1], [0.0, 1.0], measure="recal")
    with pytest.raises(Mistake, match="thresholds to choose from"):
        choose_threshold([0, 1], [0.0, 1.0], [])
