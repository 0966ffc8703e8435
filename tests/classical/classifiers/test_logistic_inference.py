"""Standard errors, tests and likelihoods against statsmodels; Firth against its definition; what has no answer says so."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.classical.classifiers.binomial_regression import fit_binomial
from gradiens.classical.classifiers.firth import fit_firth
from gradiens.classical.classifiers.likelihood_ratio import likelihood_ratio_test
from gradiens.classical.classifiers.logistic_inference import information, logistic_inference, score
from gradiens.classical.classifiers.logistic_regression import fit_logistic
from gradiens.classical.classifiers.wald import wald
from gradiens.core.check import Failure, Mistake

rng = np.random.default_rng(4)
X = rng.normal(size=(250, 3)) * [1.0, 20.0, 0.1] + [0.0, 50.0, 1.0]
Y2 = (X @ [1.0, -0.05, 8.0] - 5.2 + rng.logistic(size=250) > 0).astype(int)
Y3 = np.argmax(np.stack([0 * X[:, 0], X[:, 0], X[:, 1] / 20 - 2.5], 1) + rng.gumbel(size=(250, 3)), axis=1)
LINE = np.array([[-2.0], [-1.0], [1.0], [2.0]])
SPLIT = np.array([0, 0, 1, 1])


def with_ones(x):
    return np.hstack([np.ones((len(x), 1)), x])


def test_two_classes_equal_statsmodels():
    from statsmodels.api import Logit

    ours, peer = (
        logistic_inference(fit_logistic(X, Y2, 2), X, Y2, ("a", "b", "c"), 0.9),
        Logit(Y2, with_ones(X)).fit(disp=0),
    )
    table = ours.coefficients
    np.testing.assert_allclose(table.estimate, peer.params, rtol=1e-6)
    np.testing.assert_allclose(table.standard_error, peer.bse, rtol=1e-5)
    np.testing.assert_allclose(table.p_value, peer.pvalues, rtol=1e-5)
    np.testing.assert_allclose(np.stack([table.low, table.high], 1), peer.conf_int(0.1), rtol=1e-5)
    np.testing.assert_allclose(ours.covariance, peer.cov_params(), rtol=1e-5)
    assert table.names == ("intercept", "a", "b", "c") and table.distribution == "normal"
    np.testing.assert_allclose(
        [ours.log_likelihood, ours.null_log_likelihood, ours.aic, ours.bic, ours.pseudo_r2],
        [peer.llf, peer.llnull, peer.aic, peer.bic, peer.prsquared], rtol=1e-9,
    )  # fmt: skip
    np.testing.assert_allclose(ours.odds_ratios["b"], np.exp([peer.params[2], *peer.conf_int(0.1)[2]]), rtol=1e-6)
    assert (ours.deviance, ours.null_deviance) == (-2 * ours.log_likelihood, -2 * ours.null_log_likelihood)


def test_several_classes_equal_statsmodels():
    from statsmodels.api import MNLogit

    ours, peer = logistic_inference(fit_logistic(X, Y3, 3), X, Y3), MNLogit(Y3, with_ones(X)).fit(disp=0, tol=1e-12)
    np.testing.assert_allclose(ours.coefficients.estimate, peer.params.T.ravel(), rtol=1e-6)
    np.testing.assert_allclose(ours.coefficients.standard_error, peer.bse.T.ravel(), rtol=1e-5)
    np.testing.assert_allclose([ours.log_likelihood, ours.aic, ours.bic], [peer.llf, peer.aic, peer.bic], rtol=1e-9)
    assert ours.coefficients.names[:2] == ("1: intercept", "1: x1") and ours.coefficients.names[4] == "2: intercept"


def test_score_is_zero_and_information_is_the_curvature():
    fit = fit_logistic(X, Y2, 2, l2=0.01)  # away from the maximum, where the score is not 0
    np.testing.assert_allclose(score(fit, X, Y2), with_ones(X).T @ (Y2 - fit.predict_proba(X)[:, 1]), rtol=1e-9)
    p = fit.predict_proba(X)[:, 1]
    by_rows = sum(q * (1 - q) * np.outer(row, row) for q, row in zip(p, with_ones(X), strict=True))
    np.testing.assert_allclose(information(fit, X), by_rows, rtol=1e-10)
    best = fit_logistic(X, Y2, 2)
    np.testing.assert_allclose(score(best, X, Y2), 0, atol=1e-6)
    assert best.predict_proba(X)[:, 1].mean() == pytest.approx(Y2.mean(), rel=1e-9)


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_reweighted_least_squares_equal_statsmodels(link):
    from statsmodels.api import GLM, families

    peer = GLM(Y2, with_ones(X), families.Binomial(getattr(families.links, link.capitalize())())).fit(tol=1e-14)
    ours = fit_binomial(X, Y2, link)
    np.testing.assert_allclose([ours.b, *ours.w], peer.params, rtol=1e-7)
    np.testing.assert_allclose(ours.table().standard_error, peer.bse, rtol=1e-6)
    np.testing.assert_allclose(ours.predict_proba(X), peer.fittedvalues, rtol=1e-7)
    np.testing.assert_allclose([ours.deviance, ours.null_deviance], [peer.deviance, peer.null_deviance], rtol=1e-10)
    np.testing.assert_array_equal(ours.predict(X), peer.fittedvalues > 0.5)


def test_a_logit_step_is_a_newton_step():
    """β - H⁻¹∇ of the deviance, at each β that the deviances come from."""
    ours, beta, ones = fit_binomial(X, Y2), np.zeros(4), with_ones(X)
    for deviance in ours.deviances:
        eta = ones @ beta
        assert deviance == pytest.approx(2 * np.sum(np.logaddexp(0, eta) - Y2 * eta), rel=1e-10)
        p = 1 / (1 + np.exp(-eta))
        beta = beta + np.linalg.solve((ones.T * (p * (1 - p))) @ ones, ones.T @ (Y2 - p))
    assert 4 <= len(ours.deviances) <= 10
    np.testing.assert_allclose([ours.b, *ours.w], beta, rtol=1e-8)


def test_likelihood_ratio_equals_statsmodels():
    from statsmodels.api import Logit

    peer = Logit(Y2, with_ones(X)).fit(disp=0)
    large, small = logistic_inference(fit_logistic(X, Y2, 2), X, Y2), fit_binomial(X[:, :1], Y2)
    ours = likelihood_ratio_test(small, large)
    part = Logit(Y2, with_ones(X[:, :1])).fit(disp=0)
    from scipy.stats import chi2

    assert ours.degrees == 2 and ours.statistic == pytest.approx(2 * (peer.llf - part.llf), rel=1e-9)
    assert ours.p_value == pytest.approx(chi2.sf(2 * (peer.llf - part.llf), 2), rel=1e-9)
    with pytest.raises(Mistake, match="more parameters"):
        likelihood_ratio_test(large, small)
    with pytest.raises(Mistake, match="same rows"):
        likelihood_ratio_test(fit_binomial(X[:20, :1], Y2[:20]), large)


def test_wald_test_equals_statsmodels():
    from statsmodels.api import Logit

    ours, peer = logistic_inference(fit_logistic(X, Y2, 2), X, Y2), Logit(Y2, with_ones(X)).fit(disp=0)
    R = np.array([[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 20.0, -0.1]])
    found = wald(ours.coefficients.estimate, ours.covariance, R, np.array([0.5, -1.0]))
    theirs = peer.wald_test((R, np.array([0.5, -1.0])), use_f=False, scalar=True)
    assert found.degrees == 2 and found.statistic == pytest.approx(float(theirs.statistic), rel=1e-5)
    assert found.p_value == pytest.approx(float(theirs.pvalue), rel=1e-5)
    one = wald(ours.coefficients.estimate, ours.covariance, np.eye(4)[2])
    assert one.statistic == pytest.approx(ours.coefficients.statistic[2] ** 2, rel=1e-9)
    assert one.p_value == pytest.approx(ours.coefficients.p_value[2], rel=1e-9)
    with pytest.raises(Mistake, match="depend on each other"):
        wald(ours.coefficients.estimate, ours.covariance, np.ones((2, 4)))
    with pytest.raises(Mistake, match="contrasts"):
        wald(ours.coefficients.estimate, ours.covariance, np.ones((1, 3)))


def test_firth_of_a_table_adds_a_half_to_every_cell():
    x, y = np.repeat([0.0, 0.0, 1.0, 1.0], [7, 2, 0, 5])[:, None], np.repeat([0, 1, 0, 1], [7, 2, 0, 5])
    ours = fit_firth(x, y)  # quasi-separated: with x = 1 all are 1
    assert ours.b == pytest.approx(np.log(2.5 / 7.5), rel=1e-8)
    assert ours.b + ours.w[0] == pytest.approx(np.log(5.5 / 0.5), rel=1e-8)
    with pytest.raises(Failure, match=r"quasi-separated.*fit_firth"):
        fit_binomial(x, y)


def test_firth_is_the_maximum_of_its_definition():
    from scipy.optimize import minimize

    ones = with_ones(X)

    def value(beta):
        p = 1 / (1 + np.exp(-ones @ beta))
        likelihood = np.sum(Y2 * np.log(p) + (1 - Y2) * np.log(1 - p))
        return -(likelihood + np.linalg.slogdet(ones.T @ np.diag(p * (1 - p)) @ ones)[1] / 2)

    ours = fit_firth(X, Y2)
    at = np.array([ours.b, *ours.w])
    assert -value(at) == pytest.approx(ours.penalised, rel=1e-10)
    best = minimize(value, at, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-12})
    np.testing.assert_allclose(best.x, at, rtol=1e-4)
    for j in range(4):  # and it is stationary
        h = np.eye(4)[j] * 1e-4 * abs(at[j])
        assert abs(value(at + h) - value(at - h)) < 1e-7
    p = ours.predict_proba(X)
    covariance = np.linalg.inv((ones.T * (p * (1 - p))) @ ones)
    np.testing.assert_allclose(ours.table().standard_error, np.sqrt(np.diag(covariance)), rtol=1e-8)


def test_firth_is_finite_where_the_classes_are_separated():
    ours = fit_firth(LINE, SPLIT)
    assert 0 < ours.w[0] < 10 and ours.b == pytest.approx(0, abs=1e-8)
    assert ours.predict(LINE).tolist() == [0, 0, 1, 1]
    assert ours.table(("x",)).names == ("intercept", "x")


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_separated_classes_have_no_standard_error(link):
    with pytest.raises(Failure, match=r"completely separated.*no standard error.*fit_firth"):
        fit_binomial(LINE, SPLIT, link)
    with pytest.raises(Failure, match=r"completely separated.*no standard error"):
        logistic_inference(fit_logistic(LINE, SPLIT, 2), LINE, SPLIT)


def test_what_is_no_maximum_has_no_inference():
    for l2 in (0.1, 1e-9):
        with pytest.raises(Mistake, match="one with a penalty"):
            logistic_inference(fit_logistic(X, Y2, 2, l2=l2), X, Y2)
    with pytest.raises(Mistake, match="rows given here"):
        logistic_inference(fit_logistic(X, Y2, 2), X[:100], Y2[:100])
    twice = np.hstack([X, X[:, :1]])
    with pytest.raises(Mistake, match="depend on each other"):
        logistic_inference(fit_logistic(twice, Y2, 2), twice, Y2)
    with pytest.raises(Mistake, match="none of class 2"):
        logistic_inference(fit_logistic(X, Y2, 3), X, Y2)
    with pytest.raises(Mistake, match="3 columns"):
        logistic_inference(fit_logistic(X, Y2, 2), X, Y2, ("a",))


@pytest.mark.parametrize("fit", [fit_binomial, fit_firth])
@pytest.mark.parametrize(
    ("x", "y"), [(X, Y2[:-1]), (X, Y3), (X * np.nan, Y2), (np.hstack([X, 0 * X]), Y2), (np.hstack([X, 0 * X + 1]), Y2)]
)
def test_bad_input(fit, x, y):
    with pytest.raises(Mistake):
        fit(x, y)


def test_one_outcome_alone():
    with pytest.raises(Mistake, match="both present"):
        fit_binomial(X, 0 * Y2)
    with pytest.raises(Mistake, match="probit"):
        fit_binomial(X, Y2, "probbit")
