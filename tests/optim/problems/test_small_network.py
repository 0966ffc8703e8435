"""The small network: its formula by NumPy, and its 48 minima."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.optim.problems.small_network import INPUTS, SmallNetwork


def predict(theta, x):
    return sum(theta[6 + j] * np.tanh(theta[j] * x + theta[3 + j]) for j in range(3)) + theta[9]


def test_oracle(x64):
    problem = SmallNetwork()
    theta, teacher = np.random.default_rng(0).normal(size=10), problem.minimisers()[0]
    np.testing.assert_allclose(
        problem.predict(jnp.asarray(theta), jnp.asarray(INPUTS)), predict(theta, INPUTS), rtol=1e-12
    )
    errors = (predict(theta, INPUTS) - predict(teacher, INPUTS)) ** 2
    assert float(problem(jnp.asarray(theta))) == pytest.approx(errors.mean(), rel=1e-12)
    np.testing.assert_allclose(problem.terms(jnp.asarray(theta)), errors, rtol=1e-10)


def test_all_images_are_different_and_minima(x64):
    problem = SmallNetwork()
    images = problem.minimisers()
    assert len({tuple(image) for image in images}) == 48
    np.testing.assert_allclose(jax.vmap(problem)(jnp.asarray(images)), 0, atol=1e-28)


def test_the_symmetries_leave_the_cost_as_it_is_everywhere(x64):
    problem, theta = SmallNetwork(), np.random.default_rng(1).normal(size=10)
    swapped = theta[[1, 0, 2, 4, 3, 5, 7, 6, 8, 9]]
    turned = theta * np.array([1, -1, 1, 1, -1, 1, 1, -1, 1, 1])
    value = float(problem(jnp.asarray(theta)))
    assert [float(problem(jnp.asarray(t))) for t in (swapped, turned)] == pytest.approx([value, value])
