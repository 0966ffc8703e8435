"""Embedding and the network for rows of a table."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.module import count
from gradiens.nn.embedding import Embedding, default_width
from gradiens.nn.tabular import Row, Tabular


def test_look_up_is_a_product_with_the_one_hot_vector(x64):
    layer = Embedding.make(5, jax.random.key(0))
    for c in range(5):
        np.testing.assert_allclose(layer(jnp.int32(c)), layer.E.T @ jnp.eye(5)[c], rtol=1e-14)


def test_gradient_reaches_only_the_row(x64):
    layer = Embedding.make(5, jax.random.key(0), width=2)
    g = jax.grad(lambda E: jnp.sum(Embedding(E)(jnp.int32(3))))(layer.E)
    np.testing.assert_array_equal(g, np.eye(5)[3][:, None] * np.ones(2))


def test_widths():
    assert [default_width(n) for n in (1, 2, 4, 5, 100, 256, 10_000)] == [1, 2, 2, 3, 10, 16, 16]
    assert Embedding.make(7, jax.random.key(0), width=2).E.shape == (7, 2)
    with pytest.raises(Mistake, match="at least one level"):
        Embedding.make(0, jax.random.key(0))


def test_rows_have_length_about_one():
    lengths = jnp.linalg.norm(Embedding.make(2000, jax.random.key(0), 16).E, axis=1)
    assert float(jnp.mean(lengths**2)) == pytest.approx(1, rel=0.05)


def test_tabular_is_the_body_of_numbers_and_embeddings(x64):
    model, _ = Tabular.example(jax.random.key(0))
    x, (c1, c2) = jnp.asarray([0.5, -1.0, 2.0]), (3, 8)
    together = jnp.concatenate([x, model.embeddings[0].E[c1], model.embeddings[1].E[c2]])
    np.testing.assert_array_equal(model(Row(x, jnp.asarray([c1, c2], jnp.int32))), model.body(together))


def test_tabular_sizes():
    model = Tabular.make(3, (4, 100), (8, 6), 2, jax.random.key(0), "tanh")
    assert [layer.W.shape for layer in model.body.layers] == [(8, 3 + 2 + 10), (6, 8), (2, 6)]
    assert count(model) == 4 * 2 + 100 * 10 + 8 * 16 + 6 * 9 + 2 * 7
