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


def test_mistakes():
    with pytest.raises(Mistake, match="needs both"):
        M.auc(np.zeros(3), np.ones(3))
    with pytest.raises(Mistake, match="predictions of shape"):
        M.rmse(np.ones(3), np.ones((3, 1)))
    with pytest.raises(Mistake, match="class codes"):
        M.accuracy(np.zeros(0), np.zeros(0))
