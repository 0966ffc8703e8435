"""Linear conjugate gradient: Hestenes & Stiefel's recursion in NumPy, and its theorems."""

from __future__ import annotations

import itertools

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.optim.linear_cg import LinearCG, solve_cg
from gradiens.optim.minimiser import FINE, INDEFINITE
from tests.optim.methods import plain, quadratic, walk


def hestenes_stiefel(A, b, x, steps):
    """(3:1) of the paper, from x: the x, the directions, the residuals."""
    r = b - A @ x
    p, xs, ps, rs = r, [x], [], [r]
    for _ in range(steps):
        a = (r @ r) / (p @ A @ p)
        x, new = x + a * p, r - a * A @ p
        ps.append(p)
        p, r = new + (new @ new) / (r @ r) * p, new
        xs.append(x)
        rs.append(r)
    return xs, ps, rs


def test_oracle(x64):
    cost, A, b = quadratic(seed=1, d=6)
    start = np.array([2.0, -1.0, 0.5, 3.0, 1.0, -2.0])
    xs, ps, _ = hestenes_stiefel(A, b, start, 4)
    path = walk(LinearCG(), cost, start, 4)
    for (point, memory, taken), x in zip(path[1:], xs[1:]):
        np.testing.assert_allclose(point.theta, x, rtol=1e-9)
        assert taken.trouble == FINE and taken.counts.products == 1
    for (_, memory, _), p in zip(path, ps):
        np.testing.assert_allclose(memory.p, p, rtol=1e-8, atol=1e-10)


def test_the_rules(x64):
    rule, A = LinearCG(), jnp.asarray([[2.0, 1.0], [1.0, 3.0]])
    r, p, x, two = (jnp.asarray(v) for v in ([1.0, 2.0], [3.0, -1.0], [5.0, 7.0], 2.0))
    assert rule.length(r, p, A) == pytest.approx(5 / 15)
    np.testing.assert_allclose(rule.move(x, two, p), [11.0, 5.0])
    np.testing.assert_allclose(rule.reduce(r, two, A, p), [-9.0, 2.0])
    assert rule.share(r, p) == pytest.approx(2.0)
    np.testing.assert_allclose(rule.turn(r, two, p), [7.0, 0.0])


@pytest.mark.parametrize("d", [2, 7])
def test_it_ends_in_d_steps_with_conjugate_directions(x64, d):
    cost, A, b = quadratic(seed=d, d=d, kappa=100.0)
    path = walk(LinearCG(), cost, np.zeros(d), d)
    assert np.linalg.norm(path[d][0].g) <= 1e-9 * np.linalg.norm(b)
    directions = [np.asarray(memory.p) for _, memory, _ in path[:d]]
    for p, q in itertools.combinations(directions, 2):
        assert abs(p @ A @ q) <= 1e-7 * np.sqrt((p @ A @ p) * (q @ A @ q))


def test_one_step_for_each_distinct_eigenvalue(x64):
    Q = np.linalg.qr(np.random.default_rng(0).normal(size=(9, 9)))[0]
    A = (Q * np.repeat([1.0, 5.0, 40.0], 3)) @ Q.T
    found = solve_cg(lambda v: jnp.asarray(A) @ v, jnp.asarray(Q.sum(axis=1)), 1e-9)
    assert found.steps == 3
    np.testing.assert_allclose(A @ found.x, Q.sum(axis=1), atol=1e-7)


def test_the_error_bound(x64):
    """‖x_k - x*‖_A ≤ 2 ((√κ - 1)/(√κ + 1))ᵏ ‖x₀ - x*‖_A."""
    cost, A, b = quadratic(seed=5, d=30, kappa=50.0)
    least = np.linalg.solve(A, b)
    errors = [np.sqrt((e := np.asarray(p.theta) - least) @ A @ e) for p, *_ in walk(LinearCG(), cost, np.zeros(30), 20)]
    rate = (np.sqrt(50) - 1) / (np.sqrt(50) + 1)
    assert all(error <= 2 * rate**k * errors[0] for k, error in enumerate(errors))


def test_solve(x64):
    _, A, b = quadratic(seed=3, d=6)
    product = lambda v: jnp.asarray(A) @ v  # noqa: E731
    xs, _, rs = hestenes_stiefel(A, b, np.zeros(6), 5)
    for steps in (1, 3):
        found = solve_cg(product, jnp.asarray(b), 0.0, steps)
        np.testing.assert_allclose(found.x, xs[steps], rtol=1e-9)
        assert found.steps == steps and found.residual == pytest.approx(np.linalg.norm(rs[steps]))
    found = solve_cg(product, jnp.asarray(b))
    np.testing.assert_allclose(found.x, np.linalg.solve(A, b), rtol=1e-9)
    assert found.residual <= 1e-10 * np.linalg.norm(b) and not jnp.any(found.curved) and found.steps <= 7
    loose = solve_cg(product, jnp.asarray(b), 0.3)
    assert 0.3 * np.linalg.norm(b) >= loose.residual == pytest.approx(np.linalg.norm(rs[int(loose.steps)]))
    assert np.linalg.norm(rs[int(loose.steps) - 1]) > 0.3 * np.linalg.norm(b)


def test_solving_for_0_takes_no_step(x64):
    assert solve_cg(lambda v: v, jnp.zeros(3)).steps == 0


def test_an_indefinite_matrix_is_told_with_its_direction(x64):
    A = jnp.diag(jnp.asarray([2.0, 1.0, -1.0]))
    found = solve_cg(lambda v: A @ v, jnp.asarray([1.0, 0.5, 0.4]))
    assert found.curved @ A @ found.curved <= 0 and jnp.any(found.curved) and jnp.all(jnp.isfinite(found.x))
    cost = plain(lambda t: t @ A @ t / 2 - t[2], np.zeros(3))
    point, _, taken = walk(LinearCG(), cost, np.zeros(3), 1)[1]
    assert taken.trouble == INDEFINITE and taken.alpha == 0
    np.testing.assert_array_equal(point.theta, 0)
