"""Steepest descent: its path with exact search, and Kantorovich's bound."""

from __future__ import annotations

import itertools

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.optim.cost import Point
from gradiens.optim.line_search.exact import Exact
from gradiens.optim.line_search.fixed import Fixed
from gradiens.optim.steepest_descent import Memory, SteepestDescent
from tests.optim.methods import START, quadratic, rosen_der, rosenbrock, walk


def test_oracle(x64):
    theta = START
    for point, *_ in walk(SteepestDescent(search=Fixed(0.001)), rosenbrock(), theta, 5)[1:]:
        theta = theta - 0.001 * rosen_der(theta)
        np.testing.assert_allclose(point.theta, theta, rtol=1e-12)


def test_with_exact_search_on_a_quadratic(x64):
    """α = gᵀg/gᵀA g; consecutive directions are orthogonal; the gap falls by ((κ-1)/(κ+1))² at least."""
    cost, A, b = quadratic(seed=2, d=5, kappa=40.0)
    theta, least = np.full(5, 3.0), np.linalg.solve(A, b)
    gap = lambda x: (x - least) @ A @ (x - least) / 2  # noqa: E731
    gradients = []
    for point, _, taken in walk(SteepestDescent(search=Exact()), cost, theta, 12)[1:]:
        g = A @ theta - b
        gradients.append(g)
        alpha = (g @ g) / (g @ A @ g)
        assert taken.alpha == pytest.approx(alpha)
        assert gap(theta - alpha * g) <= (39 / 41) ** 2 * gap(theta)
        theta = theta - alpha * g
        np.testing.assert_allclose(point.theta, theta, rtol=1e-9)
    for g, new in itertools.pairwise(gradients):
        assert abs(g @ new) < 1e-9 * np.linalg.norm(g) * np.linalg.norm(new)


def test_the_bound_is_attained(x64):
    """From a start with parts 1/λ along the lowest and the highest eigenvector the worst happens at every step."""
    cost, A, b = quadratic(seed=2, d=4, kappa=40.0)
    lam, Q = np.linalg.eigh(A)
    least = np.linalg.solve(A, b)
    path = walk(SteepestDescent(search=Exact()), cost, least + Q[:, 0] / lam[0] + Q[:, -1] / lam[-1], 6)
    gaps = [(np.asarray(p.theta) - least) @ A @ (np.asarray(p.theta) - least) for p, *_ in path]
    np.testing.assert_allclose(np.array(gaps[1:]) / gaps[:-1], (39 / 41) ** 2, rtol=1e-7)


def test_what_is_promised(x64):
    """α ‖g‖² of the last step; the next first α is as promising, the very first a cautious one."""
    method = SteepestDescent()
    point = lambda theta, g: Point(jnp.asarray(theta), jnp.asarray(0.0), jnp.asarray(g))  # noqa: E731
    old, new = point([1.0, 1.0], [3.0, -4.0]), point([0.7, 1.4], [1.0, 2.0])
    memory = method.remember(None, old, new, -old.g, method.init(None, old))
    assert memory.promised == pytest.approx(2.5)
    assert method.first(None, new, -new.g, memory) == pytest.approx(0.5)
    assert method.first(None, old, -old.g, method.init(None, old)) == pytest.approx(1 / 7)
    assert method.init(None, old) == Memory(jnp.asarray(0.0))


def test_the_direction_is_the_negative_gradient(x64):
    """An uphill direction would be replaced by it, and no path would tell."""
    np.testing.assert_array_equal(SteepestDescent().along(jnp.asarray([1.0, -2.0])), [-1.0, 2.0])
