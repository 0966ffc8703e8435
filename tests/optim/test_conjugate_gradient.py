"""The frame of the nonlinear conjugate gradient methods: the turn, Powell's restart, the first length."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.optim.conjugate_gradient import ConjugateGradient, Memory
from gradiens.optim.cost import Point
from gradiens.optim.fletcher_reeves import FletcherReeves
from tests.optim.methods import quadratic


def point(theta, g):
    return Point(jnp.asarray(theta), jnp.asarray(0.0), jnp.asarray(g))


def test_turn(x64):
    got = FletcherReeves().turn(jnp.asarray([1.0, 2.0]), jnp.asarray(0.5), jnp.asarray([4.0, -6.0]))
    np.testing.assert_allclose(got, [1.0, -5.0])


def test_the_next_direction(x64):
    """p' = -g' + β p with β = ‖g'‖²/‖g‖² = 4; α ‖g‖² is what the step has promised."""
    old, new, p = point([0.25, 1.0], [1.0, 0.0]), point([-0.25, 2.0], [0.0, 2.0]), jnp.asarray([-2.0, 4.0])
    memory = FletcherReeves().remember(None, old, new, p, Memory(p, jnp.asarray(0.0)))
    np.testing.assert_allclose(memory.p, [-8.0, 14.0])
    assert memory.promised == 0.5


@pytest.mark.parametrize(("overlap", "forgets"), [(0.1, False), (-0.1, False), (0.3, True), (-0.3, True), (0.25, True)])
def test_gradients_that_are_not_orthogonal_forget_the_past(x64, overlap, forgets):
    """|g'ᵀg| ≥ ν ‖g'‖², here with ν = 1/4 and ‖g'‖ = 1."""
    old, new, p = point([0.0, 0.0], [overlap, 5.0]), point([1.0, 0.0], [1.0, 0.0]), jnp.asarray([3.0, 7.0])
    memory = FletcherReeves(restart=0.25).remember(None, old, new, p, Memory(p, jnp.asarray(0.0)))
    beta = 0 if forgets else 1 / (overlap**2 + 25)
    np.testing.assert_allclose(memory.p, [-1 + 3 * beta, 7 * beta], rtol=1e-12)


def test_it_begins_downhill(x64):
    cost, A, b = quadratic()
    memory = FletcherReeves().init(cost, cost.at(jnp.ones(4)))
    np.testing.assert_allclose(memory.p, b - A @ np.ones(4), rtol=1e-12)
    assert memory.promised == 0


def test_the_first_length_repeats_the_promise(x64):
    """α = promised / -gᵀp."""
    at, p = point([0.0, 0.0], [3.0, -5.0]), jnp.asarray([-1.0, 1.0])
    first = lambda promised: float(FletcherReeves().first(None, at, p, Memory(p, jnp.asarray(promised))))  # noqa: E731
    assert first(2.0) == pytest.approx(0.25) and first(0.0) == pytest.approx(1 / 8)


def test_the_base_has_no_share(x64):
    with pytest.raises(NotImplementedError):
        ConjugateGradient().share(jnp.ones(2), jnp.ones(2))
