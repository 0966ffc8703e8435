"""The perceptron against its rule written out, its bound, and the gates of the threshold unit."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.classical.classifiers.perceptron import fit_perceptron, margin, mistake_bound
from gradiens.classical.classifiers.threshold_unit import ThresholdUnit
from gradiens.core.check import Mistake

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
rng = np.random.default_rng(3)
X = rng.uniform(size=(60, 2))
U = np.array([-0.1, 1.0, -0.8])
SIDE = np.hstack([np.ones((60, 1)), X]) @ U
X, Y = X[np.abs(SIDE) > 0.08], np.sign(SIDE[np.abs(SIDE) > 0.08])


def by_hand(x, y, passes):
    """Rosenblatt's rule, an example after the other."""
    w, counts = np.zeros(x.shape[1] + 1), []
    for _ in range(passes):
        wrong = 0
        for row, target in zip(x, y, strict=True):
            z = w[0] + w[1:] @ row
            if target * z <= 0:
                w, wrong = w + target * np.array([1.0, *row]), wrong + 1
        counts.append(wrong)
        if not wrong:
            break
    return w, counts


def test_equals_the_rule_by_hand():
    w, counts = by_hand(X, Y, 1000)
    ours = fit_perceptron(X, Y)
    np.testing.assert_allclose([ours.b, *ours.w], w, rtol=1e-12)
    assert ours.mistakes == sum(counts) > 5 and ours.converged
    assert list(ours.mistakes_by_pass[: len(counts) - 1]) == counts[:-1]
    np.testing.assert_array_equal(ours.predict(X), Y)


def test_mistakes_stay_below_novikoffs_bound():
    ours = fit_perceptron(X, Y)
    gamma = margin(U[1:], U[0], X, Y)
    assert gamma > 0 and ours.mistakes <= mistake_bound(X, gamma)
    found = margin(ours.w, ours.b, X, Y)
    assert found > 0 and ours.mistakes <= mistake_bound(X, found)


def test_bound_by_hand():
    # One point (1, 0) of class +1: with the constant, R² = 2; along (0, 1, 0) the margin is 1.
    assert mistake_bound(np.array([[1.0, 0.0]]), margin(np.array([3.0, 0.0]), 0.0, [[1.0, 0.0]], [1.0])) == 2.0


def test_inseparable_classes_never_stop():
    ours = fit_perceptron(CORNERS, [-1.0, 1.0, 1.0, -1.0], passes=20)
    assert not ours.converged and len(ours.mistakes_by_pass) == 20 and "inseparable" in ours.says
    assert (ours.mistakes_by_pass > 0).all()
    w, _ = by_hand(CORNERS, [-1.0, 1.0, 1.0, -1.0], 20)
    np.testing.assert_array_equal([ours.b, *ours.w], w)


@pytest.mark.parametrize(
    ("w", "b", "table"),
    [([1, 1], -1.5, [0, 0, 0, 1]), ([1, 1], -0.5, [0, 1, 1, 1]), ([-1, -1], 1.5, [1, 1, 1, 0])],
    ids=["and", "or", "nand"],
)
def test_gates(w, b, table):
    np.testing.assert_array_equal(ThresholdUnit(np.array(w), b).predict(CORNERS), table)


def test_at_the_threshold_a_unit_is_off():
    assert ThresholdUnit(np.array([1.0]), -1.0).predict([[1.0], [1.5]]).tolist() == [0, 1]


def test_bad_input():
    with pytest.raises(Mistake, match=r"\+1 and -1"):
        fit_perceptron(X, Y > 0)
    with pytest.raises(Mistake, match="shape"):
        fit_perceptron(X[0], Y)
    with pytest.raises(Mistake, match="finite"):
        fit_perceptron(X * np.nan, Y)
    with pytest.raises(Mistake, match="margin"):
        mistake_bound(X, 0.0)
    with pytest.raises(Mistake, match="shape"):
        ThresholdUnit(np.ones((2, 2)))
    with pytest.raises(Mistake, match="shape"):
        ThresholdUnit(np.ones(2)).predict(np.ones((3, 3)))
