"""Scores and comparisons against scikit-learn and against the definition."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.metrics as peer

from gradiens.cli.fit import verdict
from gradiens.report.headline import verdict as verdict_on_the_page
from gradiens.train.evaluate import compare, intervals, score


@pytest.fixture
def three_classes():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 200)
    p = rng.dirichlet(np.ones(3), 200) + 1.5 * np.eye(3)[y] * rng.random((200, 1))
    return y, p / p.sum(1, keepdims=True)


def test_scores_of_classes_are_scikit_learns(three_classes):
    y, p = three_classes
    ours = score("classes", y, p)
    label = p.argmax(1)
    assert ours["accuracy"] == pytest.approx(peer.accuracy_score(y, label), abs=1e-12)
    assert ours["balanced_accuracy"] == pytest.approx(peer.balanced_accuracy_score(y, label), abs=1e-12)
    assert ours["f1"] == pytest.approx(peer.f1_score(y, label, average="macro"), abs=1e-12)
    assert ours["log_loss"] == pytest.approx(peer.log_loss(y, p), abs=1e-12)
    assert ours["auc"] == pytest.approx(peer.roc_auc_score(y, p, multi_class="ovr"), abs=1e-12)


def test_scores_of_numbers_are_scikit_learns():
    rng = np.random.default_rng(0)
    y, z = rng.normal(size=(2, 100))
    ours = score("number", y, z)
    assert ours["rmse"] == pytest.approx(peer.root_mean_squared_error(y, z), abs=1e-12)
    assert ours["mae"] == pytest.approx(peer.mean_absolute_error(y, z), abs=1e-12)
    assert ours["r2"] == pytest.approx(peer.r2_score(y, z), abs=1e-12)


def test_the_interval_of_a_paired_comparison_is_that_of_its_sampling_distribution():
    """n paired differences in {-1, 0, 1}: the bootstrap's spread is the standard error s/√n."""
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 1000)
    ours = np.where(rng.random(1000) < 0.9, y, 1 - y).astype(float)
    theirs = np.where(rng.random(1000) < 0.8, y, 1 - y).astype(float)
    d = (ours == y).astype(float) - (theirs == y)
    found = compare("binary", y, ours, theirs, seed=0)
    low, high = found["interval"]
    assert found["difference"] == pytest.approx(d.mean(), abs=1e-12)
    assert high - low == pytest.approx(2 * 1.96 * d.std() / np.sqrt(1000), rel=0.1)
    assert found["verdict"] == "beats"
    assert compare("binary", y, theirs, ours, seed=0)["verdict"] == "does not beat"
    assert compare("binary", y, ours, ours, seed=0)["verdict"] == "cannot be told from"
    assert compare("binary", y, ours, ours, seed=0)["difference"] == 0


def test_too_few_rows_give_no_verdict():
    y = np.array([1.0, 2.0, 4.0])
    found = compare("number", y, y, y + 1, seed=0)
    assert found["verdict"] == "cannot be told from" and found["interval"] is None  # it would be 1 to 1
    y = np.arange(9) % 2
    found = compare("binary", y, 1.0 - y, y.astype(float), seed=0)
    assert found["verdict"] == "cannot be told from" and found["interval"] is None and found["difference"] == -1
    for said in (verdict({"baseline": "logistic", **found}), verdict_on_the_page({"baseline": "logistic", **found})):
        assert "too few" in said and "95" not in said
    assert compare("binary", np.arange(10) % 2, np.zeros(10), np.ones(10), seed=0)["interval"] is not None
    assert "r2" not in score("number", np.ones(3), np.array([1.0, 2.0, 3.0]))


def test_a_smaller_error_is_a_positive_difference():
    y = np.linspace(0, 1, 50)
    found = compare("number", y, y + 0.1, y + 0.3, seed=0)
    assert found["difference"] == pytest.approx(0.2)
    assert found["verdict"] == "beats"


def test_the_intervals_of_means_are_those_of_their_sampling_distribution(three_classes):
    """Accuracy and log loss are means of n terms: the bootstrap's spread is the standard error s/√n."""
    y, p = three_classes
    found, at = intervals("classes", y, p, seed=0), score("classes", y, p)
    assert set(found) == set(at)
    share, n, z = at["accuracy"], 200, 1.959964
    ends = [
        (share + z**2 / (2 * n) + s * z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))) / (1 + z**2 / n)
        for s in (-1, 1)
    ]
    assert found["accuracy"] == pytest.approx(ends, abs=1e-6)
    perfect = intervals("classes", y, np.eye(3)[y], seed=0)
    assert perfect["accuracy"] == pytest.approx([1 / (1 + z**2 / n), 1.0], abs=1e-6)
    assert "auc" not in perfect
    terms = {"accuracy": (p.argmax(1) == y).astype(float), "log_loss": -np.log(p[np.arange(len(y)), y])}
    for name, values in terms.items():
        low, high = found[name]
        assert low < at[name] < high
        assert high - low == pytest.approx(2 * 1.96 * values.std() / np.sqrt(len(y)), rel=0.15)


def test_few_rows_and_metrics_that_some_draw_has_no_value_of_get_no_interval():
    y = np.array([0] * 29 + [1])  # every third draw has no row of class 1, and so no AUC
    p = np.linspace(0.1, 0.9, 30)
    found = intervals("binary", y, p, seed=0)
    assert "auc" not in found and {"accuracy", "log_loss"} <= set(found)
    assert intervals("binary", y[-5:], p[-5:], seed=0) == {}


def test_one_test_row_is_compared_without_an_interval():
    found = compare("number", np.array([1.0]), np.array([1.5]), np.array([3.0]), seed=0)
    assert found["difference"] == pytest.approx(1.5)
    assert found["verdict"] == "cannot be told from" and found["interval"] is None
