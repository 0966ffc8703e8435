"""MLP: the recursion of the book's section 5.1, counts, and the shallow cases."""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.module import count
from gradiens.functions import activations
from gradiens.nn.dense import Dense
from gradiens.nn.mlp import MLP
from gradiens.nn.regression import linear_regression, logistic_regression, softmax_regression


def loud(sizes, activation):
    """A network with biases that are not zero."""
    rng = np.random.default_rng(1)
    draw = lambda *shape: jnp.asarray(rng.normal(size=shape), jax.dtypes.canonicalize_dtype(float))  # noqa: E731
    return MLP(tuple(Dense(draw(m, n), draw(m)) for n, m in itertools.pairwise(sizes)), activation)


def test_oracle(x64):
    model, x = loud((4, 5, 3, 2), "tanh"), np.random.default_rng(0).normal(size=4)
    (W1, b1), (W2, b2), (W3, b3) = [(np.asarray(l.W), np.asarray(l.b)) for l in model.layers]  # noqa: E741
    expected = W3 @ np.tanh(W2 @ np.tanh(W1 @ x + b1) + b2) + b3
    np.testing.assert_allclose(model(jnp.asarray(x)), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("sizes", "parameters"),
    [((784, 400, 200, 100, 50, 10), 419_860), ((784, 128, 64, 10), 109_386), ((784, 16, 10), 12_730)],
)
def test_parameter_counts_of_the_book(sizes, parameters):
    model = MLP.make(sizes, jax.random.key(0), init="zeros")
    assert count(model) == parameters == sum(n * (m + 1) for m, n in itertools.pairwise(sizes))


def test_identity_activations_make_one_affine_map(x64):
    model, X = loud((4, 5, 3, 2), "identity"), jnp.asarray(np.random.default_rng(3).normal(size=(6, 4)))
    at_zero = model(jnp.zeros(4))
    W = jax.vmap(model)(jnp.eye(4)) - at_zero[None]
    np.testing.assert_allclose(jax.vmap(model)(X), X @ W + at_zero[None], rtol=1e-12, atol=1e-13)


def test_permuting_hidden_units_changes_nothing(x64):
    model, x = loud((4, 5, 2), "relu"), jnp.asarray([1.0, -2.0, 0.5, 3.0])
    first, last = model.layers
    π = jnp.asarray([3, 1, 4, 0, 2])
    other = MLP((Dense(first.W[π], first.b[π]), Dense(last.W[:, π], last.b)), "relu")
    np.testing.assert_allclose(other(x), model(x), rtol=1e-13)


def test_activation_by_name_or_function():
    assert MLP.make((2, 2, 1), jax.random.key(0), activations.gelu).activation is activations.gelu
    assert MLP.make((2, 2, 1), jax.random.key(0), "gelu").activation is activations.gelu
    with pytest.raises(Mistake, match="did you mean 'relu'"):
        MLP.make((2, 2, 1), jax.random.key(0), "rellu")
    with pytest.raises(Mistake, match="at least two sizes"):
        MLP.make((2,), jax.random.key(0))


def test_start_follows_the_activation():
    """Glorot's uniform numbers are bounded by √(6/(n_in + n_out)), He's normal ones are not."""
    widest = {
        S: float(jnp.max(jnp.abs(MLP.make((500, 500, 1), jax.random.key(0), S).layers[0].W))) for S in ("tanh", "relu")
    }
    assert widest["tanh"] <= np.sqrt(6 / 1000) < widest["relu"]


def test_hidden_layers_are_named_for_the_printer():
    program = str(jax.make_jaxpr(loud((4, 5, 3, 2), "relu"))(jnp.zeros(4)))
    assert "name=a[1]" in program
    assert "name=a[2]" in program
    assert "name=a[3]" not in program


def test_shallow_cases():
    key, x = jax.random.key(0), jnp.ones(3)
    for model, outputs in (
        (linear_regression(3, key), 1),
        (logistic_regression(3, key), 1),
        (softmax_regression(3, 4, key), 4),
    ):
        assert model(x).shape == (outputs,)
        assert jnp.all(model(x) == 0)
        assert count(model) == 4 * outputs


@pytest.mark.parametrize(
    ("activation", "init"),
    [("tanh", "glorot"), ("sigmoid", "glorot"), ("selu", "lecun"), ("relu", "he"), ("gelu", "he")],
)
def test_the_start_that_the_activation_wants(activation, init):
    one, other = (MLP.make((3, 2), jax.random.key(0), activation, chosen) for chosen in ("", init))
    np.testing.assert_array_equal(one.layers[0].W, other.layers[0].W)


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "identity", "selu", "relu"])
def test_the_start_is_the_same_by_name_and_by_function(name):
    one, other = (MLP.make((3, 4, 2), jax.random.key(0), a) for a in (name, getattr(activations, name)))
    jax.tree.map(np.testing.assert_array_equal, one, other)


@pytest.mark.parametrize("keep", [1.5, 0.0, -0.1, float("nan")])
def test_a_share_kept_that_is_none_is_refused(keep):
    with pytest.raises(Mistake, match="above 0 and at most 1"):
        MLP.make((3, 3, 1), jax.random.key(0), keep=keep)
