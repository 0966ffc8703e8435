"""Quadratics: the spectrum that was asked for, whatever the axes."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.optim.problems.quadratic import Quadratic


@pytest.mark.parametrize(
    ("spacing", "expected"), [("equispaced", [1, 34, 67, 100]), ("log", [1, 100 ** (1 / 3), 100 ** (2 / 3), 100])]
)
def test_its_eigenvalues(x64, spacing, expected):
    problem = Quadratic(kappa=100.0, d=4, seed=3, spacing=spacing)
    np.testing.assert_allclose(problem.eigenvalues(), expected, rtol=1e-12)
    np.testing.assert_allclose(np.linalg.eigvalsh(problem.matrix()), expected, rtol=1e-10)
    np.testing.assert_allclose(jax.hessian(problem)(jnp.ones(4)), problem.matrix(), atol=1e-10)
    assert (problem.smoothness(), problem.strong_convexity()) == (100, 1)


def test_oracle(x64):
    """½ (θ - m)ᵀ A (θ - m)."""
    problem = Quadratic(kappa=7.0, d=3, seed=1, centre=2.0)
    A, theta = np.asarray(problem.matrix()), np.array([0.3, -1.0, 4.0])
    assert float(problem(jnp.asarray(theta))) == pytest.approx((theta - 2) @ A @ (theta - 2) / 2)
    np.testing.assert_array_equal(problem.minimisers(), [[2, 2, 2]])
    np.testing.assert_array_equal(problem.box, [[0, 4]] * 3)
    np.testing.assert_allclose(problem.Q.T @ (problem.usual() - 2), np.ones(3))


def test_its_axes_come_from_the_seed_and_are_orthogonal(x64):
    one, same, other = (Quadratic(d=5, seed=seed).Q for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, same)
    assert not np.allclose(one, other)
    np.testing.assert_allclose(one.T @ one, np.eye(5), atol=1e-14)
    np.testing.assert_array_equal(dataclasses.replace(Quadratic(d=5, seed=0), seed=1).Q, other)


def test_the_axes_are_drawn_evenly():
    """Every entry of Q has mean 0 and mean square 1/d: over 400 seeds, with a margin of 4 standard errors."""
    entries = np.array([Quadratic(d=3, seed=seed).Q for seed in range(400)])
    assert np.abs(entries.mean(axis=0)).max() < 4 * np.sqrt(1 / 3 / 400)
    assert np.abs((entries**2).mean(axis=0) - 1 / 3).max() < 4 * np.sqrt(4 / 45 / 400)


def test_kappa_is_a_knob_that_recompiles_nothing(x64):
    values = jax.jit(jax.vmap(lambda kappa: Quadratic(kappa=kappa, d=3)(jnp.ones(3))))(jnp.asarray([1.0, 10.0]))
    np.testing.assert_allclose(values, [Quadratic(kappa=k, d=3)(jnp.ones(3)) for k in (1.0, 10.0)])


def test_one_dimension(x64):
    problem = Quadratic(kappa=9.0, d=1)
    assert float(jax.hessian(problem)(jnp.ones(1))[0, 0]) == 9 and problem.strong_convexity() == 9


def test_bad_input():
    with pytest.raises(Mistake, match="kappa"):
        Quadratic(kappa=0.5)
    with pytest.raises(Mistake, match="spacing"):
        Quadratic(spacing="even")
