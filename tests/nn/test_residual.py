"""A residual block: x + F(x), and the identity in its Jacobian."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.nn.batched import on_batch
from gradiens.nn.chain import Chain
from gradiens.nn.dense import Dense
from gradiens.nn.residual import Residual

RNG = np.random.default_rng(3)


def test_the_jacobian_is_the_identity_and_that_of_the_branch(x64):
    W, x = RNG.normal(size=(3, 3)) / 4, RNG.normal(size=3) / 4
    block = Residual(Chain.make(Dense(jnp.asarray(W), None), "tanh"))
    t = np.tanh(W @ x)
    np.testing.assert_allclose(block(jnp.asarray(x)), x + t, rtol=1e-13)
    np.testing.assert_allclose(jax.jacobian(block)(jnp.asarray(x)), np.eye(3) + (1 - t**2)[:, None] * W, rtol=1e-12)


def test_a_branch_to_another_shape_is_refused():
    block = Residual(Dense.make(3, 1, jax.random.key(0)))
    for call in (lambda: block(jnp.ones(3)), lambda: on_batch(block, jnp.ones((2, 3)))):
        with pytest.raises(Mistake, match="a branch that keeps the shape"):
            call()
