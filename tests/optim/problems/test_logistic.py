"""Logistic regression on the Wisconsin data against scikit-learn and the values of the book."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression

from gradiens.core.check import Failure, Mistake
from gradiens.optim.problems.logistic import LogisticProblem


def test_the_values_of_the_book():
    """Cross-entropy 0.253932 of mean area and texture (3.1), 0.140008 of ten features (3.2)."""
    assert LogisticProblem(("mean_area", "mean_texture")).least == pytest.approx(0.253932, abs=5e-7)
    assert LogisticProblem().least == pytest.approx(0.140008, abs=5e-7)


def test_the_data():
    """The first row is of ones, the second the standardised mean radius; malignant is +1."""
    bunch, problem = load_breast_cancer(), LogisticProblem()
    radius = bunch.data[:, 0]
    assert problem.X.shape == (11, 569) and np.all(problem.X[0] == 1)
    np.testing.assert_allclose(problem.X[1], (radius - radius.mean()) / radius.std(ddof=1), rtol=1e-10)
    np.testing.assert_array_equal(problem.s, np.where(bunch.target == 0, 1, -1))


@pytest.mark.parametrize("l2", [0.0, 0.03])
def test_scikit_learn(x64, l2):
    """Its C is 1/(N λ); the intercept is a column here, and penalised."""
    problem = LogisticProblem(("mean_area", "mean_texture", "radius_error"), l2=l2)
    strength = {"C": 1 / (569 * l2)} if l2 else {"C": np.inf}
    peer = LogisticRegression(fit_intercept=False, tol=1e-10, solver="newton-cholesky", **strength)
    peer.fit(problem.X.T, problem.s)
    np.testing.assert_allclose(problem.minimisers()[0], peer.coef_[0], atol=1e-6)
    p = peer.predict_proba(problem.X.T)[:, 1]
    entropy = -np.mean(np.where(problem.s > 0, np.log(p), np.log(1 - p))) + l2 / 2 * np.sum(peer.coef_**2)
    assert problem.least == pytest.approx(entropy, abs=1e-10)
    assert float(problem(jnp.asarray(peer.coef_[0]))) == pytest.approx(entropy, abs=1e-10)


def test_the_gradient_is_that_of_the_cross_entropy(x64):
    """∇C = X (p - y)/N + λ θ."""
    problem, theta = LogisticProblem(l2=0.2), np.linspace(-1, 1, 11)
    p, y = 1 / (1 + np.exp(-theta @ problem.X)), (problem.s + 1) / 2
    np.testing.assert_allclose(
        jax.grad(problem)(jnp.asarray(theta)), problem.X @ (p - y) / 569 + 0.2 * theta, rtol=1e-10
    )
    curvature = problem.cost().curvature(jnp.asarray(theta))  # with the penalty among the outputs it is the Hessian
    np.testing.assert_allclose(curvature, jax.hessian(problem)(jnp.asarray(theta)), atol=1e-10)
    assert problem.strong_convexity() == 0.2 and LogisticProblem().strong_convexity() is None


def test_its_smoothness_is_that_of_the_book():
    """2/L = 2.14005 (claim 3.2.4)."""
    assert 2 / LogisticProblem().smoothness() == pytest.approx(2.14005, abs=1e-5)
    assert LogisticProblem(l2=0.5).smoothness() == pytest.approx(LogisticProblem().smoothness() + 0.5)


def test_all_thirty_columns_separate_the_classes():
    columns = tuple(name.replace(" ", "_") for name in load_breast_cancer().feature_names)
    with pytest.raises(Failure, match="no minimum"):
        LogisticProblem(columns).minimisers()
    assert LogisticProblem(columns, l2=0.01).least < 0.12


def test_a_column_that_is_not_there():
    with pytest.raises(Mistake, match="mean_area"):
        LogisticProblem(("mean_aera",))


def test_two_of_one_size_share_a_program(x64):
    traces = []

    @jax.jit
    def value(cost, theta):
        traces.append(0)
        return cost(theta)

    for columns in (("mean_area", "mean_texture"), ("mean_radius", "mean_texture")):
        problem = LogisticProblem(columns)
        assert float(value(problem.cost(), jnp.zeros(3))) == pytest.approx(np.log(2))
    assert len(traces) <= 2  # the names are part of it
