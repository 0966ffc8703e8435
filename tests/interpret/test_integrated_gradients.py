"""Integrated gradients: the axioms of the paper, and the midpoint rule by hand."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.interpret.integrated_gradients import integrated_gradients

V = np.random.default_rng(1).normal(size=(2, 6, 4))


def network(x):
    """Smooth, two scores of four numbers."""
    return V[1, :2] @ jnp.tanh(V[0] @ x)[:4]


def test_of_a_linear_function_it_is_weight_times_difference_for_any_number_of_steps(x64):
    w, x, x0 = np.array([1.0, -2.0, 3.0]), jnp.array([0.5, 1.0, 2.0]), jnp.array([1.0, -1.0, 0.0])
    for steps in (1, 7):
        found = integrated_gradients(lambda x: w @ x, x, None, x0, steps)
        np.testing.assert_allclose(found, w * (x - x0), rtol=1e-14)


def test_the_midpoint_rule_by_hand(x64):
    """f = x³ from 0 to 2 with two steps: 2 · ½ (3 · 0.5² + 3 · 1.5²) = 7.5, where 8 is exact."""
    found = integrated_gradients(lambda x: x[0] ** 3, jnp.array([2.0]), steps=2)
    assert float(found[0]) == pytest.approx(7.5, rel=1e-14)


def test_the_shares_add_up_and_the_error_falls_as_the_square(x64):
    x, x0 = jnp.array([1.0, -0.5, 2.0, 0.3]), jnp.full(4, 0.2)
    whole = float(network(x)[1] - network(x0)[1])
    error = [abs(float(jnp.sum(integrated_gradients(network, x, 1, x0, m))) - whole) for m in (20, 40)]
    assert error[1] < 1e-2 and 3.5 < error[0] / error[1] < 4.5


def test_two_pieces_of_the_way_add_up(x64):
    """The midpoints of 2 m steps are those of m steps on each half."""
    x, x0 = jnp.array([1.0, -0.5, 2.0, 0.3]), jnp.zeros(4)
    half = (x + x0) / 2
    parts = integrated_gradients(network, half, 0, x0, 10) + integrated_gradients(network, x, 0, half, 10)
    np.testing.assert_allclose(parts, integrated_gradients(network, x, 0, x0, 20), rtol=1e-13)


def test_an_input_that_does_not_matter_or_does_not_differ_gets_nothing(x64):
    f = lambda x: jnp.sin(x[0]) * x[1]  # noqa: E731
    found = integrated_gradients(f, jnp.array([1.0, 2.0, 3.0]), None, jnp.array([0.0, 2.0, 0.0]))
    assert found[1] == 0 and found[2] == 0 and abs(found[0]) > 1


def test_it_keeps_single_precision():
    assert integrated_gradients(jnp.sum, jnp.ones(3, jnp.float32)).dtype == jnp.float32
    with jax.enable_x64(True):
        assert integrated_gradients(jnp.sum, jnp.ones(3, jnp.float32)).dtype == jnp.float32


@pytest.mark.parametrize(("x0", "steps"), [(jnp.zeros(2), 5), (None, 0)])
def test_bad_input(x0, steps):
    with pytest.raises(Mistake, match="one step or more and a baseline of shape"):
        integrated_gradients(jnp.sum, jnp.ones(3), None, x0, steps)
