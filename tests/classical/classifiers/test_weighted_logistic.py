"""Many weightings at once against one fit at a time, and the bootstrap made of them."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.classical.classifiers import weighted_logistic
from gradiens.classical.classifiers.bootstrap_logistic import bootstrap_logistic, draw_counts
from gradiens.classical.classifiers.logistic_inference import logistic_inference
from gradiens.classical.classifiers.logistic_regression import fit_logistic
from gradiens.classical.classifiers.weighted_logistic import fit_weighted_logistic
from gradiens.core.check import Failure, Mistake

rng = np.random.default_rng(6)
X = rng.normal(size=(150, 3)) * [1.0, 3.0, 0.3] + [0.0, 1.0, -2.0]
Y = (X @ [1.0, -0.4, 3.0] + 6.0 + rng.logistic(size=150) > 0).astype(int)


@pytest.mark.parametrize("together", [True, False])
def test_each_weighting_equals_a_weighted_fit(monkeypatch, together):
    from sklearn.linear_model import LogisticRegression

    monkeypatch.setattr(weighted_logistic, "PRODUCTS", np.inf if together else 0)
    weights = np.vstack([np.ones(150), rng.integers(0, 3, (4, 150)), rng.uniform(size=(1, 150))])
    ours = fit_weighted_logistic(X, Y, weights, l2=0.03)
    for w, b, weight in zip(ours.w, ours.b, weights, strict=True):
        peer = LogisticRegression(C=1 / (0.03 * weight.sum()), tol=1e-12, max_iter=1000).fit(X, Y, weight)
        np.testing.assert_allclose(np.append(b, w), np.append(peer.intercept_, peer.coef_), atol=1e-5)
    assert ours.converged.all() and 3 < ours.iterations < 15
    np.testing.assert_allclose(ours.scores(X[:2]), ours.b[:, None] + ours.w @ X[:2].T)


def test_a_resample_is_the_fit_to_its_rows():
    rows = rng.integers(0, 150, 150)
    alone = fit_logistic(X[rows], Y[rows], 2)
    ours = fit_weighted_logistic(X, Y, np.bincount(rows, minlength=150)[None])
    np.testing.assert_allclose(np.append(ours.b, ours.w), np.append(alone.b[1], alone.w[:, 1]), rtol=1e-7)


def test_where_newton_overshoots_steps_are_halved():
    start = np.array([8.0, -6.0, 5.0, 9.0])
    far = fit_weighted_logistic(X, Y, np.ones((1, 150)), 0.001, start)
    near = fit_weighted_logistic(X, Y, np.ones((1, 150)), 0.001)
    assert far.converged.all() and far.iterations > near.iterations
    np.testing.assert_allclose(far.w, near.w, rtol=1e-6)


def test_a_separated_weighting_has_no_estimate_and_says_so():
    x, y = np.array([[-2.0], [-1.0], [0.5], [1.0], [2.0], [0.0]]), np.array([0, 0, 0, 1, 1, 1])
    weights = np.ones((2, 6))
    weights[1, [2, 5]] = 0  # without these two, the rest is separated
    assert fit_weighted_logistic(x, y, weights, tolerance=1e-12).converged.tolist() == [True, False]
    with pytest.raises(Failure, match=r"of 200 resamples have no estimate.*l2"):
        bootstrap_logistic(x, y)


def test_counts():
    counts = draw_counts(50, 4000, seed=1)
    assert counts.shape == (4000, 50) and (counts.sum(1) == 50).all()
    np.testing.assert_array_equal(counts, draw_counts(50, 4000, seed=1))
    assert (counts != draw_counts(50, 4000, seed=2)).any()
    # Each count is binomial (50, 1/50): mean 1, variance 0.98; 200,000 counts.
    assert counts.var() == pytest.approx(0.98, abs=0.02) and (counts == 0).mean() == pytest.approx(0.98**50, abs=0.005)


def test_bootstrap_is_near_the_theory():
    """300 resamples: the standard errors are those of the information matrix, within a quarter."""
    ours = bootstrap_logistic(X, Y, 300, level=0.9)
    theory = logistic_inference(fit_logistic(X, Y, 2), X, Y).coefficients
    np.testing.assert_allclose(ours.estimate, theory.estimate, rtol=1e-7)
    np.testing.assert_allclose(ours.standard_error, theory.standard_error, rtol=0.25)
    for j in range(4):
        inside = (ours.resampled[:, j] >= ours.low[j]) & (ours.resampled[:, j] <= ours.high[j])
        assert inside.mean() == pytest.approx(0.9, abs=0.01)


@pytest.mark.parametrize(
    ("x", "y", "weights", "l2"),
    [
        (X, Y[:-1], np.ones((2, 150)), 0),
        (X, Y, np.ones(150), 0),
        (X, Y + 1, np.ones((2, 150)), 0),
        (X, Y, -np.ones((2, 150)), 0),
        (X, Y, np.zeros((2, 150)), 0),
        (X * np.nan, Y, np.ones((2, 150)), 0),
        (X, Y, np.ones((2, 150)), -1),
    ],
)
def test_bad_input(x, y, weights, l2):
    with pytest.raises(Mistake):
        fit_weighted_logistic(x, y, weights, l2)


def test_bad_bootstrap():
    with pytest.raises(Mistake, match="level"):
        bootstrap_logistic(X, Y, level=1.0)
    with pytest.raises(Mistake, match="resample"):
        bootstrap_logistic(X, Y, 0)
