"""What every layer and every model of the catalogue must do: it is a function of one example, in the dtype it was made in."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.catalogue import members
from gradiens.core.module import count, join, named_leaves, split
from gradiens.nn.summary import layer_table

KINDS = {name: entry.what for kind in ("layer", "model") for name, entry in members(kind).items()}
each = pytest.mark.parametrize("name", KINDS)


def make(name, seed=0):
    return KINDS[name].example(jax.random.key(seed))


def inputs(name, n=2):
    """Several inputs, with a leading axis."""
    rows = [make(name, seed)[1] for seed in range(n)]
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *rows)


def dtypes(name):
    """Of the arrays of the model and of its output, by tracing: nothing is computed."""
    traced = eqx.filter_eval_shape(lambda: (lambda model, x: (model, model(x)))(*make(name)))
    return {leaf.dtype for leaf in jax.tree.leaves(traced) if hasattr(leaf, "dtype")}


@each
def test_default_dtype(name):
    assert dtypes(name) == {jnp.dtype(jnp.float32)}


@each
def test_double_precision(x64, name):
    assert dtypes(name) == {jnp.dtype(jnp.float64)}


@each
def test_compiled_and_mapped_equal_eager(x64, name):
    model, X = make(name)[0], inputs(name)
    eager = jnp.stack([model(jax.tree.map(lambda leaf, i=i: leaf[i], X)) for i in range(2)])
    np.testing.assert_allclose(jax.jit(lambda m, x: jax.vmap(m)(x))(model, X), eager, rtol=1e-12, atol=1e-14)


@each
def test_a_key_changes_no_shape(name):
    shapes = lambda model, x: (model(x, key=jax.random.key(1)), model(x))  # noqa: E731
    noisy, quiet = eqx.filter_eval_shape(lambda: shapes(*make(name)))
    assert noisy.shape == quiet.shape


def size_of(leaf):
    """Kernels of maps get noise whose sums keep their size: else a deep network's outputs are in the thousands."""
    return np.sqrt(leaf[0].size) if leaf.ndim == 4 else 1.0


@each
def test_gradient_is_the_finite_difference(x64, name):
    """In a random direction of all parameters, away from zero weights."""
    model, x = make(name)
    theta, rest = split(model)
    leaves, shape = jax.tree.flatten(theta)
    rng = np.random.default_rng(5)
    theta = shape.unflatten([leaf + rng.normal(size=leaf.shape) / size_of(leaf) for leaf in leaves])
    v = shape.unflatten([rng.normal(size=leaf.shape) for leaf in leaves])

    @jax.jit
    def cost(theta):
        return jnp.sum(jnp.sin(join(theta, rest)(x)))

    move = lambda h: jax.tree.map(lambda a, b: a + h * b, theta, v)  # noqa: E731
    slope = sum(jnp.sum(g * b) for g, b in zip(jax.tree.leaves(jax.grad(cost)(theta)), jax.tree.leaves(v)))
    assert float(slope) == pytest.approx(float((cost(move(1e-6)) - cost(move(-1e-6))) / 2e-6), rel=1e-6, abs=1e-8)


@each
def test_the_same_key_makes_the_same_model(name):
    one, other = make(name)[0], make(name)[0]
    jax.tree.map(np.testing.assert_array_equal, named_leaves(one), named_leaves(other))


@each
def test_the_layer_table_counts_everything(name):
    model, _ = make(name)
    table = layer_table(model)
    assert sum(row["trainable"] for row in table) == count(model)
    assert sum(row["parameters"] for row in table) == sum(leaf.size for leaf in named_leaves(model).values())
    assert all(row["flops"] is not None for row in table)
