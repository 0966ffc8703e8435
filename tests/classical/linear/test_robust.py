"""Huber's and quantile regression against statsmodels, scikit-learn and the definition of a median."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.classical.linear.huber_regression import fit_huber
from gradiens.classical.linear.quantile_regression import fit_least_absolute, fit_quantile
from gradiens.core.check import Failure, Mistake

rng = np.random.default_rng(4)
X = rng.normal(size=(61, 3)) + 1
Y = X @ [2.0, -1.0, 0.0] + 3 + rng.standard_t(2, size=61)
Y[:5] += 40
LOCATION = np.array([0.0, 1, 2, 3, 4, 5, 1000])


def test_huber_with_estimated_scale_equals_statsmodels():
    import statsmodels.api as sm

    ours = fit_huber(X, Y, 1.5, scale="mad")
    peer = sm.RLM(Y, sm.add_constant(X), sm.robust.norms.HuberT(1.5)).fit(maxiter=500, tol=1e-12)
    np.testing.assert_allclose([ours.b, *ours.w], peer.params, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(ours.scale, peer.scale, rtol=1e-6)
    np.testing.assert_allclose(ours.weights, peer.weights, rtol=1e-5)


def test_huber_at_the_scale_of_sklearn_equals_sklearn():
    from sklearn.linear_model import HuberRegressor

    peer = HuberRegressor(epsilon=1.2, alpha=0, tol=1e-10, max_iter=10_000).fit(X, Y)
    ours = fit_huber(X, Y, 1.2 * peer.scale_)
    np.testing.assert_allclose([ours.b, *ours.w], [peer.intercept_, *peer.coef_], atol=1e-4)


@pytest.mark.parametrize("delta", [0.1, 1.0, 1e3])
@pytest.mark.parametrize("intercept", [True, False])
def test_huber_solves_its_equations(delta, intercept):
    """Σ ψ_δ(r_i) x_i = 0, ψ the clipped residual."""
    ours = fit_huber(X, Y, delta, intercept=intercept)
    psi = np.clip(Y - ours.predict(X), -delta, delta)
    np.testing.assert_allclose(X.T @ psi, 0, atol=1e-8 * max(1, delta))
    if intercept:
        assert abs(psi.sum()) <= 1e-8 * max(1, delta)


def test_a_wide_huber_is_least_squares_and_a_narrow_one_least_absolute():
    from sklearn.linear_model import LinearRegression

    wide, peer = fit_huber(X, Y, 1e6), LinearRegression().fit(X, Y)
    np.testing.assert_allclose([wide.b, *wide.w], [peer.intercept_, *peer.coef_], rtol=1e-9)
    assert np.all(wide.weights == 1)
    narrow, absolute = fit_huber(X, Y, 1e-5), fit_least_absolute(X, Y)
    np.testing.assert_allclose([narrow.b, *narrow.w], [absolute.b, *absolute.w], atol=1e-4)


@pytest.mark.parametrize("tau", [0.1, 0.5, 0.75])
def test_quantile_equals_sklearn(tau):
    from sklearn.linear_model import QuantileRegressor

    ours, peer = fit_quantile(X, Y, tau), QuantileRegressor(quantile=tau, alpha=0).fit(X, Y)
    np.testing.assert_allclose([ours.b, *ours.w], [peer.intercept_, *peer.coef_], atol=1e-7)
    e = Y - ours.predict(X)
    assert ours.objective == pytest.approx(np.sum(np.where(e > 0, tau * e, (tau - 1) * e)), rel=1e-12)
    assert abs(ours.gap) <= 1e-9 * ours.objective
    assert np.sum(e < -1e-9) <= tau * 61 <= np.sum(e < 1e-9)  # the share τ lies below


def test_quantile_equals_statsmodels():
    import statsmodels.api as sm

    peer = sm.QuantReg(Y, sm.add_constant(X)).fit(0.3, max_iter=5000, p_tol=1e-12)
    ours = fit_quantile(X, Y, 0.3)
    np.testing.assert_allclose([ours.b, *ours.w], peer.params, atol=1e-5)


def test_quantile_in_other_units():
    a, b = fit_quantile(X * [1, 1e6, 1e-6], Y * 1e8, 0.3), fit_quantile(X, Y, 0.3)
    np.testing.assert_allclose(a.w * [1, 1e6, 1e-6], 1e8 * b.w, rtol=1e-6, atol=1e-1)


def test_location():
    empty = np.zeros((7, 0))
    assert fit_least_absolute(empty, LOCATION).b == pytest.approx(3, abs=1e-9)
    assert fit_huber(empty, LOCATION, 1.0).b == pytest.approx(3, abs=1e-9)
    assert fit_quantile(empty, LOCATION, 0.2).b == pytest.approx(1, abs=1e-9)
    assert fit_huber(empty, np.full(7, 2.0)).b == pytest.approx(2)


@pytest.mark.parametrize("fit", [fit_huber, fit_quantile])
def test_bad_input(fit):
    for x, y in ((X[0], Y), (X, Y[:-1]), (X * np.nan, Y), (X[:0], Y[:0])):
        with pytest.raises(Mistake):
            fit(x, y)
    with pytest.raises(Mistake):
        fit(X, Y, 0.0)
    with pytest.raises(Mistake):
        fit(X[:, :0], Y, 0.5, intercept=False)
    with pytest.raises(Mistake, match="mad"):
        fit_huber(X, Y, scale="made")
    with pytest.raises(Mistake):
        fit_quantile(X, Y, 1.0)
    with pytest.raises(Failure, match="2 steps"):
        fit_huber(X, Y, 0.5, steps=2)
