"""The finite sum of the book's section 4.2."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.optim.problems.finite_sum import FiniteSum


def test_the_minimiser_of_the_book(x64):
    np.testing.assert_allclose(FiniteSum().minimisers(), [[11 / 6, 7 / 5]], rtol=1e-14)


def test_terms(x64):
    c, x = [1, 2, 3, 2, 4], [(1, 1), (2, 0), (3, 1), (2, 3), (1, 2)]
    theta = np.array([0.3, -0.7])
    expected = [w * (theta[0] - a) ** 2 + (theta[1] - b) ** 2 for w, (a, b) in zip(c, x, strict=True)]
    np.testing.assert_allclose(FiniteSum().terms(jnp.asarray(theta)), expected, rtol=1e-13)
    assert float(FiniteSum()(jnp.asarray(theta))) == pytest.approx(np.mean(expected))
    np.testing.assert_allclose(jax.hessian(FiniteSum())(jnp.asarray(theta)), np.diag([4.8, 2.0]), atol=1e-12)
    assert (FiniteSum().smoothness(), FiniteSum().strong_convexity()) == (pytest.approx(4.8), 2.0)


def test_points_that_are_all_one(x64):
    problem = FiniteSum(x=[(2.0, 2.0)] * 5)
    np.testing.assert_allclose(problem.minimisers(), [[2, 2]])
    assert problem.least == 0
    np.testing.assert_allclose(jax.jacobian(problem.terms)(jnp.full(2, 2.0)), np.zeros((5, 2)), atol=1e-15)
    light = FiniteSum(c=[0.5, 0.5], x=[(0.0, 0.0), (1.0, 1.0)])
    assert (light.smoothness(), light.strong_convexity(), light.least) == (2.0, 1.0, pytest.approx(0.375))


@pytest.mark.parametrize("wrong", [{"c": [1.0, 2.0]}, {"c": [1.0, 2.0, 3.0, 2.0, 0.0]}, {"x": [(1.0, 2.0, 3.0)] * 5}])
def test_bad_input(wrong):
    with pytest.raises(Mistake, match="a weight > 0 for each point"):
        FiniteSum(**wrong)
