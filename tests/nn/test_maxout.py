"""Maxout: the largest of its pieces; relu and |·| are such units; convex, with at most k pieces."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.module import count
from gradiens.nn.dense import Dense
from gradiens.nn.maxout import Maxout

RNG = np.random.default_rng(0)


def test_the_largest_of_the_affine_maps(x64):
    W, b, X = RNG.normal(size=(3, 2, 4)), RNG.normal(size=(3, 2)), RNG.normal(size=(6, 4))
    layer = Maxout(tuple(Dense(jnp.asarray(w), jnp.asarray(c)) for w, c in zip(W, b, strict=True)))
    expected = [[max(W[k, i] @ x + b[k, i] for k in range(3)) for i in range(2)] for x in X]
    np.testing.assert_allclose(jax.vmap(layer)(jnp.asarray(X)), expected, rtol=1e-12)
    np.testing.assert_allclose(layer.on_batch(jnp.asarray(X))[0], expected, rtol=1e-12)


def test_relu_and_absolute_value(x64):
    """max(z, 0) and max(z, -z)."""
    z = jnp.asarray([[-2.0], [0.5]])
    line, zero, mirror = (Dense(jnp.asarray([[w]]), jnp.zeros(1)) for w in (1.0, 0.0, -1.0))
    np.testing.assert_array_equal(jax.vmap(Maxout((line, zero)))(z), [[0.0], [0.5]])
    np.testing.assert_array_equal(jax.vmap(Maxout((line, mirror)))(z), [[2.0], [0.5]])


def test_convex_with_at_most_k_pieces(x64):
    t = np.linspace(-10, 10, 4001)
    y = np.asarray(jax.vmap(Maxout.make(1, 5, jax.random.key(0), pieces=4))(jnp.asarray(t)[:, None]))
    bends = np.diff(y, 2, axis=0)
    assert np.all(bends > -1e-12)
    for unit in bends.T:  # a bend between two grid points shows in one or two second differences
        at = np.flatnonzero(unit > 1e-9)
        assert np.sum(np.diff(at, prepend=-9) > 1) <= 3


def test_parameters():
    assert count(Maxout.make(3, 2, jax.random.key(0), pieces=5)) == 5 * 2 * 4
    with pytest.raises(Mistake, match="at least one piece"):
        Maxout.make(3, 2, jax.random.key(0), pieces=0)
