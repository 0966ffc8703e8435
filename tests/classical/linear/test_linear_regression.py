"""Linear regression and its inference against statsmodels' OLS and WLS, number by number."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.classical.linear.linear_regression import fit_linear_regression
from gradiens.core.check import Mistake

rng = np.random.default_rng(2)
X = rng.normal(size=(50, 3)) * [1.0, 1e4, 1e-3] + [0, 5, 1]
Y = X @ [1.0, 2e-4, 0.0] + 3 + rng.normal(size=50)
W = rng.uniform(0.2, 4, 50)


def peer(weights, intercept):
    import statsmodels.api as sm

    design = sm.add_constant(X) if intercept else X
    return (sm.OLS(Y, design) if weights is None else sm.WLS(Y, design, weights)).fit()


@pytest.mark.parametrize("weights", [None, W], ids=["equal", "weighted"])
@pytest.mark.parametrize("intercept", [True, False])
def test_equals_statsmodels(weights, intercept):
    ours, theirs = fit_linear_regression(X, Y, weights=weights, intercept=intercept), peer(weights, intercept)
    table = ours.coefficients
    np.testing.assert_allclose(ours.b, theirs.params, rtol=1e-6)
    np.testing.assert_allclose(table.standard_error, theirs.bse, rtol=1e-6)
    np.testing.assert_allclose(table.statistic, theirs.tvalues, rtol=1e-6)
    np.testing.assert_allclose(table.p_value, theirs.pvalues, rtol=1e-6)
    np.testing.assert_allclose(np.stack([table.low, table.high], 1), theirs.conf_int(), rtol=1e-6)
    np.testing.assert_allclose(ours.covariance, theirs.cov_params(), rtol=1e-6)
    for name, value in {
        "sigma": theirs.mse_resid**0.5, "r2": theirs.rsquared, "adjusted_r2": theirs.rsquared_adj, "f": theirs.fvalue,
        "f_p_value": theirs.f_pvalue, "log_likelihood": theirs.llf, "aic": theirs.aic, "bic": theirs.bic,
        "degrees": theirs.df_resid,
    }.items():  # fmt: skip
        assert getattr(ours, name) == pytest.approx(value, rel=1e-9), name
    np.testing.assert_allclose(ours.residuals, theirs.resid, atol=1e-10)


def test_intervals_and_leaving_one_out_equal_statsmodels():
    import statsmodels.api as sm

    ours, theirs = fit_linear_regression(X, Y), peer(None, True)
    at = X[:5] + 0.1
    told = theirs.get_prediction(sm.add_constant(at)).summary_frame(alpha=0.1)
    np.testing.assert_allclose(ours.predict(at), told["mean"], rtol=1e-9)
    np.testing.assert_allclose(ours.interval(at, 0.9), told[["mean_ci_lower", "mean_ci_upper"]], rtol=1e-8)
    np.testing.assert_allclose(ours.interval(at, 0.9, new=True), told[["obs_ci_lower", "obs_ci_upper"]], rtol=1e-8)
    influence = theirs.get_influence()
    np.testing.assert_allclose(ours.leverage, influence.hat_matrix_diag, rtol=1e-9)
    np.testing.assert_allclose(ours.leave_one_out(), influence.resid_press, rtol=1e-9)


def test_what_dependent_columns_leave_open():
    """x₁ and a copy of it share one coefficient; x₂ and the intercept keep theirs."""
    twice = fit_linear_regression(np.column_stack([X[:, 0], X[:, 0], X[:, 2]]), Y)
    once = fit_linear_regression(X[:, [0, 2]], Y)
    assert twice.rank == 3 and twice.degrees == once.degrees
    assert np.isinf(twice.coefficients.standard_error).tolist() == [False, True, True, False]
    np.testing.assert_allclose(twice.coefficients.standard_error[[0, 3]], once.coefficients.standard_error[[0, 2]])
    np.testing.assert_allclose(twice.predict(np.column_stack([X[:, 0], X[:, 0], X[:, 2]])), once.predict(X[:, [0, 2]]))
    np.testing.assert_allclose([twice.r2, twice.f], [once.r2, once.f], rtol=1e-9)


def test_intervals_cover():
    """95 % intervals for a slope: 1000 samples of 12 rows, the coverage within 3 standard errors of 0.95."""
    draw, x = np.random.default_rng(0), np.arange(12.0)[:, None]
    tables = [fit_linear_regression(x, 0.5 * x[:, 0] + draw.normal(size=12)).coefficients for _ in range(1000)]
    covered = np.mean([t.low[1] <= 0.5 <= t.high[1] for t in tables])
    assert abs(covered - 0.95) <= 3 * np.sqrt(0.95 * 0.05 / 1000)


def test_an_exact_fit():
    exact = fit_linear_regression(np.arange(5.0)[:, None], np.zeros(5))
    assert exact.rss == 0 and np.isnan(exact.r2) and exact.log_likelihood == np.inf


def test_names_and_text():
    fit = fit_linear_regression(X, Y, names=["a", "b", "c"])
    assert fit.coefficients.names == ("intercept", "a", "b", "c")
    text = str(fit)
    assert text.splitlines()[1].startswith("intercept") and "50 rows, 46 residual degrees of freedom" in text
    assert f"R² {fit.r2:.5g}" in text
    assert fit_linear_regression(X, Y, intercept=False).coefficients.names == ("x1", "x2", "x3")


@pytest.mark.parametrize(
    "bad",
    [{"x": X[:, 0]}, {"y": Y[:-1]}, {"x": X * np.nan}, {"weights": np.zeros(50)}, {"weights": W[:3]}, {"names": ["a"]},
     {"x": X[:4], "y": Y[:4]}],
)  # fmt: skip
def test_bad_input(bad):
    with pytest.raises(Mistake):
        fit_linear_regression(**{"x": X, "y": Y, **bad})
