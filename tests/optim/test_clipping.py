"""Clipping caps the norm of the whole tree, keeps the direction, and does nothing below the cap (book 5.5, claim 4)."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.optim.clipping import clip_by_norm, norm

TREE = {"W": jnp.asarray([[3.0, 0.0], [0.0, 0.0]]), "b": jnp.asarray([0.0, -4.0]), "none": None}


def test_norm_is_global():
    assert norm(TREE) == pytest.approx(5.0, rel=1e-6)
    assert norm({}) == 0


def test_cap_and_direction():
    clipped, length = clip_by_norm(TREE, 2.0)
    assert length == pytest.approx(5.0, rel=1e-6)
    assert norm(clipped) == pytest.approx(2.0, rel=1e-6)
    np.testing.assert_allclose(clipped["W"][0, 0], 3 * 2 / 5, rtol=1e-6)
    np.testing.assert_allclose(clipped["b"][1], -4 * 2 / 5, rtol=1e-6)


def test_below_the_cap_nothing_happens():
    clipped, _ = clip_by_norm(TREE, 5.1)
    assert all(jax.tree.leaves(jax.tree.map(lambda a, b: bool(jnp.all(a == b)), clipped, TREE)))


def test_zero_gradient():
    clipped, length = clip_by_norm(jax.tree.map(jnp.zeros_like, TREE), 1.0)
    assert length == 0
    assert norm(clipped) == 0


def test_single_precision_leaves_under_x64(x64):
    clipped, _ = clip_by_norm({"a": jnp.ones(3, jnp.float32), "b": jnp.ones(3, jnp.float64)}, 1.0)
    assert (clipped["a"].dtype, clipped["b"].dtype) == (jnp.float32, jnp.float64)
    np.testing.assert_allclose(clipped["b"], 1 / np.sqrt(6), rtol=1e-12)
