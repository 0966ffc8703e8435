"""Log-densities against SciPy, and the likelihoods at their best scale."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from gradiens.classical.linear.noise import (
    laplace_log_density,
    laplace_log_likelihood,
    normal_log_density,
    normal_log_likelihood,
)
from gradiens.core.check import Mistake

E = np.random.default_rng(0).normal(size=40) * 3 + 1


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_densities_are_those_of_scipy(scale):
    np.testing.assert_allclose(normal_log_density(E, scale), stats.norm.logpdf(E, scale=scale), rtol=1e-12)
    np.testing.assert_allclose(laplace_log_density(E, scale), stats.laplace.logpdf(E, scale=scale), rtol=1e-12)


@pytest.mark.parametrize(
    ("best", "density"),
    [(normal_log_likelihood, normal_log_density), (laplace_log_likelihood, laplace_log_density)],
)
def test_the_scale_is_the_most_likely(best, density):
    found = optimize.minimize_scalar(lambda s: -np.sum(density(E, s)), bounds=(0.1, 20), method="bounded")
    assert best(E) == pytest.approx(-found.fun, rel=1e-9)
    assert best(2 * E) == pytest.approx(best(E) - 40 * np.log(2), rel=1e-12)


def test_bad_input():
    for wrong in (lambda: normal_log_density(E, 0.0), lambda: laplace_log_density(E, -1.0)):
        with pytest.raises(Mistake, match="scale above 0"):
            wrong()
    with pytest.raises(Mistake):
        normal_log_likelihood(np.zeros(3))
