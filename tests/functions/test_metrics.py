"""Metrics against scikit-learn, with ties, absent classes and rare ones."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve
from sklearn.preprocessing import label_binarize

from gradiens.core.check import Mistake
from gradiens.functions import metrics as M


def draw(seed: int, K: int = 4, N: int = 300):
    """Codes with a rare class, predictions that never say class 2, and probabilities."""
    rng = np.random.default_rng(seed)
    y = rng.choice(K, N, p=np.arange(1, K + 1) / np.arange(1, K + 1).sum())
    z = rng.normal(size=(N, K)) + 1.5 * np.eye(K)[y]
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    return y, np.where(p.argmax(1) == 2, 0, p.argmax(1)), p


@pytest.mark.parametrize("seed", range(3))
def test_of_codes(seed):
    y, y_hat, _ = draw(seed)
    np.testing.assert_array_equal(M.confusion(y, y_hat), sk.confusion_matrix(y, y_hat))
    assert M.accuracy(y, y_hat) == pytest.approx(sk.accuracy_score(y, y_hat), rel=1e-14)
    assert M.balanced_accuracy(y, y_hat) == pytest.approx(sk.balanced_accuracy_score(y, y_hat), rel=1e-14)
    for ours, theirs in ((M.precision, sk.precision_score), (M.recall, sk.recall_score), (M.f1, sk.f1_score)):
        assert ours(y, y_hat) == pytest.approx(theirs(y, y_hat, average="macro", zero_division=0), rel=1e-14)


def test_a_code_that_occurs_nowhere_counts_nowhere():
    y, y_hat = np.array([0, 0, 3, 3, 3]), np.array([0, 3, 3, 3, 0])
    assert M.f1(y, y_hat) == pytest.approx(sk.f1_score(y, y_hat, average="macro"), rel=1e-14)
    assert M.balanced_accuracy(y, y_hat) == pytest.approx((1 / 2 + 2 / 3) / 2, rel=1e-14)
    assert M.confusion(y, y_hat, 5).shape == (5, 5)


@pytest.mark.parametrize("seed", range(3))
def test_of_probabilities(seed):
    y, _, p = draw(seed)
    one_hot = label_binarize(y, classes=range(4))
    assert M.log_loss(y, p) == pytest.approx(sk.log_loss(y, p), rel=1e-12)
    assert M.auc(y, p) == pytest.approx(sk.roc_auc_score(one_hot, p, average="macro"), rel=1e-12)
    assert M.brier(y, p) == pytest.approx(np.mean(np.sum((one_hot - p) ** 2, axis=1)), rel=1e-12)


@pytest.mark.parametrize("decimals", [1, 12])
def test_of_two_classes_with_and_without_ties(decimals):
    y, _, p = draw(0, 2)
    p = np.round(p[:, 1], decimals)
    assert M.auc(y, p) == pytest.approx(sk.roc_auc_score(y, p), rel=1e-12)
    assert M.brier(y, p) == pytest.approx(sk.brier_score_loss(y, p), rel=1e-12)
    assert M.log_loss(y, p) == pytest.approx(sk.log_loss(y, p), rel=1e-12)
    fpr, tpr, thresholds = sk.roc_curve(y, p, drop_intermediate=False)
    ours = M.roc_curve(y, p)
    np.testing.assert_allclose(ours.fpr, fpr, rtol=1e-14)
    np.testing.assert_allclose(ours.tpr, tpr, rtol=1e-14)
    np.testing.assert_allclose(ours.thresholds, thresholds, rtol=1e-14)
    assert np.trapezoid(ours.tpr, ours.fpr) == pytest.approx(M.auc(y, p), rel=1e-12)
    observed, predicted = calibration_curve(y, p, n_bins=7)
    curve = M.calibration_curve(y, p, 7)
    np.testing.assert_allclose(curve.observed, observed, rtol=1e-12)
    np.testing.assert_allclose(curve.predicted, predicted, rtol=1e-12)
    assert curve.rows.sum() == len(y)


def test_auc_is_a_probability():
    """P(s⁺ > s⁻) + P(tie)/2, unchanged by increasing maps."""
    y, s = np.array([0, 1, 0, 1, 1]), np.array([1.0, 1.0, 2.0, 3.0, 0.0])
    pairs = [(a > b) + (a == b) / 2 for a in s[y == 1] for b in s[y == 0]]
    assert M.auc(y, s) == pytest.approx(np.mean(pairs), rel=1e-14)
    assert M.auc(y, np.exp(s)) == M.auc(y, s)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_log_loss_of_a_sure_mistake(dtype):
    y, p = np.array([0, 1, 1]), np.array([[1, 0], [1, 0], [0.25, 0.75]], dtype)
    assert M.log_loss(y, p) == pytest.approx(sk.log_loss(y, p), rel=1e-6)
    assert np.isfinite(M.log_loss(y, p))


def test_of_numbers():
    rng = np.random.default_rng(1)
    y, y_hat = rng.normal(size=(2, 100))
    assert M.rmse(y, y_hat) == pytest.approx(sk.root_mean_squared_error(y, y_hat), rel=1e-14)
    assert M.mae(y, y_hat) == pytest.approx(sk.mean_absolute_error(y, y_hat), rel=1e-14)
    assert M.r2(y, y_hat) == pytest.approx(sk.r2_score(y, y_hat), rel=1e-12)
    assert M.r2(np.ones(3), np.ones(3)) == 1
    assert M.r2(np.ones(3), np.zeros(3)) == 0


def weighed(seed=0, N=300):
    """Weights that are whole numbers, some of them 0."""
    return np.random.default_rng(seed).integers(0, 4, N).astype(float)


@pytest.mark.parametrize("seed", range(3))
def test_weights_of_codes(seed):
    (y, y_hat, _), w = draw(seed), weighed(seed)
    np.testing.assert_allclose(M.confusion(y, y_hat, weights=w), sk.confusion_matrix(y, y_hat, sample_weight=w))
    macro = {"average": "macro", "zero_division": 0, "sample_weight": w}
    assert M.accuracy(y, y_hat, w) == pytest.approx(sk.accuracy_score(y, y_hat, sample_weight=w), rel=1e-12)
    theirs = sk.balanced_accuracy_score(y, y_hat, sample_weight=w)
    assert M.balanced_accuracy(y, y_hat, w) == pytest.approx(theirs, rel=1e-12)
    for ours, other in ((M.precision, sk.precision_score), (M.recall, sk.recall_score), (M.f1, sk.f1_score)):
        assert ours(y, y_hat, w) == pytest.approx(other(y, y_hat, **macro), rel=1e-12)
    for beta in (0.5, 3.0):
        assert M.f_beta(y, y_hat, beta, w) == pytest.approx(sk.fbeta_score(y, y_hat, beta=beta, **macro), rel=1e-12)
    assert M.matthews(y, y_hat, w) == pytest.approx(sk.matthews_corrcoef(y, y_hat, sample_weight=w), rel=1e-12)
    by_class = sk.multilabel_confusion_matrix(y, y_hat, sample_weight=w)
    special = np.mean([tn / (tn + fp) for (tn, fp), _ in by_class])
    assert M.specificity(y, y_hat, w) == pytest.approx(special, rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_weights_of_probabilities_and_numbers(seed):
    (y, _, p), w = draw(seed, 2), weighed(seed)
    p = np.round(p[:, 1], 1 + seed)
    assert M.auc(y, p, w) == pytest.approx(sk.roc_auc_score(y, p, sample_weight=w), rel=1e-12)
    assert M.brier(y, p, w) == pytest.approx(sk.brier_score_loss(y, p, sample_weight=w), rel=1e-12)
    assert M.log_loss(y, p, w) == pytest.approx(sk.log_loss(y, p, sample_weight=w), rel=1e-12)
    y, y_hat = np.random.default_rng(seed).normal(2.0, 3.0, (2, 300))
    assert M.mse(y, y_hat, w) == pytest.approx(sk.mean_squared_error(y, y_hat, sample_weight=w), rel=1e-12)
    assert M.rmse(y, y_hat, w) == pytest.approx(sk.root_mean_squared_error(y, y_hat, sample_weight=w), rel=1e-12)
    assert M.mae(y, y_hat, w) == pytest.approx(sk.mean_absolute_error(y, y_hat, sample_weight=w), rel=1e-12)
    assert M.r2(y, y_hat, w) == pytest.approx(sk.r2_score(y, y_hat, sample_weight=w), rel=1e-12)
    theirs = sk.mean_pinball_loss(y, y_hat, alpha=0.2, sample_weight=w)
    assert M.pinball(y, y_hat, 0.2, w) == pytest.approx(theirs, rel=1e-12)


def test_a_weight_of_2_is_a_row_twice():
    (y, y_hat, p), w = draw(1), weighed(1)
    rows = np.repeat(np.arange(300), w.astype(int))
    for metric in (M.accuracy, M.balanced_accuracy, M.precision, M.recall, M.specificity, M.f1, M.f_beta, M.matthews):
        assert metric(y, y_hat, weights=w) == pytest.approx(metric(y[rows], y_hat[rows]), rel=1e-12)
    for metric in (M.auc, M.brier, M.log_loss):
        assert metric(y, p, weights=w) == pytest.approx(metric(y[rows], p[rows]), rel=1e-12)


@pytest.mark.parametrize("K", [2, 4])
def test_matthews_with_one_class_only(K):
    y, y_hat, _ = draw(0, K)
    assert M.matthews(y, y_hat) == pytest.approx(sk.matthews_corrcoef(y, y_hat), rel=1e-12)
    assert M.matthews(y, np.zeros_like(y)) == 0 == sk.matthews_corrcoef(y, np.zeros_like(y))
    assert M.matthews(y, y) == pytest.approx(1)


def test_calibration_error_by_hand():
    """Two bins: said 0.2, seen 1/2; said 0.9, seen 1; weighted 2/3 and 1/3."""
    y, p = np.array([0, 1, 1]), np.array([0.1, 0.3, 0.9])
    assert M.calibration_error(y, p, 2) == pytest.approx(2 / 3 * 0.3 + 1 / 3 * 0.1)
    two = np.stack([1 - p, p], axis=1)  # of the predicted class: 0.9 and 0.7 hit and miss, 0.9 hits
    assert M.calibration_error(y, two, 1) == pytest.approx(abs(2.5 / 3 - 2 / 3))


def test_what_is_no_code_and_no_probability():
    with pytest.raises(Mistake, match=r"whole class codes, got 0\.4"):
        M.accuracy([0, 1], [0.4, 1.0])
    with pytest.raises(Mistake, match="whole class codes, got nan"):
        M.f1([0, np.nan], [0, 1])
    with pytest.raises(Mistake, match="makes codes of names"):
        M.accuracy(["a", "b"], [0, 1])
    with pytest.raises(Mistake, match="at least 0, got -1"):
        M.confusion([0, -1], [0, 1])
    with pytest.raises(Mistake, match=r"class codes 0 … 1, got 2"):
        M.log_loss([0, 2], [0.1, 0.2])
    with pytest.raises(Mistake, match="for each of 2 rows"):
        M.brier([0, 1], [0.1, 0.2, 0.3])
    with pytest.raises(Mistake, match="positive rows and others, got 0 of 2 positive"):
        M.roc_curve([0, 0], [0.1, 0.2])
    with pytest.raises(Mistake, match="from 0 to 1"):
        M.calibration_curve([0, 1], [0.1, 1.2])
    assert np.isnan(M.auc([0, 1, 1], [0.1, np.nan, 0.4]))


def test_mistakes():
    with pytest.raises(Mistake, match="3 weights of at least 0, not all 0"):
        M.accuracy([0, 1, 1], [0, 1, 1], [1, -1, 1])
    with pytest.raises(Mistake, match="3 weights"):
        M.auc([0, 1, 1], [0, 1, 1], [0, 0, 0])
    with pytest.raises(Mistake, match="one predicted code for each of 3 rows, got 2"):
        M.f1([0, 1, 1], [0, 1])
    with pytest.raises(Mistake, match="β above 0"):
        M.f_beta([0, 1], [0, 1], 0.0)
    with pytest.raises(Mistake, match="a level"):
        M.pinball([0, 1], [0, 1], 1.0)
    with pytest.raises(Mistake, match="needs both"):
        M.auc(np.zeros(3), np.ones(3))
    with pytest.raises(Mistake, match="predictions of shape"):
        M.rmse(np.ones(3), np.ones((3, 1)))
    with pytest.raises(Mistake, match="class codes"):
        M.accuracy(np.zeros(0), np.zeros(0))


def test_equal_scores_are_one_step_of_the_roc_curve_infinite_ones_too():
    roc = M.roc_curve([1, 0, 1, 0], [-np.inf, -np.inf, 0, np.inf])
    np.testing.assert_array_equal(roc.thresholds, [np.inf, np.inf, 0, -np.inf])
    np.testing.assert_array_equal(roc.fpr, [0, 0.5, 0.5, 1])
    np.testing.assert_array_equal(roc.tpr, [0, 0, 0.5, 1])


@pytest.mark.parametrize("weights", [None, [0.1, 0.3, 0.2, 0]])
def test_r2_of_a_constant_is_one_or_zero(weights):
    y, far = np.array([0.1, 0.1, 0.1, 5 if weights else 0.1]), np.array([0.1, 0.1, 0.2, 5 if weights else 0.1])
    assert M.r2(y, y, weights) == 1 and M.r2(y, far, weights) == 0


@pytest.mark.parametrize("metric", [M.log_loss, M.brier])
@pytest.mark.parametrize("p", [[-3.0, 5.0], [[0.5, 0.5], [-1.0, 2.0]], [[0.0, 0.0], [0.0, 1.0]]])
def test_logits_are_no_probabilities(metric, p):
    with pytest.raises(Mistake, match="probabilities from 0 to 1"):
        metric([0, 1], p)


def test_no_rows_and_infinite_codes():
    with pytest.raises(Mistake, match="one row or more"):
        M.mse([], [])
    with pytest.raises(Mistake, match="whole class codes, got inf"):
        M.accuracy([np.inf], [0])
    assert np.isnan(M.log_loss([0, 1], [np.nan, 0.5]))
