"""Newton-CG against Algorithm 7.1 of Nocedal & Wright in NumPy, and SciPy."""

from __future__ import annotations

import itertools

import jax.numpy as jnp
import numpy as np
import scipy.optimize

from gradiens.optim.minimiser import FINE, INDEFINITE
from gradiens.optim.newton_cg import NewtonCG
from tests.optim.methods import START, end, plain, quadratic, rosen, rosen_der, rosen_hess, rosenbrock, walk


def direction(H, g):
    """Algorithm 7.1 (line search Newton-CG): the direction, whether negative curvature was met, products used."""
    epsilon = min(0.5, np.sqrt(np.linalg.norm(g))) * np.linalg.norm(g)
    z, r = np.zeros_like(g), g
    d = -r
    for j in range(200):
        if d @ H @ d <= 0:
            return (-g if j == 0 else z), True, j + 1
        alpha = (r @ r) / (d @ H @ d)
        z = z + alpha * d
        new = r + alpha * H @ d
        if np.linalg.norm(new) <= epsilon:
            return z, False, j + 1
        beta = (new @ new) / (r @ r)
        d, r = -new + beta * d, new
    raise AssertionError


def test_oracle(x64):
    """Along the path on Rosenbrock's function in six dimensions, which meets negative curvature."""
    path = walk(NewtonCG(), rosenbrock(6), np.array([-1.2, 1.0, -0.5, 0.3, 1.5, -1.0]), 12)
    seen = set()
    for (old, *_), (new, _, taken) in itertools.pairwise(path):
        theta = np.asarray(old.theta)
        p, curved, products = direction(rosen_hess(theta), rosen_der(theta))
        np.testing.assert_allclose(new.theta - old.theta, float(taken.alpha) * p, rtol=1e-6, atol=1e-10)
        assert taken.trouble == (INDEFINITE if curved else FINE) and taken.counts.products == products
        seen.add(curved)
    assert seen == {True, False}


def test_forcing(x64):
    forcing = lambda *g: float(NewtonCG().forcing(jnp.asarray(g)))  # noqa: E731
    assert forcing(3.0, 4.0) == 0.5 and np.isclose(forcing(0.0003, 0.0004), np.sqrt(0.0005))


def test_negative_curvature_at_once_is_the_gradient(x64):
    cost = plain(lambda t: -jnp.sum(t**2) / 2 + jnp.sum(t**4), np.zeros(2))
    found = NewtonCG().direction(cost, cost.at(jnp.asarray([0.01, 0.02])), ())
    np.testing.assert_allclose(found.p, -cost.grad(jnp.asarray([0.01, 0.02])), rtol=1e-14)
    assert found.trouble == INDEFINITE and found.counts.products == 1


def test_inner_limits_the_products(x64):
    cost, A, b = quadratic(d=8, kappa=1e3)
    found = NewtonCG(inner=2).direction(cost, cost.at(jnp.full(8, 1e-8) + np.linalg.solve(A, b)), ())
    assert found.counts.products == 2 and found.trouble == FINE


def test_scipy(x64):
    state = end(NewtonCG(), rosenbrock(), START)
    peer = scipy.optimize.minimize(
        rosen, START, jac=rosen_der, hess=rosen_hess, method="Newton-CG", options={"xtol": 1e-10}
    )
    assert state.done and state.t <= 2 * peer.nit
    np.testing.assert_allclose(state.point.theta, [1, 1], atol=1e-7)
