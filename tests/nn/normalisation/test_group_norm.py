"""Group normalisation: PyTorch's, and its two ends: instance normalisation, and all units together."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.module import count
from gradiens.nn.normalisation.group_norm import GroupNorm

RNG = np.random.default_rng(0)
γ, β = RNG.normal(size=(2, 6))
X = RNG.normal(size=(2, 6, 3, 4)) * 2 + 1
ε = 0.1


@pytest.mark.parametrize("groups", [1, 2, 3, 6])
def test_is_pytorchs(x64, groups):
    torch = pytest.importorskip("torch", reason="PyTorch is a peer that is not installed everywhere")
    layer = GroupNorm(jnp.asarray(γ), jnp.asarray(β), groups, ε)
    expected = torch.nn.functional.group_norm(torch.tensor(X), groups, torch.tensor(γ), torch.tensor(β), ε)
    np.testing.assert_allclose(jax.vmap(layer)(jnp.asarray(X)), expected, rtol=1e-11, atol=1e-13)
    flat = torch.nn.functional.group_norm(torch.tensor(X[:, :, 0, 0]), groups, torch.tensor(γ), torch.tensor(β), ε)
    np.testing.assert_allclose(jax.vmap(layer)(jnp.asarray(X[:, :, 0, 0])), flat, rtol=1e-11, atol=1e-13)


def test_instance_normalisation_takes_each_map_by_itself(x64):
    y = GroupNorm.instance(6, ε)(jnp.asarray(X[0]))
    m, v = X[0].mean((1, 2), keepdims=True), X[0].var((1, 2), keepdims=True)
    np.testing.assert_allclose(y, (X[0] - m) / np.sqrt(v + ε), rtol=1e-12)


def test_counts_and_bad_groups():
    assert count(GroupNorm.make(6, 3)) == 12
    for n, groups in ((6, 4), (6, 0), (0, 1), (6, 7)):
        with pytest.raises(Mistake, match="groups of one size"):
            GroupNorm.make(n, groups)
