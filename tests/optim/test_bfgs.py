"""BFGS against its matrix formula, SciPy, and its theorems."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.optimize

from gradiens.optim.bfgs import BFGS
from gradiens.optim.line_search.exact import Exact
from tests.optim.methods import end, quadratic, rosen, rosen_der, rosenbrock, walk


def triples(count=20, d=5):
    """Random (B, s, y), B positive definite and yᵀs > 0."""
    rng = np.random.default_rng(0)
    for _ in range(count):
        root, s, y = rng.normal(size=(d, d)), rng.normal(size=d), rng.normal(size=d)
        yield root @ root.T + 0.1 * np.eye(d), s, y if y @ s > 0 else -y


def test_oracle(x64):
    """Nocedal & Wright (2006), (6.17): H' = (I - ρ s yᵀ) H (I - ρ y sᵀ) + ρ s sᵀ."""
    for B, s, y in triples():
        rho, eye = 1 / (y @ s), np.eye(5)
        expected = (eye - rho * np.outer(s, y)) @ B @ (eye - rho * np.outer(y, s)) + rho * np.outer(s, s)
        got = BFGS().mend(*map(jnp.asarray, (B, s, y)))
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())


def test_the_secant_condition_and_positive_definiteness(x64):
    for B, s, y in triples():
        got = np.asarray(BFGS().mend(*map(jnp.asarray, (B, s, y))))
        np.testing.assert_allclose(got @ y, s, atol=1e-9 * np.abs(got).max())
        np.testing.assert_allclose(got, got.T, atol=1e-12 * np.abs(got).max())
        assert np.linalg.eigvalsh(got)[0] > 0


def test_with_exact_search_it_ends_in_d_steps_with_the_inverse_hessian(x64):
    cost, A, b = quadratic(seed=1, d=4)
    path = walk(BFGS(search=Exact()), cost, np.ones(4), 4)
    np.testing.assert_allclose(path[4][0].theta, np.linalg.solve(A, b), atol=1e-10)
    np.testing.assert_allclose(path[4][1].B, np.linalg.inv(A), atol=1e-10)
    assert jnp.max(jnp.abs(path[3][0].g)) > 1e-3  # and in no fewer


@pytest.mark.parametrize("start", [(0.4, -0.2), (0.2, -0.2), (-1.2, 1.0)])
def test_scipy(x64, start):
    """The same minimum, in at most 60 steps and at most twice SciPy's."""
    state = end(BFGS(), rosenbrock(), np.array(start))
    peer = scipy.optimize.minimize(rosen, start, jac=rosen_der, method="BFGS", options={"gtol": 1e-8})
    assert state.done and state.point.value < 1e-15 and state.t <= min(60, 2 * peer.nit)
    np.testing.assert_allclose(state.point.theta, [1, 1], atol=1e-7)
