"""Optax both ways. That whole trajectories agree is tested with each optimizer."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from gradiens.core.check import Mistake
from gradiens.optim.adamw import AdamW
from gradiens.optim.optax_bridge import as_optimizer, from_optax, to_optax


def test_ours_in_a_chain_of_optax(problem, same):
    """The decay agrees only if the parameters get through the chain."""
    chain = optax.chain(optax.scale(2.0), to_optax(AdamW(0.2, 0.5, 0.7, 0.1, 0.4)), optax.scale(0.5))
    peer = optax.chain(optax.scale(2.0), optax.adamw(0.2, b1=0.5, b2=0.7, eps=0.1, weight_decay=0.4), optax.scale(0.5))
    same(problem.ours(from_optax(chain)), problem.ours(from_optax(peer)), 1e-10)


def test_there_and_back(problem, same):
    ours = AdamW(0.2, 0.5, 0.7, 0.1, 0.4)
    same(problem.ours(from_optax(to_optax(ours))), problem.ours(ours), 0)


def test_update_needs_the_parameters():
    method = to_optax(AdamW())
    with pytest.raises(Mistake, match="the parameters"):
        method.update(jnp.ones(3), method.init(jnp.ones(3)))


def test_as_optimizer():
    ours = AdamW()
    assert as_optimizer(ours) is ours
    theirs = as_optimizer(optax.sgd(0.5))
    theta = {"a": jnp.ones(3), "none": None}
    _, update = theirs.step_tree(theirs.init_tree(theta), jax.tree.map(lambda a: 2 * a, theta), theta)
    np.testing.assert_array_equal(update["a"], -np.ones(3))
    with pytest.raises(Mistake, match="an optimizer or an Optax transformation, got str"):
        as_optimizer("adam")
