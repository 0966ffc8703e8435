"""The folded tent map: 2ᵏ linear pieces from 2k units."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.nn.constructive.linear_pieces import linear_pieces
from gradiens.nn.constructive.tent_map import tent_map


def tent(x):
    return 1 - np.abs(2 * x - 1)


@pytest.mark.parametrize("k", [1, 2, 7])
def test_tent_maps(x64, k):
    """On [0, 1] the k-fold composition of T(x) = 1 - |2x - 1|; 2ᵏ pieces, bends at the multiples of 2⁻ᵏ, slopes ±2ᵏ."""
    network, x = tent_map(k), np.linspace(0, 1, 333)
    expected = x
    for _ in range(k):
        expected = tent(expected)
    np.testing.assert_allclose(jax.vmap(network)(jnp.asarray(x)[:, None])[:, 0], expected, atol=1e-12)
    pieces = linear_pieces(network, 0.0, 1.0)
    np.testing.assert_array_equal(pieces.t, np.arange(2**k + 1) / 2**k)
    np.testing.assert_array_equal(pieces.slope[:, 0], 2.0**k * (-1.0) ** np.arange(2**k))
    assert sum(len(layer.W) for layer in network.layers[:-1]) == 2 * k


def test_no_fold():
    with pytest.raises(Mistake, match="at least one fold"):
        tent_map(0)
