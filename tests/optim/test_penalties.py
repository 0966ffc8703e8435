"""Penalties: their formulas on the weights alone, their gradients, and L2 under gradient descent as decay."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.module import split
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.dense import Dense
from gradiens.nn.normalisation.batch_norm import BatchNorm
from gradiens.optim.penalties import L1, L2, ElasticNet, Penalised, weights

ONE, TWO = jax.random.split(jax.random.key(0))
THETA, _ = split(Chain.make(Conv2d.make(2, 3, 3, ONE), BatchNorm.make(3), Dense.make(4, 2, TWO)))


def test_the_weights_are_the_matrices_and_kernels():
    assert [w.shape for w in weights(THETA)] == [(3, 2, 3, 3), (2, 4)]
    assert weights({"b": jnp.ones(3), "c": jnp.ones(())}) == []
    assert float(L2(1.0)({"b": jnp.ones(3)})) == 0


def test_formulas_and_gradients(x64):
    theta = {"W": jnp.asarray([[1.0, -2.0], [0.5, 3.0]]), "b": jnp.asarray([7.0, 8.0])}
    assert float(L2(0.1)(theta)) == pytest.approx(0.1 * 14.25, rel=1e-14)
    assert float(L1(0.1)(theta)) == pytest.approx(0.1 * 6.5, rel=1e-14)
    for penalty, expected in ((L2(0.1), 0.2 * theta["W"]), (L1(0.1), 0.1 * jnp.sign(theta["W"]))):
        g = jax.grad(penalty)(theta)
        np.testing.assert_allclose(g["W"], expected, rtol=1e-14)
        np.testing.assert_array_equal(g["b"], 0)


def fit(theta, x):
    return jnp.sum(theta["W"] * x)


def test_penalised():
    theta, x = {"W": jnp.asarray([[3.0]])}, jnp.asarray([[2.0]])
    cost = Penalised(fit, ElasticNet(0.25, 0.5))
    assert float(cost(theta, x)) == 6 + 0.75 + 4.5
    assert float(Penalised(fit, L2(0.5))(theta, x)) == 6 + 4.5
    same = Penalised(fit, ElasticNet(0.25, 0.5))
    assert cost == same and hash(cost) == hash(same) and cost != Penalised(fit, ElasticNet(0.5, 0.5))


def test_bad_input():
    with pytest.raises(Mistake, match="strength between"):
        L2(-1.0)
    with pytest.raises(Mistake, match="l1 between"):
        ElasticNet(-1.0)
