"""Gated linear units: PyTorch's glu, and the table of Shazeer's variants written out in NumPy."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special as sp

from gradiens.core.check import Mistake
from gradiens.core.module import count
from gradiens.nn.dense import Dense
from gradiens.nn.gated import Gated

RNG = np.random.default_rng(0)
W, V = RNG.normal(size=(2, 3, 4))
B, C = RNG.normal(size=(2, 3))
X = RNG.normal(size=(5, 4))

# Shazeer (2020), equations 4 and 5, with the gate first there: here the affine part is W x + b
VARIANTS = {
    "sigmoid": sp.expit,
    "identity": lambda z: z,
    "relu": lambda z: np.maximum(z, 0),
    "gelu": lambda z: z * sp.ndtr(z),
    "silu": lambda z: z * sp.expit(z),
}


def gated(activation):
    return Gated(Dense(jnp.asarray(W), jnp.asarray(B)), Dense(jnp.asarray(V), jnp.asarray(C)), activation)


@pytest.mark.parametrize("name", VARIANTS)
def test_variants(x64, name):
    expected = (X @ W.T + B) * VARIANTS[name](X @ V.T + C)
    np.testing.assert_allclose(jax.vmap(gated(name))(jnp.asarray(X)), expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(gated(name).on_batch(jnp.asarray(X))[0], expected, rtol=1e-12, atol=1e-15)


def test_as_in_pytorch(x64):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    both = np.concatenate([X @ W.T + B, X @ V.T + C], axis=1)
    theirs = torch.nn.functional.glu(torch.tensor(both), dim=1)
    np.testing.assert_allclose(jax.vmap(gated("sigmoid"))(jnp.asarray(X)), theirs, rtol=1e-12)


def test_an_open_gate_lets_the_gradient_through(x64):
    """With c large the layer is its affine part, and the Jacobian is W; a σ unit's vanishes there."""
    layer = Gated(Dense(jnp.asarray(W), None), Dense(jnp.asarray(V), jnp.full(3, 60.0)), "sigmoid")
    np.testing.assert_allclose(jax.jacobian(layer)(jnp.asarray(X[0])), W, rtol=1e-12)


def test_parameters():
    assert count(Gated.make(3, 2, jax.random.key(0))) == 2 * 2 * 4
    with pytest.raises(Mistake, match="did you mean 'silu'"):
        Gated.make(3, 2, jax.random.key(0), "silo")
