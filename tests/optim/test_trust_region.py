"""The trust region: the subproblem's conditions of optimality, the radius, and SciPy."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.optimize

from gradiens.optim.cost import cost_of
from gradiens.optim.minimiser import FINE, STUCK
from gradiens.optim.problems.saddle import Saddle
from gradiens.optim.trust_region import Memory, TrustRegion, within
from tests.optim.methods import START, end, plain, rosen, rosen_der, rosen_hess, rosenbrock, walk

solve = jax.jit(jax.vmap(within))


def optimal(H, g, delta, p):
    """Conn, Gould & Toint (2000), theorem 7.2.1: (H + μ I) p = -g, H + μ I ⪰ 0, μ ≥ 0, μ (Δ - ‖p‖) = 0, ‖p‖ ≤ Δ."""
    size, norm = np.abs(np.linalg.eigvalsh(H)).max() + 1e-300, np.linalg.norm(p)
    assert norm <= delta * (1 + 1e-9)
    mu = -p @ (H @ p + g) / norm**2  # the multiplier that fits best
    tolerance = 1e-7 * (size * norm + np.linalg.norm(g))
    assert np.linalg.norm(H @ p + mu * p + g) <= tolerance
    assert mu >= -1e-7 * size and np.linalg.eigvalsh(H)[0] + mu >= -1e-7 * size
    assert abs(mu * (delta - norm)) <= 1e-7 * (size * delta + np.linalg.norm(g))


def cases(count, d=5):
    """Definite and indefinite H of all sizes, radii short and long."""
    rng = np.random.default_rng(0)
    H = rng.normal(size=(count, d, d))
    H = (H + H.transpose(0, 2, 1)) * 10.0 ** rng.uniform(-3, 3, (count, 1, 1))
    H[::3] = H[::3] @ H[::3]
    return H, rng.normal(size=(count, d)) * 10.0 ** rng.uniform(-3, 3, (count, 1)), 10.0 ** rng.uniform(-2, 2, count)


def test_the_subproblem_is_solved_on_300_random_models(x64):
    H, g, delta = cases(300)
    p = np.asarray(solve(H, g, delta))
    inside = np.linalg.norm(p, axis=1) < 0.999 * delta
    assert 30 < inside.sum() < 270
    for one in zip(H, g, delta, p, strict=True):
        optimal(*one)
    newton = -np.linalg.solve(H[inside], g[inside][..., None])[..., 0]
    np.testing.assert_allclose(p[inside], newton, rtol=1e-6, atol=1e-9)


def test_the_hard_case(x64):
    """g has no part along the lowest eigenvector(s): there p is filled up along them to the length Δ."""
    H, g, _ = cases(60)
    lam, Q = np.linalg.eigh(H)
    lam[:, 0] = -np.abs(lam[:, 0]) - 0.1
    lam[::4, 1] = lam[::4, 0]  # twice
    H = (Q * lam[:, None]) @ Q.transpose(0, 2, 1)
    free = np.where(lam == lam[:, :1], 0, np.einsum("nij,ni->nj", Q, g))
    g = np.einsum("nij,nj->ni", Q, free)
    least = np.linalg.norm(np.where(free == 0, 0, free / np.where(lam == lam[:, :1], 1, lam - lam[:, :1])), axis=1)
    radii = 1.5 * least + 0.1
    p = np.asarray(solve(H, g, radii))
    for h, gradient, radius, step in zip(H, g, radii, p, strict=True):
        optimal(h, gradient, radius, step)
        assert np.linalg.norm(step) == pytest.approx(radius, rel=1e-6)


def test_at_a_saddle_it_goes_down(x64):
    """g = 0: along the most negative curvature, as far as the radius."""
    p = within(jnp.diag(jnp.asarray([3.0, -2.0, -1.0])), jnp.zeros(3), jnp.asarray(0.7))
    np.testing.assert_allclose(np.abs(p), [0, 0.7, 0], atol=1e-9)
    state = end(TrustRegion(), Saddle().cost(), np.zeros(2), tolerance=1e-8)
    assert state.t == 0  # the gradient is 0: nothing was asked
    path = walk(TrustRegion(), Saddle().cost(), [0.0, 0.0], 8)
    np.testing.assert_allclose(np.abs(path[-1][0].theta), [0, np.sqrt(2)], atol=1e-6)


def test_the_radius(x64):
    method = TrustRegion(widest=3.0)
    resize = lambda delta, r, n: float(method.resize(*map(jnp.asarray, (delta, r, [0.6 * n, -0.8 * n]))))  # noqa: E731
    assert resize(2.0, 0.2, 2.0) == 0.5 and resize(2.0, -4.0, 1.0) == 0.5
    assert resize(2.0, 0.5, 2.0) == 2.0 and resize(2.0, 0.9, 1.9) == 2.0
    assert resize(1.0, 0.9, 1.0) == 2.0 and resize(2.0, 0.9, 2.0) == 3.0


def model(H, g, delta):
    """argmin of the model over the ball, by bisection of ‖p(μ)‖ = Δ."""
    low = max(0.0, -np.linalg.eigvalsh(H)[0])
    of = lambda mu: -np.linalg.solve(H + mu * np.eye(len(g)), g)  # noqa: E731
    if low == 0 and np.linalg.norm(of(0.0)) <= delta:
        return of(0.0)
    high = low + np.linalg.norm(g) / delta
    for _ in range(200):
        mu = (low + high) / 2
        low, high = (mu, high) if np.linalg.norm(of(mu)) > delta else (low, mu)
    return of(high)


def test_oracle(x64):
    """Nocedal & Wright (2006), Algorithm 4.1, along Rosenbrock's valley from a radius that is too long at first."""
    theta, delta = START, 3.0
    path = walk(TrustRegion(radius=3.0, widest=4.0, accept=0.2), rosenbrock(), theta, 25)
    turned_down = 0
    for point, memory, taken in path[1:]:
        g, H = rosen_der(theta), rosen_hess(theta)
        p = model(H, g, delta)
        rho = (rosen(theta) - rosen(theta + p)) / -(g @ p + p @ H @ p / 2)
        full = np.linalg.norm(p) >= 0.99 * delta
        delta = delta / 4 if rho < 0.25 else min(2 * delta, 4.0) if rho > 0.75 and full else delta
        theta = theta + p if rho > 0.2 else theta
        turned_down += rho <= 0.2
        np.testing.assert_allclose(point.theta, theta, rtol=1e-6)
        np.testing.assert_allclose(memory.radius, delta, rtol=1e-12)
        assert bool(taken.alpha) == (rho > 0.2) and taken.trouble == FINE
    assert turned_down >= 2


