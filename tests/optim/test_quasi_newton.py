"""The frame of the quasi-Newton methods: p = -B g, the first scaling, what is not learnt from."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.optim.bfgs import BFGS
from gradiens.optim.cost import Point
from gradiens.optim.line_search.fixed import Fixed
from gradiens.optim.quasi_newton import Memory, QuasiNewton
from tests.optim.methods import quadratic, walk


def point(theta, g):
    return Point(jnp.asarray(theta), jnp.asarray(0.0), jnp.asarray(g))


@pytest.mark.parametrize("scale", [True, False])
def test_the_path_is_that_of_the_formulas(x64, scale):
    """Steps of a fixed α: nothing but p = -B g, the scaling, and the secant pairs decide."""
    cost, A, b = quadratic(seed=3)
    theta, B = np.array([1.0, -2.0, 0.5, 3.0]), np.eye(4)
    path = walk(BFGS(search=Fixed(0.3), scale=scale), cost, theta, 6)
    for k in range(6):
        new = theta - 0.3 * B @ (A @ theta - b)
        s, y = new - theta, A @ (new - theta)
        if scale and k == 0:
            B = s @ y / (y @ y) * B
        V = np.eye(4) - np.outer(s, y) / (y @ s)
        B, theta = V @ B @ V.T + np.outer(s, s) / (y @ s), new
        np.testing.assert_allclose(path[k + 1][0].theta, theta, rtol=1e-11)
        np.testing.assert_allclose(path[k + 1][1].B, B, rtol=1e-9, atol=1e-12)


def test_toward_is_minus_B_g(x64):
    B, g = jnp.asarray([[2.0, 0.3], [0.3, 1.0]]), jnp.asarray([1.0, -4.0])
    np.testing.assert_allclose(BFGS().toward(B, g), [-0.8, 3.7], rtol=1e-14)


def test_a_step_without_positive_curvature_mends_nothing(x64):
    method, B = BFGS(), jnp.asarray([[2.0, 0.3], [0.3, 1.0]])
    old, new = point([1.0, 1.0], [1.0, 0.0]), point([2.0, 1.0], [0.5, 0.0])  # yᵀs = -0.5
    for mended in (True, False):
        memory = Memory(B, jnp.asarray(mended))
        after = method.remember(None, old, new, new.theta, memory)
        np.testing.assert_array_equal(after.B, B)
        assert after.mended == mended


def test_the_first_step_scales_and_later_ones_do_not(x64):
    method, B = BFGS(), 5.0 * jnp.eye(2)
    old, new = point([1.0, 1.0], [1.0, 0.5]), point([0.5, 1.25], [-0.5, 1.0])  # s = (-½, ¼), y = (-3/2, ½)
    s, y = np.array([-0.5, 0.25]), np.array([-1.5, 0.5])
    for mended, first in ((False, s @ y / (y @ y) * 5.0 * np.eye(2)), (True, 5.0 * np.eye(2))):
        after = method.remember(None, old, new, None, Memory(B, jnp.asarray(mended)))
        np.testing.assert_allclose(after.B, method.mend(jnp.asarray(first), jnp.asarray(s), jnp.asarray(y)), rtol=1e-13)
        assert after.mended


def test_the_first_length_is_cautious_and_later_ones_1(x64):
    at = point([0.0, 0.0], [3.0, -5.0])
    length = lambda method, mended: method.first(None, at, -at.g, Memory(jnp.eye(2), jnp.asarray(mended)))  # noqa: E731
    assert length(BFGS(), False) == pytest.approx(1 / 8)  # of ‖g‖₁ = 8
    assert length(BFGS(), True) == 1 and length(BFGS(scale=False), False) == 1


def test_the_start_is_the_unit_matrix(x64):
    cost, *_ = quadratic()
    memory = BFGS().init(cost, cost.at(jnp.zeros(4)))
    np.testing.assert_array_equal(memory.B, np.eye(4))
    assert not memory.mended


def test_the_base_has_no_formula(x64):
    with pytest.raises(NotImplementedError):
        QuasiNewton().mend(jnp.eye(2), jnp.ones(2), jnp.ones(2))
