"""Linear pieces: of functions whose pieces are known, of random networks by a fine grid, and never more than the bound."""

from __future__ import annotations

from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.nn.constructive.linear_pieces import linear_pieces, most_pieces
from gradiens.nn.constructive.relu_interpolant import relu_interpolant
from gradiens.nn.dense import Dense
from gradiens.nn.mlp import MLP


def random_network(sizes, seed, activation="relu"):
    rng = np.random.default_rng(seed)
    layers = [
        Dense(jnp.asarray(rng.normal(size=(n, m)) / np.sqrt(m)), jnp.asarray(rng.normal(size=n)))
        for m, n in pairwise(sizes)
    ]
    return MLP(tuple(layers), activation)


def test_an_interpolant(x64):
    """Equal slopes on both sides of a knot are one piece."""
    pieces = linear_pieces(relu_interpolant([0.0, 1.0, 2.0, 4.0], [0.0, 1.0, 2.0, 8.0]), -1.0, 4.0)
    np.testing.assert_allclose(pieces.t, [0, 1 / 5, 3 / 5, 1], atol=1e-14)
    np.testing.assert_allclose(pieces.slope[:, 0], [0, 5, 15], atol=1e-13)
    np.testing.assert_allclose(pieces.intercept[:, 0], [0, -1, -7], atol=1e-13)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
def test_a_random_network_along_a_line(x64, activation):
    """Between its cuts the network is the stated line, and a grid of 20,001 points sees as many bends."""
    network = random_network((3, 6, 5, 2), 1, activation)
    a, b = np.array([-3.0, 2.0, 1.0]), np.array([4.0, -1.0, 0.5])
    pieces = linear_pieces(network, a, b)
    t = np.linspace(0, 1, 20001)
    y = np.asarray(jax.jit(jax.vmap(network))(jnp.asarray(a + t[:, None] * (b - a))))
    of = np.clip(np.searchsorted(pieces.t, t) - 1, 0, len(pieces) - 1)
    np.testing.assert_allclose(y, pieces.slope[of] * t[:, None] + pieces.intercept[of], atol=1e-12)
    bends = np.flatnonzero(np.abs(np.diff(y, 2, axis=0)).max(1) > 1e-10)
    assert np.sum(np.diff(bends, prepend=-9) > 1) == len(pieces) - 1 > 3


@pytest.mark.parametrize("sizes", [(1, 8, 1), (1, 4, 4, 1), (1, 3, 3, 3, 2)])
def test_never_more_than_the_bound(x64, sizes):
    found = [len(linear_pieces(random_network(sizes, seed), -30.0, 30.0)) for seed in range(20)]
    assert max(found) <= most_pieces(sizes)
    if len(sizes) == 3:  # and one layer reaches it: every unit bends somewhere, on a line that is long enough
        assert len(linear_pieces(random_network(sizes, 0), -1e6, 1e6)) == most_pieces(sizes) == 9


def test_without_a_bend(x64):
    assert len(linear_pieces(random_network((1, 5, 5, 1), 0, "identity"), -1.0, 1.0)) == 1
    assert len(linear_pieces(random_network((1, 1), 0), -1.0, 1.0)) == 1


def test_mistakes():
    network = random_network((1, 3, 1), 0)
    with pytest.raises(Mistake, match="relu, leaky_relu or identity units, got tanh"):
        linear_pieces(random_network((1, 3, 1), 0, "tanh"), 0.0, 1.0)
    with pytest.raises(Mistake, match="two points of 1 numbers"):
        linear_pieces(network, [0.0, 1.0], [1.0, 1.0])
    with pytest.raises(Mistake, match="of one input"):
        most_pieces((2, 3, 1))