def test_many_trials_in_a_row_that_are_turned_down_do_not_end_the_run(x64):
    cost = plain(lambda t: jnp.sum(jnp.sqrt(1 + (1e4 * (t - 0.3)) ** 2)), np.zeros(2))
    state = end(TrustRegion(radius=1000.0), cost, [5.0, -4.0], tolerance=1e-3)
    np.testing.assert_allclose(state.point.theta, [0.3, 0.3], atol=1e-9)


def test_a_trial_that_is_not_finite_is_turned_down(x64):
    cost = plain(lambda t: jnp.sum(t - jnp.log(t)), np.ones(2))
    point, memory, taken = walk(TrustRegion(radius=100.0), cost, [3.0, 0.5], 1)[1]
    np.testing.assert_array_equal(point.theta, [3.0, 0.5])
    assert memory.radius == 25 and taken.alpha == 0 and taken.trouble == FINE


def test_below_the_rounding_of_the_cost_the_model_is_believed(x64):
    """C = 10⁸ + |θ|² from 10⁻⁵: no value tells of the step to 0. A rise that can be seen is another matter."""
    cost = plain(lambda t: 1e8 + jnp.sum(t**2), np.zeros(2))
    point, memory, taken = walk(TrustRegion(), cost, [1e-5, -1e-5], 1)[1]
    np.testing.assert_allclose(point.theta, 0, atol=1e-15)
    assert taken.alpha == 1 and memory.radius == 1
    rises = plain(lambda t: 1e8 + jnp.sum(t**2) + jnp.where(jnp.sum(t**2) < 1e-11, 1e-4, 0.0), np.zeros(2))
    point, memory, taken = walk(TrustRegion(), rises, [1e-5, -1e-5], 1)[1]
    np.testing.assert_array_equal(point.theta, [1e-5, -1e-5])
    assert taken.alpha == 0 and memory.radius == 0.25


def test_where_no_radius_helps_it_is_stuck(x64):
    """The gradient is wrong by its sign: the radius shrinks below what θ = (3, 4) resolves, 5 · 2.2e-16."""
    cost = cost_of(lambda t: jnp.sum(t) - 7, jnp.ones(2), gradient=lambda t: -jnp.ones(2))
    method, point = TrustRegion(), cost.at(jnp.asarray([3.0, 4.0]))
    for radius, told in ((8e-15, FINE), (4e-15, STUCK)):
        kept, memory, taken = method.step(cost, point, Memory(jnp.asarray(radius)))
        assert taken.trouble == told and memory.radius == radius / 4
        np.testing.assert_array_equal(kept.theta, [3.0, 4.0])


def test_it_begins_with_the_radius_that_is_asked_for(x64):
    cost = rosenbrock()
    assert TrustRegion(radius=0.3).init(cost, cost.at(jnp.asarray(START))) == Memory(jnp.asarray(0.3))


def test_scipy(x64):
    state = end(TrustRegion(), rosenbrock(), START)
    peer = scipy.optimize.minimize(
        rosen, START, jac=rosen_der, hess=rosen_hess, method="trust-exact", options={"gtol": 1e-8}
    )
    assert state.done and state.t <= 2 * peer.nit
    np.testing.assert_allclose(state.point.theta, [1, 1], atol=1e-7)
