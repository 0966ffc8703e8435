"""What linear models are given: standard units, interactions, indicators; and the bounds of gradient descent on them."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.classical.features.indicators import Indicators
from gradiens.classical.features.interaction_features import interaction_features, interactions
from gradiens.classical.features.standardised import Standardised
from gradiens.classical.linear.descent_bounds import DescentBounds
from gradiens.core.check import Mistake

rng = np.random.default_rng(5)
X = rng.normal(size=(30, 3)) * [1, 10, 0.1] + [0, 5, 1]


def test_standard_units_and_back():
    from sklearn.preprocessing import StandardScaler

    units = Standardised.of(X)
    np.testing.assert_allclose(units.apply(X), StandardScaler().fit_transform(X), atol=1e-12)
    w, b = units.back([1.0, -2.0, 3.0], 0.7)
    np.testing.assert_allclose(X @ w + b, units.apply(X) @ [1.0, -2.0, 3.0] + 0.7, atol=1e-10)


def test_a_constant_column_stays_finite():
    units = Standardised.of(np.full((5, 1), 0.1 + 0.2))
    np.testing.assert_array_equal(units.apply(np.full((2, 1), 0.1 + 0.2)), 0)


def test_interactions_equal_sklearn():
    from sklearn.preprocessing import PolynomialFeatures

    for degree in (2, 3):
        peer = PolynomialFeatures(degree, interaction_only=True, include_bias=False)
        np.testing.assert_allclose(interaction_features(X, degree), peer.fit_transform(X), rtol=1e-14)
    assert interactions(3) == [(0, 1), (0, 2), (1, 2)]
    np.testing.assert_array_equal(interaction_features(np.array([[2, 3, 5]]), 3), [[2, 3, 5, 6, 10, 15, 30]])


def test_indicators():
    code = Indicators.of(["b", "a", "c", "a"])
    assert (code.levels, code.reference) == (("b", "c"), "a")
    np.testing.assert_array_equal(code.apply(["a", "b", "c"]), [[0, 0], [1, 0], [0, 1]])
    np.testing.assert_array_equal(Indicators.of("bab", full=True).apply(["a", "b"]), np.eye(2))
    assert Indicators.of([2, 1, 3], reference="3").levels == ("1", "2")
    with pytest.raises(Mistake, match="'d'"):
        code.apply(["d"])
    with pytest.raises(Mistake, match="level"):
        Indicators.of(["a"], reference="z")


def test_indicators_give_differences_from_the_reference():
    groups, y = np.array(list("aabbcc")), np.array([1.0, 3, 5, 7, 0, 2])
    design = np.hstack([np.ones((6, 1)), Indicators.of(list(groups)).apply(list(groups))])
    np.testing.assert_allclose(np.linalg.lstsq(design, y)[0], [2, 4, -1], atol=1e-12)


def test_bounds_of_gradient_descent():
    """By running it: the error contracts by at most ρ, and 2/L divides convergence from divergence."""
    bounds = DescentBounds.of(X)
    eigenvalues = np.linalg.eigvalsh(2 * X.T @ X / 30)
    assert bounds.condition == pytest.approx(eigenvalues[-1] / eigenvalues[0], rel=1e-9)
    assert bounds.bound == pytest.approx(30 / np.linalg.eigvalsh(X.T @ X)[-1], rel=1e-12)
    κ = bounds.condition
    assert bounds.contraction(bounds.best_rate) == pytest.approx((κ - 1) / (κ + 1), rel=1e-12)
    y, best = X @ [1.0, 2, 3], np.array([1.0, 2, 3])
    for rate in (0.3 * bounds.bound, bounds.best_rate, 1.01 * bounds.bound):
        t, ratios = np.zeros(3), []
        for _ in range(50):
            new = t + rate * 2 / 30 * X.T @ (y - X @ t)
            ratios.append(np.linalg.norm(new - best) / np.linalg.norm(t - best))
            t = new
        assert max(ratios) <= bounds.contraction(rate) * (1 + 1e-9)
        assert (ratios[-1] > 1) == (rate > bounds.bound)
    assert DescentBounds.of(np.ones((4, 2))).condition > 1e12


@pytest.mark.parametrize(
    "wrong",
    [lambda: Standardised.of(X[0]), lambda: Standardised.of(X * np.nan), lambda: Standardised.of(X).back([1.0]),
     lambda: interaction_features(X, 1), lambda: interaction_features(X[0]), lambda: Indicators.of([]),
     lambda: DescentBounds.of(X[0]), lambda: DescentBounds.of(0 * X)],
)  # fmt: skip
def test_bad_input(wrong):
    with pytest.raises(Mistake):
        wrong()
