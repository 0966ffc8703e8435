"""The accelerated gradient method: Nesterov's sequence in NumPy, and its bound."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from gradiens.optim.accelerated import Accelerated
from tests.optim.methods import START, quadratic, rosen_der, rosenbrock, walk


def test_oracle(x64):
    """Beck & Teboulle (2009), section 4, with the gradient step alone: x_k from y_k, t_{k+1}, y_{k+1}."""
    x, y, t = START, START, 1.0
    for point, memory, taken in walk(Accelerated(lr=0.002), rosenbrock(), x, 20)[1:]:
        new = y - 0.002 * rosen_der(y)
        t_new = (1 + np.sqrt(1 + 4 * t**2)) / 2
        y = new + (t - 1) / t_new * (new - x)
        x, t = new, t_new
        np.testing.assert_allclose(point.theta, x, rtol=1e-10)
        np.testing.assert_allclose(memory.y, y, rtol=1e-10)
        np.testing.assert_allclose(memory.t, t, rtol=1e-12)
        np.testing.assert_allclose(point.g, rosen_der(x), rtol=1e-8)
        assert taken.alpha == 0.002 and taken.counts.gradients == 2


def test_the_bound(x64):
    """gap ≤ 2 L ‖θ₀ - θ*‖² / (k+1)² with α = 1/L, also for L = 1000."""
    cost, A, b = quadratic(d=6, kappa=1000.0)
    least = np.linalg.solve(A, b)
    start = np.full(6, 4.0)
    path = walk(Accelerated(lr=1e-3), cost, start, 150)
    floor = float(cost(jnp.asarray(least)))
    for k, (point, *_) in enumerate(path[1:], 1):
        assert float(point.value) - floor <= 2 * 1000 * np.sum((start - least) ** 2) / (k + 1) ** 2


def test_the_rules(x64):
    method, a, b = Accelerated(), jnp.asarray([1.0, 2.0]), jnp.asarray([3.0, -1.0])
    np.testing.assert_allclose(method.descend(a, b, 0.5), [-0.5, 2.5])
    np.testing.assert_allclose(method.grow(jnp.asarray(2.0)), (1 + np.sqrt(17)) / 2)
    np.testing.assert_allclose(method.ahead(a, b, jnp.asarray(3.0), jnp.asarray(4.0)), [4.0, -2.5])
