"""Fletcher-Reeves against its formula, the linear method, and SciPy."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.optimize

from gradiens.optim.fletcher_reeves import FletcherReeves
from gradiens.optim.line_search.exact import Exact
from gradiens.optim.linear_cg import LinearCG
from tests.optim.methods import START, end, quadratic, rosen, rosen_der, rosenbrock, walk


def test_share(x64):
    """Fletcher & Reeves (1964): β = |g'|²/|g|²."""
    assert FletcherReeves().share(jnp.asarray([1.0, 2.0]), jnp.asarray([3.0, -1.0])) == pytest.approx(2.0)


def test_on_a_quadratic_with_exact_search_it_is_the_linear_method(x64):
    cost, A, b = quadratic(seed=4, d=5)
    one, two = (walk(method, cost, np.full(5, 2.0), 5) for method in (FletcherReeves(search=Exact()), LinearCG()))
    for (p, *_), (q, *_) in zip(one, two, strict=True):
        np.testing.assert_allclose(p.theta, q.theta, atol=1e-9)
    np.testing.assert_allclose(one[-1][0].theta, np.linalg.solve(A, b), atol=1e-9)


def test_scipy(x64):
    """SciPy's CG is Polak and Ribière's; the same minimum, at most twice its steps."""
    state = end(FletcherReeves(), rosenbrock(), START)
    peer = scipy.optimize.minimize(rosen, START, jac=rosen_der, method="CG", options={"gtol": 1e-8})
    assert state.done and state.t <= 2 * peer.nit
    np.testing.assert_allclose(state.point.theta, [1, 1], atol=1e-7)
