"""Gradient centralisation against Yong et al.'s formula and Optax; what it conserves."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from gradiens.core.check import Mistake
from gradiens.optim.adam import Adam
from gradiens.optim.centralisation import centralise, centralised
from gradiens.optim.momentum import Momentum
from gradiens.optim.optax_bridge import from_optax


@pytest.fixture
def tree(x64):
    rng = np.random.default_rng(1)
    return {"W": jnp.asarray(rng.normal(size=(3, 5))), "b": jnp.asarray(rng.normal(size=3)), "none": None,
            "K": jnp.asarray(rng.normal(size=(4, 3, 2, 2)))}  # fmt: skip


def test_oracle(tree):
    """Φ(g_i) = g_i - mean(g_i), g_i the gradient of the weights of unit i."""
    found = centralise(tree)
    for name in ("W", "K"):
        for unit, before in zip(found[name], np.asarray(tree[name]), strict=True):
            np.testing.assert_allclose(unit, before - before.mean(), rtol=1e-12)
    np.testing.assert_array_equal(found["b"], tree["b"])
    assert found["none"] is None


def test_optax(tree):
    peer, _ = optax.centralize().update(tree, optax.EmptyState())
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-12), centralise(tree), peer)


def test_a_method_with_it_in_front(tree):
    ours, theirs = (
        centralised(Adam(0.2, eps=0.1)),
        from_optax(optax.chain(optax.centralize(), optax.adam(0.2, eps=0.1))),
    )
    states = [method.init_tree(tree) for method in (ours, theirs)]
    for factor in (1.0, -2.0, 3.0):
        g = jax.tree.map(lambda a, c=factor: c * a, tree)
        (states[0], a), (states[1], b) = (m.step_tree(s, g, tree) for m, s in zip((ours, theirs), states, strict=True))
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-10), a, b)


def test_the_sum_of_a_units_weights_stays(tree):
    method = centralised(Momentum(0.3))
    _, update = method.step_tree(method.init_tree(tree), tree, tree)
    np.testing.assert_allclose(jnp.sum(update["W"], axis=1), 0, atol=1e-15)
    assert np.abs(jnp.sum(update["W"], axis=0)).max() > 0.01


def test_bad_method():
    with pytest.raises(Mistake, match="an optimizer or an Optax transformation"):
        centralised(3)
