"""Layer normalisation: PyTorch's on vectors, by hand on maps, and what it does not depend on."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.module import count
from gradiens.nn.normalisation.layer_norm import LayerNorm

RNG = np.random.default_rng(0)
γ, β = RNG.normal(size=(2, 5))
X = RNG.normal(size=(3, 5)) * 2 + 1
M = RNG.normal(size=(5, 2, 3)) * 2 + 1
ε = 0.1


@pytest.fixture
def layer(x64):
    return LayerNorm(jnp.asarray(γ), jnp.asarray(β), ε)


def test_vectors_are_pytorchs(layer):
    torch = pytest.importorskip("torch", reason="PyTorch is a peer that is not installed everywhere")
    expected = torch.nn.functional.layer_norm(*map(torch.tensor, (X,)), (5,), torch.tensor(γ), torch.tensor(β), ε)
    np.testing.assert_allclose(jax.vmap(layer)(jnp.asarray(X)), expected, rtol=1e-12)


def test_maps_are_normalised_at_each_place(layer):
    each = layer(jnp.asarray(M))
    for i, j in np.ndindex(2, 3):
        x = M[:, i, j]
        np.testing.assert_allclose(each[:, i, j], γ * (x - x.mean()) / np.sqrt(x.var() + ε) + β, rtol=1e-12)


def test_scale_and_shift_do_not_matter(layer):
    layer = dataclasses.replace(layer, eps=0.0)
    for x in (X[0], M):
        np.testing.assert_allclose(layer(jnp.asarray(7 * x - 3)), layer(jnp.asarray(x)), rtol=1e-11)


def test_two_trained_numbers_a_unit_and_a_start_without_them():
    layer = LayerNorm.make(4, 0.5)
    assert count(layer) == 8
    y = layer(jnp.asarray([1.0, 2, 3, 4]))
    np.testing.assert_allclose(y, np.array([-1.5, -0.5, 0.5, 1.5]) / np.sqrt(1.25 + 0.5), rtol=1e-6)
    with pytest.raises(Mistake, match="at least one unit"):
        LayerNorm.make(0)
