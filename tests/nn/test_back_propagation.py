"""Back-propagation against `jax.grad`, PyTorch and the recursion written out for one example in NumPy."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special as sp

from gradiens.core.module import join, split
from gradiens.functions.losses import categorical_cross_entropy, squared
from gradiens.nn import back_propagation as bp
from gradiens.nn.dense import Dense
from gradiens.nn.mlp import MLP

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(8, 5)), RNG.integers(0, 3, 8)
SLOPE = {
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "sigmoid": lambda z: sp.expit(z) * sp.expit(-z),
    "relu": lambda z: (z > 0) * 1.0,
}
VALUE = {"tanh": np.tanh, "sigmoid": sp.expit, "relu": lambda z: np.maximum(z, 0)}


def network(activation="tanh", bias=True):
    """5-7-6-3 with biases that are not 0."""
    shapes = ((7, 5), (6, 7), (3, 6))
    rng = np.random.default_rng(3)
    layers = [
        Dense(jnp.asarray(rng.normal(size=shape)), jnp.asarray(rng.normal(size=shape[0])) if bias else None)
        for shape in shapes
    ]
    return MLP(tuple(layers), activation)


def mean_cost(theta, rest, X, Y):
    return jnp.mean(jax.vmap(categorical_cross_entropy)(jax.vmap(join(theta, rest))(X), Y))


@pytest.mark.parametrize("activation", ["tanh", "relu", "softmax"])
@pytest.mark.parametrize("bias", [True, False])
def test_a_minibatch_as_by_jax(x64, activation, bias):
    """Also with an activation of the whole vector."""
    model, x, y = network(activation, bias), jnp.asarray(X), jnp.asarray(Y)
    C, found = jax.jit(lambda m: bp.back_propagate(m, categorical_cross_entropy, x, y))(model)
    theta, rest = split(model)
    cost, expected = jax.jit(jax.value_and_grad(lambda theta: mean_cost(theta, rest, x, y)))(theta)
    assert float(C) == pytest.approx(float(cost), rel=1e-14)
    assert jax.tree.structure(found) == jax.tree.structure(expected)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-15), found, expected)


@pytest.mark.parametrize("activation", SLOPE)
def test_the_recursion_written_out(x64, activation):
    """Rumelhart, Hinton & Williams (1986), equations 4 to 7, for the squared error of one example."""
    model, x, y = network(activation), X[0], RNG.normal(size=3)
    (W1, b1), (W2, b2), (W3, b3) = ((np.asarray(l.W), np.asarray(l.b)) for l in model.layers)  # noqa: E741
    S, slope = VALUE[activation], SLOPE[activation]
    z1 = W1 @ x + b1
    z2 = W2 @ S(z1) + b2
    d3 = 2 * (W3 @ S(z2) + b3 - y)
    d2 = slope(z2) * (W3.T @ d3)
    d1 = slope(z1) * (W2.T @ d2)
    kept = bp.forward_pass(model, jnp.asarray(x))
    deltas = bp.adjoints(model, kept, jnp.asarray(d3))
    for ours, theirs in zip(deltas, (d1, d2, d3), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)
    _, found = bp.back_propagate(model, squared, jnp.asarray(x), jnp.asarray(y))
    for layer, d, a in zip(found.layers, (d1, d2, d3), (x, S(z1), S(z2)), strict=True):
        np.testing.assert_allclose(layer.W, np.outer(d, a), rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(layer.b, d, rtol=1e-12, atol=1e-14)


def test_as_in_pytorch(x64):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    model = network()
    _, found = bp.back_propagate(model, categorical_cross_entropy, jnp.asarray(X), jnp.asarray(Y))
    arrays = [torch.tensor(np.asarray(a), requires_grad=True) for layer in model.layers for a in (layer.W, layer.b)]
    a = torch.tensor(X)
    for W, b in zip(arrays[:-2:2], arrays[1:-2:2], strict=True):
        a = torch.tanh(torch.nn.functional.linear(a, W, b))
    torch.nn.functional.cross_entropy(torch.nn.functional.linear(a, *arrays[-2:]), torch.tensor(Y)).backward()
    for ours, theirs in zip(jax.tree.leaves(found), arrays, strict=True):
        np.testing.assert_allclose(ours, theirs.grad, rtol=1e-11, atol=1e-14)


def test_of_each_example(x64):
    """They are the gradients of the rows alone, sum to that of the minibatch, and have the norms that are told."""
    model, x = network(), jnp.asarray(X)
    kept = bp.forward_pass(model, x)
    delta = jax.vmap(jax.grad(categorical_cross_entropy))(kept.z[-1], jnp.asarray(Y))
    np.testing.assert_allclose(delta, sp.softmax(np.asarray(kept.z[-1]), axis=1) - np.eye(3)[Y], atol=1e-14)
    deltas = bp.adjoints(model, kept, delta)
    each, whole = bp.per_example_gradients(model, kept, deltas), bp.parameter_gradient(model, kept, deltas)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(np.sum(a, 0), b, rtol=1e-11, atol=1e-13), each, whole)
    theta, rest = split(model)
    of_row = lambda x, y: jax.grad(mean_cost)(theta, rest, x[None], y[None])  # noqa: E731
    by_jax = jax.jit(jax.vmap(of_row))(x, jnp.asarray(Y))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-14), each, by_jax)
    norms = [np.sqrt(sum(np.sum(np.asarray(leaf[i]) ** 2) for leaf in jax.tree.leaves(each))) for i in range(8)]
    np.testing.assert_allclose(bp.per_example_norms(kept, deltas), norms, rtol=1e-12)
    by_layer = [np.linalg.norm(np.append(layer.W.ravel(), layer.b)) for layer in whole.layers]
    np.testing.assert_allclose(bp.layer_norms(whole), by_layer, rtol=1e-12)


def test_norms_of_a_layer_without_bias(x64):
    """W = (w), x = (1, 1, 1), δ = (1, 0): the gradient is one row of three ones."""
    model = MLP((Dense(jnp.ones((2, 3)), None),), "relu")
    kept = jax.jit(bp.forward_pass)(model, jnp.ones((1, 3)))
    deltas = bp.adjoints(model, kept, jnp.array([[1.0, 0.0]]))
    np.testing.assert_allclose(bp.per_example_norms(kept, deltas), [np.sqrt(3)], rtol=1e-14)
