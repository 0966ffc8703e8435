"""RMS normalisation: PyTorch's on vectors, by hand on maps."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.module import count
from gradiens.nn.normalisation.rms_norm import RMSNorm

RNG = np.random.default_rng(0)
γ = RNG.normal(size=5)
X = RNG.normal(size=(3, 5)) * 2 + 1
M = RNG.normal(size=(5, 2, 3)) * 2 + 1
ε = 0.1


@pytest.fixture
def layer(x64):
    return RMSNorm(jnp.asarray(γ), ε)


def test_vectors_are_pytorchs(layer):
    torch = pytest.importorskip("torch", reason="PyTorch is a peer that is not installed everywhere")
    expected = torch.nn.functional.rms_norm(torch.tensor(X), (5,), torch.tensor(γ), ε)
    np.testing.assert_allclose(jax.vmap(layer)(jnp.asarray(X)), expected, rtol=1e-12)


def test_maps_are_normalised_at_each_place(layer):
    each = layer(jnp.asarray(M))
    for i, j in np.ndindex(2, 3):
        x = M[:, i, j]
        np.testing.assert_allclose(each[:, i, j], γ * x / np.sqrt((x**2).mean() + ε), rtol=1e-12)


def test_scale_does_not_matter_and_shift_does(layer):
    layer = dataclasses.replace(layer, eps=0.0)
    np.testing.assert_allclose(layer(jnp.asarray(7 * X[0])), layer(jnp.asarray(X[0])), rtol=1e-12)
    assert not np.allclose(layer(jnp.asarray(X[0] + 1)), layer(jnp.asarray(X[0])), rtol=0.01)


def test_one_trained_number_a_unit():
    assert count(RMSNorm.make(4)) == 4
    with pytest.raises(Mistake, match="at least one unit"):
        RMSNorm.make(0)
