"""Focal loss by its source; what every loss must do is in the contracts."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.functions.focal import focal
from gradiens.functions.losses import binary_cross_entropy

Z = np.linspace(-6, 6, 13)


def test_by_its_source(x64):
    """FL(p_t) = -α_t (1 - p_t)^γ log p_t, p_t the probability of what is the case."""
    for z in Z:
        for y in (0.0, 1.0):
            p = 1 / (1 + np.exp(-z))
            p_t, alpha_t = (p, 0.3) if y == 1 else (1 - p, 0.7)
            expected = -alpha_t * (1 - p_t) ** 1.5 * np.log(p_t)
            assert float(focal(jnp.asarray(z), y, 0.3, 1.5)) == pytest.approx(expected, rel=1e-10)


def test_half_the_cross_entropy_at_gamma_zero(x64):
    y = (Z > 1).astype(float)
    np.testing.assert_allclose(
        2 * focal(jnp.asarray(Z), y, 0.5, 0.0), binary_cross_entropy(jnp.asarray(Z), y), rtol=1e-12
    )


def test_a_right_answer_counts_little(x64):
    easy = jax.vmap(lambda z: focal(z, 1.0, 1.0, 2.0) / binary_cross_entropy(z, 1.0))(jnp.array([0.0, 2.0, 4.0]))
    p = 1 / (1 + np.exp(-np.array([0.0, 2, 4])))
    np.testing.assert_allclose(easy, (1 - p) ** 2, rtol=1e-10)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("z", [-200.0, -17.0, 17.0, 200.0])
def test_value_and_slope_where_a_probability_is_rounded_to_one(gamma, z):
    """In single precision, against p^γ and log p in double precision with nothing rounded."""
    for y in (0.0, 1.0):
        right, wrong = np.logaddexp(0, [-z, z] if y == 1 else [z, -z])  # -log p_t, -log(1 - p_t)
        weight = 0.5 * np.exp(-gamma * wrong)
        slope = weight * (gamma * np.exp(-right) * right + np.exp(-wrong)) * (1 - 2 * y)
        found = jax.value_and_grad(focal)(jnp.float32(z), jnp.float32(y), 0.5, gamma)
        np.testing.assert_allclose(found, (weight * right, slope), rtol=3e-5, atol=1e-37)
