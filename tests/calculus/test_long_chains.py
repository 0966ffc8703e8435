"""Implicit differentiation and checkpointing: the derivative of the whole without keeping the whole."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.calculus.checkpointing import pull_back
from gradiens.calculus.implicit import implicit_jacobian, implicit_solution
from gradiens.core.check import Mistake


def equation(y, x):
    """y = tanh(A y + x): a contraction."""
    return y - jnp.tanh(jnp.asarray([[0.3, -0.2], [0.1, 0.4]]) @ y + x)


def solve(x):
    return jax.lax.fori_loop(0, 200, lambda _, y: y - equation(y, x), jnp.zeros(2))


def test_the_derivative_of_a_fixed_point(x64):
    x = jnp.asarray([0.5, -0.3])
    through = jax.jacfwd(lambda x: jax.lax.fori_loop(0, 200, lambda _, y: y - equation(y, x), jnp.zeros(2)))(x)
    np.testing.assert_allclose(implicit_jacobian(equation, solve(x), x), through, rtol=1e-10)
    y = implicit_solution(equation, solve)
    np.testing.assert_allclose(y(x), solve(x))
    np.testing.assert_allclose(jax.jacfwd(y)(x), through, rtol=1e-10)
    np.testing.assert_allclose(jax.jacrev(y)(x), through, rtol=1e-10)


def test_the_circle(x64):
    """x² + y² = 1: dy/dx = -x/y; as many equations as unknowns."""
    F = lambda y, x: y**2 + x**2 - 1.0  # noqa: E731
    x, y = jnp.asarray([0.6]), jnp.asarray([0.8])
    assert float(implicit_jacobian(F, y, x)[0, 0]) == pytest.approx(-0.75, rel=1e-14)
    with pytest.raises(Mistake, match="as many equations"):
        implicit_jacobian(lambda y, x: y[0] + x[0], y, x)


@pytest.mark.parametrize("every", [1, 4, 5, 17])
def test_checkpoints_change_the_memory_and_not_the_gradient(x64, every):
    step = lambda h: jnp.sin(h) + 0.1 * h[::-1]  # noqa: E731
    h, adjoint, T = jnp.asarray([0.3, 1.2]), jnp.asarray([1.0, -2.0]), 17

    def whole(h):
        for _ in range(T):
            h = step(h)
        return h

    found = pull_back(step, h, adjoint, T, every)
    np.testing.assert_allclose(found.adjoint, jax.vjp(whole, h)[1](adjoint)[0], rtol=1e-13)
    kept = -(-T // every)
    assert found.evaluations == T - 1 + (T - kept)
    assert found.states == max(len(range(0, start, every)) + min(every, T - start) for start in range(0, T, every))


def test_the_least_memory_is_near_the_root():
    states = {c: pull_back(jnp.sin, jnp.ones(()), jnp.ones(()), 36, c).states for c in (1, 2, 6, 18, 36)}
    assert states[6] == 11 and min(states.values()) == 11 and states[1] == states[36] == 36
    for steps, every in ((0, 1), (3, 0), (3, 4)):
        with pytest.raises(Mistake, match="at least one step"):
            pull_back(jnp.sin, jnp.ones(()), jnp.ones(()), steps, every)
