"""Composition: by hand, by the whole gradient, and in any grouping. Normalisation against PyTorch."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.module import count, join, split
from gradiens.nn.chain import Activate, Chain
from gradiens.nn.dense import Dense
from gradiens.nn.normalisation.normalise import Normalise

KEY = jax.random.key(0)


def blocks():
    one, two = jax.random.split(KEY)
    return Dense.make(3, 4, one), Activate("tanh"), Normalise(), Dense.make(4, 2, two)


def test_a_chain_applies_its_blocks_in_order(x64):
    f, S, n, g = blocks()
    x = np.array([0.3, -1.0, 2.0])
    h = np.tanh(np.asarray(f.W) @ x + np.asarray(f.b))
    h = (h - h.mean()) / np.sqrt(h.var() + 1e-5)
    expected = np.asarray(g.W) @ h + np.asarray(g.b)
    np.testing.assert_allclose(Chain.make(f, "tanh", n, g)(jnp.asarray(x)), expected, rtol=1e-12)
    assert count(Chain.make(f, S, n, g)) == 16 + 10


def test_backward_is_the_gradient_of_the_whole(x64):
    chain, x, delta = Chain.make(*blocks()), jnp.array([0.3, -1.0, 2.0]), jnp.array([0.7, -0.2])
    theta, rest = split(chain)
    expected = jax.grad(lambda theta, x: delta @ join(theta, rest)(x), (0, 1))(theta, x)
    found = chain.backward(x, delta)
    assert jax.tree.structure(found) == jax.tree.structure(expected)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-15), found, expected)


def test_grouping_changes_nothing(x64):
    f, S, n, g = blocks()
    x = jnp.array([0.3, -1.0, 2.0])
    plain = Chain.make(f, S, n, g)(x)
    for other in (Chain.make(Chain.make(f, S), Chain.make(n, g)), Chain.make(f, Chain.make(S, Chain.make(n, g)))):
        np.testing.assert_allclose(other(x), plain, rtol=1e-14)


def test_normalise_is_pytorchs(x64):
    torch = pytest.importorskip("torch", reason="PyTorch is a peer that is not installed everywhere")
    x = np.random.default_rng(0).normal(size=7)
    expected = torch.nn.functional.layer_norm(torch.tensor(x), (7,), eps=0.1)
    np.testing.assert_allclose(Normalise(0.1)(jnp.asarray(x)), expected, rtol=1e-12)
    np.testing.assert_allclose(Normalise(0.0)(jnp.asarray(3 * x + 5)), Normalise(0.0)(jnp.asarray(x)), rtol=1e-11)


def test_bad_input():
    with pytest.raises(Mistake, match="one block or more"):
        Chain.make()
    with pytest.raises(Mistake, match="did you mean 'softplus'"):
        Chain.make("softplsu")
