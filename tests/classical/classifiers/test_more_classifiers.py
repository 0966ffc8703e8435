"""Split classifier, output codes and discriminant analysis: by hand, against scikit-learn, and by their theorems."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.classical.classifiers.discriminant import fit_discriminant
from gradiens.classical.classifiers.linear_classifier import OneVsRest, fit_linear_classifier
from gradiens.classical.classifiers.output_codes import exhaustive_code, fit_output_codes
from gradiens.classical.classifiers.split_classifier import fit_split_classifier
from gradiens.classical.linear.least_squares import fit_linear
from gradiens.core.check import Failure, Mistake

rng = np.random.default_rng(5)
Y = rng.integers(0, 3, 240)
X = np.array([[0.0, 0, 1], [3, 1, 0], [0, 3, 1]])[Y] + rng.normal(size=(240, 3)) @ [[1, 0.3, 0], [0, 1, 0.5], [0, 0, 2]]
NEW = rng.normal(size=(50, 3)) * 3


def test_each_side_of_the_split_has_its_own_fit():
    v = np.array([0.2, -0.3, 1.0])
    ours = fit_split_classifier(X, Y, 3, v)
    before = (X - X.mean(0)) @ v > 0
    for rows, new in ((before, (NEW - X.mean(0)) @ v > 0), (~before, (NEW - X.mean(0)) @ v <= 0)):
        alone = OneVsRest.fit(X[rows], Y[rows], 3)
        np.testing.assert_allclose(ours.scores(NEW)[new], alone.scores(NEW[new]), atol=1e-9)
        np.testing.assert_array_equal(ours.predict(NEW)[new], alone.predict(NEW[new]))
    np.testing.assert_allclose(ours.scores(NEW).sum(1), 2 - 3, atol=1e-9)


def test_a_split_solves_what_no_line_does():
    corners, xor = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
    assert (fit_split_classifier(corners, xor, 2, np.array([1.0, 0.1])).predict(corners) == xor).all()
    assert (fit_linear_classifier(corners, xor, 2).predict(corners) == xor).mean() < 1


def test_a_class_that_is_missing_on_a_side_has_score_minus_one():
    x, y = np.array([[-3.0], [-2.0], [2.0], [3.0], [4.0]]), np.array([0, 1, 2, 2, 1])
    np.testing.assert_allclose(fit_split_classifier(x, y, 3, np.ones(1)).scores([[9.0], [-9.0]])[[0, 1], [0, 2]], -1)


def test_split_bad_input():
    with pytest.raises(Mistake, match="normal"):
        fit_split_classifier(X, Y, 3, np.ones(2))
    with pytest.raises(Mistake, match="codes"):
        fit_split_classifier(X, Y, 2, np.ones(3))
    with pytest.raises(Failure, match="one side"):
        fit_split_classifier(X, Y, 3, np.zeros(3))


def test_exhaustive_code():
    np.testing.assert_array_equal(exhaustive_code(3), [[1, 1, 1], [-1, -1, 1], [-1, 1, -1]])
    words = exhaustive_code(6)
    differ = (words[:, None] != words[None]).sum(-1)
    assert words.shape == (6, 31) and set(differ[~np.eye(6, dtype=bool)]) == {16}  # 2^(K-2)
    assert len({tuple(letter) for letter in np.hstack([words, -words]).T}) == 62  # no division twice


def test_codes_by_hand():
    words = exhaustive_code(3)
    ours = fit_output_codes(X, Y, words)
    scores = np.stack([fit_linear(X, words[Y, letter].astype(float)).predict(NEW) for letter in range(3)], 1)
    np.testing.assert_allclose(ours.scores(NEW), scores, atol=1e-10)
    nearest = [np.argmin(((np.clip(row, -1, 1) - words) ** 2).sum(1)) for row in scores]  # nearest word
    np.testing.assert_array_equal(ours.predict(NEW), nearest)
    again = fit_output_codes(X, Y, words, lambda x, t: fit_linear(x, t))
    np.testing.assert_allclose(again.scores(NEW), scores, atol=1e-10)


def test_codes_correct_wrong_letters():
    class Fixed:
        def __init__(self, score):
            self.score = score

        def predict(self, x):
            return np.array([self.score])

    from gradiens.classical.classifiers.output_codes import OutputCodes

    words = exhaustive_code(6)
    for k in range(6):
        wrong = words[k].copy()
        wrong[rng.choice(31, 7, replace=False)] *= -1  # (16 - 1)/2
        assert OutputCodes(words, [Fixed(s) for s in wrong]).predict(NEW[:1])[0] == k


@pytest.mark.parametrize(
    "words", [[[1, 0], [0, 1]], [[1, 1], [1, 1], [-1, -1]], [[1, 1], [1, -1], [1, 1]], [[1, -1], [-1, 1]]]
)
def test_bad_codes(words):
    with pytest.raises(Mistake):
        fit_output_codes(X, Y, np.array(words))


def test_code_of_too_many_classes():
    with pytest.raises(Mistake, match="random code"):
        exhaustive_code(17)


@pytest.mark.parametrize("shrinkage", [0.0, 0.2])
def test_discriminant_equals_sklearn(shrinkage):
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    ours = fit_discriminant(X, Y, 3, shrinkage)
    peer = LinearDiscriminantAnalysis("eigen", shrinkage=shrinkage or None, store_covariance=True).fit(X, Y)
    within = np.cov((X - peer.means_[Y]).T, bias=True)
    shrunk = (1 - shrinkage) * within + shrinkage * np.trace(within) / 3 * np.eye(3)
    np.testing.assert_allclose(ours.covariance, shrunk, rtol=1e-9)
    np.testing.assert_allclose(ours.predict_proba(NEW), peer.predict_proba(NEW), rtol=1e-6, atol=1e-12)
    if not shrinkage:  # the peer shrinks the covariance between the classes too
        np.testing.assert_allclose(np.abs(NEW @ ours.directions), np.abs(peer.transform(NEW)), rtol=1e-6)
        np.testing.assert_allclose(ours.ratios / ours.ratios.sum(), peer.explained_variance_ratio_[:2], rtol=1e-6)
    np.testing.assert_array_equal(ours.predict(NEW), peer.predict(NEW))


def test_directions_whiten_the_classes():
    ours = fit_discriminant(X, Y, 3)
    z = ours.transform(X)
    within = z - np.stack([z[k == Y].mean(0) for k in range(3)])[Y]
    np.testing.assert_allclose(within.T @ within / len(X), np.eye(2), atol=1e-9)
    assert ours.ratios[0] >= ours.ratios[1] > 0


def test_least_squares_is_along_fishers_direction():
    rows = Y < 2
    ours, least = fit_discriminant(X[rows], Y[rows], 2), fit_linear(X[rows], 2.0 * Y[rows] - 1)
    v = ours.directions[:, 0]
    assert abs(v @ least.w) == pytest.approx(np.linalg.norm(v) * np.linalg.norm(least.w), rel=1e-9)


def test_discriminant_bad_input():
    twice = np.hstack([X, X[:, :1]])
    with pytest.raises(Failure, match="shrinkage"):
        fit_discriminant(twice, Y, 3)
    assert fit_discriminant(twice, Y, 3, 0.01).predict(twice).shape == (240,)
    with pytest.raises(Mistake, match="each present"):
        fit_discriminant(X, Y, 4)
    with pytest.raises(Mistake, match="between 0 and 1"):
        fit_discriminant(X, Y, 3, 2.0)
    with pytest.raises(Mistake, match="shape"):
        fit_discriminant(X[0], Y, 3)
    with pytest.raises(Mistake, match="finite"):
        fit_discriminant(X * np.nan, Y, 3)
