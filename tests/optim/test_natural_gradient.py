"""The natural gradient: Fisher's information by NumPy, IRLS, and what it does not depend on."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.optim.cost import cost_of
from gradiens.optim.line_search.fixed import Fixed
from gradiens.optim.natural_gradient import NaturalGradient
from gradiens.optim.problems.logistic import LogisticProblem
from tests.optim.methods import end, plain, walk


def irls(problem, theta):
    """F = (1/N) Σ p(1-p) x xᵀ, the gradient, of the mean cross-entropy."""
    X, s = problem.X, problem.s
    p = 1 / (1 + np.exp(-theta @ X))
    return (X * (p * (1 - p))) @ X.T / len(s), X @ (p - (s + 1) / 2) / len(s)


def test_on_a_logistic_model_it_is_newton_and_reweighted_least_squares(x64):
    """For logits that are linear in θ Fisher's information is the Hessian, so with λ → 0 the step is that of IRLS."""
    problem = LogisticProblem(("mean_area", "mean_texture"))
    theta = np.zeros(3)
    for point, _, taken in walk(NaturalGradient(search=Fixed(), damping=0.0), problem.cost(), theta, 4)[1:]:
        F, g = irls(problem, theta)
        theta = theta - np.linalg.solve(F, g)
        np.testing.assert_allclose(point.theta, theta, rtol=1e-6)
        assert taken.counts.products == 3


def test_the_damping_is_added(x64):
    problem = LogisticProblem(("mean_area", "mean_texture"))
    theta = np.array([0.1, -0.3, 0.2])
    F, g = irls(problem, theta)
    expected = theta - 0.6 * np.linalg.solve(F + 0.4 * np.eye(3), g)
    path = walk(NaturalGradient(search=Fixed(0.6), damping=0.4), problem.cost(), theta, 1)
    np.testing.assert_allclose(path[1][0].theta, expected, rtol=1e-7)


def test_toward(x64):
    F, g = np.array([[2.0, -1.0], [-1.0, 3.0]]), np.array([1.0, -4.0])
    got = NaturalGradient().toward(jnp.asarray(F), jnp.asarray(g), jnp.asarray(0.4))
    np.testing.assert_allclose(got, -np.linalg.solve(F + 0.4 * np.eye(2), g), rtol=1e-14)


def gaussian(theta, x, parameter):
    """Natural parameters of a Gaussian mean model: m = parameter(θ)."""
    return parameter(theta) - x


def test_small_steps_do_not_depend_on_the_parameters(x64):
    """The mean as θ and as sinh θ: the same distribution after the same steps, to first order in α."""
    x = jnp.asarray([0.3, 1.1, 2.4])
    half = lambda r: jnp.sum(r**2) / 2  # noqa: E731
    ends = []
    for parameter, start in ((lambda t: t[0], 3.0), (lambda t: jnp.sinh(t[0]), np.arcsinh(3.0))):
        cost = cost_of(lambda t, x, of=parameter: of(t) - x, jnp.zeros(1), (x,), loss=half)
        path = walk(NaturalGradient(search=Fixed(0.002), damping=0.0), cost, [start], 60)
        ends.append(float(parameter(path[-1][0].theta)))
    assert ends[0] == pytest.approx(ends[1], abs=1e-3) and ends[0] < 2.9


def test_it_converges_on_tumours(x64):
    problem = LogisticProblem()
    state = end(NaturalGradient(), problem.cost(), np.zeros(11))
    assert state.done and state.t < 30
    assert float(state.point.value) == pytest.approx(problem.least, abs=1e-12)


def test_a_cost_without_outputs_is_a_mistake(x64):
    cost = plain(lambda t: jnp.sum(t**2), np.ones(2))
    with pytest.raises(Mistake, match="residuals"):
        NaturalGradient().init(cost, cost.at(jnp.ones(2)))
