"""The deconvolution view: the three rules by hand, and the derivative as the rule that is one."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.interpret.deconvolution import deconvolved
from gradiens.nn.autoencoders.tied_autoencoder import TiedAutoencoder
from gradiens.nn.chain import Activate, Chain
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.convolutions.pool import MaxPool
from gradiens.nn.dense import Dense
from gradiens.nn.gated import Gated
from gradiens.nn.mlp import MLP


@pytest.mark.parametrize("rule", ["derivative", "deconvolution", "guided"])
def test_each_rule_by_hand(x64, rule):
    rng = np.random.default_rng(4)
    W1, W2, x = rng.normal(size=(6, 4)), rng.normal(size=(3, 6)), rng.normal(size=4)
    W2[1] = [1.0, -2.0, 3.0, -1.0, 2.0, -3.0]
    z, unit = W1 @ x, 1
    ε = W2[unit] * (W2 @ np.maximum(z, 0))[unit]
    assert len({(a > 0, b > 0) for a, b in zip(z, ε, strict=True)}) == 4  # all four cases
    δ = {"derivative": ε * (z > 0), "deconvolution": np.maximum(ε, 0), "guided": np.maximum(ε, 0) * (z > 0)}[rule]
    network = Chain.make(Dense(jnp.asarray(W1), None), "relu", Dense(jnp.asarray(W2), None))
    np.testing.assert_allclose(deconvolved(network, jnp.asarray(x), unit, rule), W1.T @ δ, rtol=1e-12)


def test_by_the_derivative_it_is_the_gradient_of_half_the_largest_squared(x64):
    network = Chain.make(Conv2d.make(1, 4, 3, jax.random.key(1)), "relu", MaxPool(2))
    x = jax.random.normal(jax.random.key(2), (1, 6, 6))
    expected = jax.grad(lambda x: jnp.max(network(x)[2]) ** 2 / 2)(x)
    np.testing.assert_allclose(deconvolved(network, x, 2, "derivative"), expected, rtol=1e-12, atol=1e-15)


def test_a_view_stays_in_the_receptive_field_also_through_inner_networks():
    inner = Chain.make(Conv2d.make(1, 2, 3, jax.random.key(1)), "relu")
    network = Chain.make(inner, MaxPool(2))
    x = jax.random.normal(jax.random.key(3), (1, 8, 8))
    view = np.asarray(deconvolved(network, x, 1, "guided"))[0]
    rows, columns = (np.flatnonzero(np.any(view != 0, axis=axis)) for axis in (1, 0))
    assert np.ptp(rows) <= 2 and np.ptp(columns) <= 2 and np.any(view)


def test_other_activations_keep_their_derivative(x64):
    network = Chain.make(Activate("tanh"), "relu")
    x = jnp.array([0.3, -0.2])
    a = np.tanh(0.3)
    np.testing.assert_allclose(deconvolved(network, x, 0), [a * (1 - a**2), 0], rtol=1e-12)


def test_a_layer_with_relu_inside_it_is_no_relu(x64):
    """It is run as it is: by its derivative, and any other rule is refused."""
    one, two, three = jax.random.split(jax.random.key(5), 3)
    x = jax.random.normal(one, (3,))
    for network in (
        Chain.make(Dense.make(3, 3, two), Gated.make(3, 3, three, "relu")),
        Chain.make(TiedAutoencoder.make(3, 2, two, "relu")),
        MLP.make((3, 8, 2), two),
    ):
        expected = jax.grad(lambda x, network=network: network(x)[1] ** 2 / 2)(x)
        np.testing.assert_allclose(deconvolved(network, x, 1, "derivative"), expected, rtol=1e-12)
        with pytest.raises(Mistake, match="a network with relu layers"):
            deconvolved(network, x, 1, "guided")


def test_bad_input():
    network = Chain.make(Activate("relu"))
    with pytest.raises(Mistake, match="did you mean 'guided'"):
        deconvolved(network, jnp.ones(2), 0, "guide")
    with pytest.raises(Mistake, match="a unit from 0 to 1"):
        deconvolved(network, jnp.ones(2), 2)
    with pytest.raises(Mistake, match="a unit from 0 to 1, got -1"):
        deconvolved(network, jnp.ones(2), np.int64(-1))
    with pytest.raises(Mistake, match="floating-point numbers, got int32"):
        deconvolved(network, jnp.ones(2, jnp.int32), 0)
