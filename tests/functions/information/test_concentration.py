"""Bounds of tails against the exact binomial tail."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from gradiens.core.check import Mistake
from gradiens.functions.information.concentration import bernstein_bound, chernoff_bound


@pytest.mark.parametrize("n", [1, 10, 200])
@pytest.mark.parametrize("theta", [0.02, 0.3, 0.7])
def test_exact_tail_below_chernoff_below_bernstein(n, theta):
    for a in np.linspace(theta, 1, 9):
        exact = stats.binom(n, theta).sf(np.ceil(n * a - 1e-12) - 1)
        chernoff = chernoff_bound(n, theta, float(a))
        assert exact <= chernoff * (1 + 1e-12)
        assert chernoff <= bernstein_bound(n, float(a) - theta, theta * (1 - theta), 1 - theta) * (1 + 1e-12)


def test_chernoff_by_its_exponent_and_its_rate():
    kl = stats.entropy([0.5, 0.5], [0.3, 0.7])
    assert chernoff_bound(7, 0.3, 0.5) == pytest.approx(np.exp(-7 * kl), rel=1e-12)
    assert chernoff_bound(5, 0.3, 1.0) == pytest.approx(0.3**5, rel=1e-12)  # attained
    assert -stats.binom(4000, 0.3).logsf(1999) / 4000 == pytest.approx(kl, rel=0.03)
    assert chernoff_bound(5, 0.3, 0.3) == chernoff_bound(5, 0.3, 0.1) == 1.0


def test_bernstein_by_its_formula():
    assert bernstein_bound(50, 0.2, 0.25, 0.8) == pytest.approx(np.exp(-2 / (2 * (0.25 + 0.16 / 3))), rel=1e-12)
    assert bernstein_bound(50, 0.0, 0.25, 0.8) == 1.0


@pytest.mark.parametrize("arguments", [(0, 0.3, 0.5), (5, 0.0, 0.5), (5, 0.3, 1.5)])
def test_bad_input_of_chernoff(arguments):
    with pytest.raises(Mistake, match="0 < θ < 1"):
        chernoff_bound(*arguments)


@pytest.mark.parametrize("arguments", [(0, 0.1, 1, 1), (5, -0.1, 1, 1), (5, 0.1, -1, 1), (5, 0.1, 0.0, 0.0)])
def test_bad_input_of_bernstein(arguments):
    with pytest.raises(Mistake, match="a variance and a bound"):
        bernstein_bound(*arguments)
