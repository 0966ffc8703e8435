"""Polak-Ribière+ against its formula, the linear method, and SciPy."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.optimize

from gradiens.optim.line_search.exact import Exact
from gradiens.optim.linear_cg import LinearCG
from gradiens.optim.polak_ribiere import PolakRibiere
from tests.optim.methods import START, end, quadratic, rosen, rosen_der, rosenbrock, walk


def test_share(x64):
    """Polak & Ribière (1969): β = g'ᵀ(g' - g)/|g|², here 9/5; and Powell's maximum with 0."""
    share = lambda g, new: float(PolakRibiere().share(jnp.asarray(g), jnp.asarray(new)))  # noqa: E731
    assert share([1.0, 2.0], [3.0, -1.0]) == pytest.approx((3 * 2 + -1 * -3) / 5)
    assert share([1.0, 2.0], [0.5, 1.5]) == 0  # g'ᵀ(g' - g) = -1


def test_a_step_that_changes_nothing_forgets(x64):
    assert PolakRibiere().share(jnp.asarray([1.0, 2.0]), jnp.asarray([1.0, 2.0])) == 0


def test_on_a_quadratic_with_exact_search_it_is_the_linear_method(x64):
    cost, A, b = quadratic(seed=4, d=5)
    one, two = (walk(method, cost, np.full(5, 2.0), 5) for method in (PolakRibiere(search=Exact()), LinearCG()))
    for (p, *_), (q, *_) in zip(one, two, strict=True):
        np.testing.assert_allclose(p.theta, q.theta, atol=1e-9)
    np.testing.assert_allclose(one[-1][0].theta, np.linalg.solve(A, b), atol=1e-9)


@pytest.mark.parametrize("d", [2, 20])
def test_scipy(x64, d):
    start = np.resize(START, d)
    state = end(PolakRibiere(), rosenbrock(d), start)
    peer = scipy.optimize.minimize(rosen, start, jac=rosen_der, method="CG", options={"gtol": 1e-8, "maxiter": 5000})
    assert state.done and state.t <= 2 * peer.nit
    assert np.abs(rosen_der(np.asarray(state.point.theta))).max() <= 2e-8
