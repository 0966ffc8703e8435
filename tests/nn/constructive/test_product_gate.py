"""Gates that multiply: the formula written out in NumPy, the order of the error, trees, and where no gate can be."""

from __future__ import annotations

import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special as sp

from gradiens.core.check import Mistake
from gradiens.nn.constructive.product_gate import product_gate, product_tree

RNG = np.random.default_rng(0)
softplus = lambda z: np.logaddexp(z, 0)  # noqa: E731


def outputs(network, X):
    return np.asarray(jax.jit(jax.vmap(network))(jnp.asarray(X)))[:, 0]


def gate(S, curvature, λ, c, x, y):
    """Lin, Tegmark & Rolnick (2017), equation 11, with the scale λ and the point c."""
    p, q = λ * (x + y), λ * (x - y)
    return (S(c + p) + S(c - p) - S(c + q) - S(c - q)) / (4 * λ**2 * curvature)


@pytest.mark.parametrize("λ", [1.0, 0.3])
def test_the_formula(x64, λ):
    X = RNG.uniform(-1, 1, size=(40, 2))
    np.testing.assert_allclose(outputs(product_gate("softplus", λ), X), gate(softplus, 1 / 4, λ, 0, *X.T), atol=1e-13)
    s = sp.expit(0.7)
    curvature = s * (1 - s) * (1 - 2 * s)
    np.testing.assert_allclose(
        outputs(product_gate("sigmoid", λ, 0.7), X), gate(sp.expit, curvature, λ, 0.7, *X.T), atol=1e-12
    )


@pytest.mark.parametrize(("name", "at"), [("softplus", 0.0), ("tanh", 0.4), ("silu", 0.0)])
def test_the_error_is_of_order_two(x64, name, at):
    X = RNG.uniform(-1, 1, size=(40, 2))
    one, half = (np.abs(outputs(product_gate(name, λ, at), X) - X.prod(1)).max() for λ in (0.1, 0.05))
    assert one / half == pytest.approx(4, rel=0.03)


@pytest.mark.parametrize(("n", "units"), [(2, (4,)), (3, (8, 4)), (5, (12, 8, 4)), (8, (16, 8, 4))])
def test_a_tree(x64, n, units):
    """Of n factors in ⌈log₂ n⌉ layers; each corner of {-1, 1}ⁿ has the sign that it should have."""
    network = product_tree(n, "softplus", 0.02)
    assert tuple(len(layer.W) for layer in network.layers[:-1]) == units
    assert len(units) == math.ceil(math.log2(n))
    X = np.array(list(itertools.product([-1.0, 1.0], repeat=n)))
    np.testing.assert_allclose(outputs(network, X), X.prod(1), atol=0.02)
    X = RNG.uniform(-1, 1, size=(50, n))
    np.testing.assert_allclose(outputs(network, X), X.prod(1), atol=2e-3)


def test_where_no_gate_can_be():
    for name, at in (("sigmoid", 0.0), ("tanh", 0.0), ("relu", 1.0), ("identity", 0.3)):
        with pytest.raises(Mistake, match=r"an activation with S''\(.*≠ 0.*move the point"):
            product_gate(name, at=at)
    with pytest.raises(Mistake, match="two or more factors"):
        product_tree(1)
    with pytest.raises(Mistake, match="a scale above 0"):
        product_gate(scale=0.0)
