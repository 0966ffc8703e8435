"""The factor that follows a support against solving anew, and the search for the support against all supports."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from gradiens.classical.linear.active_factor import Factor, Quadratic
from gradiens.classical.linear.active_set import Support, minimise
from gradiens.core.check import Failure

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 30)) @ (np.eye(30) + 0.2)
G, C = X.T @ X / 60, X.T @ (X @ rng.normal(size=30) + rng.normal(size=60)) / 60


@pytest.mark.parametrize("dense", [True, False])
@pytest.mark.parametrize("kappa", [0.0, 0.3])
def test_the_factor_follows_the_support(dense, kappa):
    factor = Factor(Quadratic(X, C, kappa, G if dense else None))
    full = G + kappa * np.eye(30)
    np.testing.assert_allclose(factor.problem.times(C), full @ C, rtol=1e-12)
    order = rng.permutation(30)
    for active in (
        order[:3],
        order[:20],
        order[:20],
        np.delete(order[:20], 7),
        order[1:5],
        order,
        order[:1],
        order[[2, 0]],
    ):
        right = rng.normal(size=len(active))
        expected = np.linalg.solve(full[np.ix_(active, active)], right)
        np.testing.assert_allclose(factor.solve(active, right), expected, rtol=1e-9, atol=1e-10)


def test_dependent_columns_run_along_the_null_space():
    """x₂ = x₁: the solution is huge, in the direction (1, -1) that changes nothing."""
    x = X[:, [0, 0, 1]]
    z = Factor(Quadratic(x, x.T @ x[:, 2] / 60, 0.0, x.T @ x / 60)).solve(np.arange(2), np.array([1.0, -1.0]))
    assert abs(z[0]) > 1e6 and z[0] == pytest.approx(-z[1], rel=1e-5)
    many = np.repeat(X[:, :1], 20, axis=1)
    with_many = Factor(Quadratic(many, many.T @ many[:, 0] / 60, 0.0, many.T @ many / 60)).solve(
        np.arange(20), np.ones(20)
    )
    assert np.isfinite(with_many).all()


@pytest.mark.parametrize("l1", [0.05, 0.4, 1.5])
def test_the_support_is_the_best_of_all(l1):
    """Four columns: the 81 sign patterns, each solved, and the one of least objective."""
    g, c = G[:4, :4], C[:4]
    objective = lambda w: w @ g @ w / 2 - c @ w + l1 * np.abs(w).sum()  # noqa: E731
    best = np.zeros(4)
    for signs in product((-1.0, 0.0, 1.0), repeat=4):
        s, w = np.array(signs), np.zeros(4)
        A = np.flatnonzero(s)
        w[A] = np.linalg.solve(g[np.ix_(A, A)], c[A] - l1 * s[A])
        best = w if np.all(w * s >= 0) and objective(w) < objective(best) else best
    at, slopes = minimise(Factor(Quadratic(X[:, :4], c, 0.0, g)), l1, Support.empty(4), 1e-12)
    np.testing.assert_allclose(at.w, best, atol=1e-10)
    np.testing.assert_allclose(slopes, c - g @ best, atol=1e-10)
    assert sorted(at.active.tolist()) == np.flatnonzero(best).tolist()


def test_a_start_far_away_ends_in_the_same_place():
    factor = Factor(Quadratic(X, C, 0.0, G))
    near, _ = minimise(factor, 0.3, Support.empty(30), 1e-12)
    w = rng.normal(size=30) * 10
    far, _ = minimise(factor, 0.3, Support(w, np.arange(30), np.sign(w)), 1e-12)
    np.testing.assert_allclose(far.w, near.w, atol=1e-9)


def test_numbers_that_are_none_are_refused():
    with pytest.raises(Failure, match="no basis"):
        Factor(Quadratic(X, C, 0.0, G)).solve(np.arange(3), np.array([1.0, np.nan, 0.0]))
