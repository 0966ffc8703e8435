"""Exponential growth against NumPy, SciPy and exact data."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from gradiens.classical.linear.exponential_growth import fit_exponential_growth
from gradiens.core.check import Mistake

T = np.array([6.0, 10.0, 18.0, 21.0, 22.0])
Y = np.array([0.16, 1.2, 33.0, 79.0, 97.0])


def test_it_is_the_regression_of_the_logarithm():
    found, peer = fit_exponential_growth(T, Y), stats.linregress(T, np.log(Y))
    assert (found.rate, found.scale) == pytest.approx((peer.slope, np.exp(peer.intercept)), rel=1e-12)
    errors = found.regression.coefficients.standard_error
    assert errors == pytest.approx([peer.intercept_stderr, peer.stderr], rel=1e-10)
    assert found.predict(found.doubling_time + 3) == pytest.approx(2 * found.predict(3.0), rel=1e-12)


def test_exact_data_are_found_again_and_stored_is_their_integral():
    found = fit_exponential_growth(T, 0.3 * np.exp(0.25 * T))
    assert (found.scale, found.rate) == pytest.approx((0.3, 0.25), rel=1e-10)
    assert found.stored(4.0) == pytest.approx(integrate.quad(found.predict, -200, 4)[0], rel=1e-8)


def test_what_falls_has_no_stored_volume():
    falling = fit_exponential_growth(T, np.exp(-0.1 * T))
    assert falling.doubling_time == pytest.approx(-np.log(2) / 0.1, rel=1e-9)
    with pytest.raises(Mistake, match="a fit that grows"):
        falling.stored(1.0)


@pytest.mark.parametrize(
    ("t", "y", "says"),
    [
        (T, Y[:4], "times"),
        (T, Y - 0.16, "above 0"),
        (np.full(5, 2.0), Y, "two different times"),
        (T[:2], Y[:2], "more than 2 rows"),
    ],
)
def test_bad_input(t, y, says):
    with pytest.raises(Mistake, match=says):
        fit_exponential_growth(t, y)
