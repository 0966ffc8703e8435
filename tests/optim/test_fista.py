"""FISTA: Beck & Teboulle's algorithm in NumPy, its bound, the accelerated gradient method, scikit-learn."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from gradiens.optim.accelerated import Accelerated
from gradiens.optim.fista import FISTA
from gradiens.optim.ista import ISTA
from tests.optim.methods import START, end, rosenbrock, walk
from tests.optim.test_ista import L1, L, X, Y, lasso, optimal, peer


def test_oracle(x64):
    """Beck & Teboulle (2009), (4.1)-(4.3)."""
    x = y = np.full(8, 0.7)
    t = 1.0
    for point, memory, taken in walk(FISTA(lr=0.3, l1=0.5), lasso(), x, 8)[1:]:
        u = y - 0.3 * X.T @ (X @ y - Y) / 40
        new = np.sign(u) * np.maximum(np.abs(u) - 0.15, 0)
        t_new = (1 + np.sqrt(1 + 4 * t**2)) / 2
        y = new + (t - 1) / t_new * (new - x)
        x, t = new, t_new
        np.testing.assert_allclose(point.theta, x, rtol=1e-10, atol=1e-14)
        np.testing.assert_allclose(memory.y, y, rtol=1e-10, atol=1e-14)
        np.testing.assert_allclose(memory.t, t, rtol=1e-12)
        assert taken.counts.gradients == 2


def test_without_penalty_it_is_the_accelerated_gradient_method(x64):
    one, two = (walk(m, rosenbrock(), START, 20) for m in (FISTA(lr=0.002, l1=0.0), Accelerated(lr=0.002)))
    for (p, *_), (q, *_) in zip(one, two, strict=True):
        np.testing.assert_array_equal(p.theta, q.theta)


def test_the_bound(x64):
    """gap ≤ 2 L ‖θ₀ - θ*‖² / (k+1)² (theorem 4.4)."""
    cost, method, least = lasso(), FISTA(lr=1 / L, l1=L1), peer()
    floor = float(cost(jnp.asarray(least))) + L1 * np.abs(least).sum()
    for k, (point, *_) in enumerate(walk(method, cost, np.full(8, 2.0), 60)):
        assert float(method.shown(cost, point)) - floor <= 2 * L * np.sum((2.0 - least) ** 2) / (k + 1) ** 2 + 1e-12


def test_scikit_learn_in_fewer_steps_than_ista(x64):
    fast = end(FISTA(lr=1 / L, l1=0.01), lasso(), np.zeros(8), tolerance=1e-9, most=5000)
    slow = end(ISTA(lr=1 / L, l1=0.01), lasso(), np.zeros(8), tolerance=1e-9, most=5000)
    assert fast.done and slow.done
    np.testing.assert_allclose(fast.point.theta, peer(0.01), atol=1e-7)
    optimal(np.asarray(fast.point.theta), 0.01, 1e-8)
