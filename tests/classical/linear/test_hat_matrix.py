"""The hat matrix: a projection; leverage against statsmodels; leaving one out against leaving one out."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.classical.linear.hat_matrix import hat_matrix, leave_one_out_errors, leverage
from gradiens.core.check import Mistake

rng = np.random.default_rng(1)
X = np.hstack([np.ones((20, 1)), rng.normal(size=(20, 3))])
Y = rng.normal(size=20)
DEPENDENT = np.hstack([X, X[:, 1:2] + X[:, 2:3]])


@pytest.mark.parametrize("x", [X, DEPENDENT])
def test_it_projects_on_the_columns(x):
    P = hat_matrix(x)
    np.testing.assert_allclose(P, P.T, atol=1e-15)
    np.testing.assert_allclose(P @ P, P, atol=1e-13)
    np.testing.assert_allclose(P @ x, x, atol=1e-12)
    assert np.trace(P) == pytest.approx(4, rel=1e-12)
    np.testing.assert_allclose(leverage(x), np.diag(P), atol=1e-14)


def test_leverage_is_that_of_statsmodels():
    import statsmodels.api as sm

    np.testing.assert_allclose(leverage(X), sm.OLS(Y, X).fit().get_influence().hat_matrix_diag, rtol=1e-10)


def test_leave_one_out_is_leaving_one_out():
    refits = []
    for i in range(20):
        kept = np.arange(20) != i
        refits.append(Y[i] - X[i] @ np.linalg.lstsq(X[kept], Y[kept])[0])
    np.testing.assert_allclose(leave_one_out_errors(X, Y), refits, rtol=1e-9)


def test_bad_input():
    for f in (hat_matrix, leverage):
        for x in (X[0], X * np.nan, 0 * X, X[:, :0]):
            with pytest.raises(Mistake):
                f(x)
    with pytest.raises(Mistake, match="leverage 1"):
        leave_one_out_errors(np.eye(3), np.ones(3))
    with pytest.raises(Mistake):
        leave_one_out_errors(X, Y[:-1])
