"""The feature pyramid in PyTorch, and what its way down is for."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.nn.batched import infer
from gradiens.nn.pictures.feature_pyramid import FeaturePyramid

KEY = jax.random.key(0)


def drawn(shape, maps, width=4, outputs=3):
    """A pyramid with all numbers drawn anew, biases too."""
    like = eqx.filter_eval_shape(lambda key: FeaturePyramid.make(outputs, key, shape, maps, width), KEY)
    rng = np.random.default_rng(0)
    return jax.tree.map(lambda leaf: jnp.asarray(rng.normal(size=leaf.shape)), like)


def test_it_is_the_network_in_pytorch(x64):
    torch = pytest.importorskip("torch", reason="PyTorch is the peer")
    f = torch.nn.functional
    network = drawn((2, 8, 16), (2, 3, 5))
    t = lambda leaf: torch.tensor(np.asarray(leaf))  # noqa: E731
    X = np.random.default_rng(1).normal(size=(2, 2, 8, 16))
    h, maps = t(X), []
    for conv in network.convs:
        h = f.max_pool2d(f.relu(f.conv2d(h, t(conv.W), t(conv.b), padding=1)), 2)
        maps.append(h)
    c1, c2, c3 = (f.conv2d(c, t(a.W), t(a.b)) for c, a in zip(maps, network.across, strict=True))
    twice = lambda m: f.interpolate(m, scale_factor=2, mode="nearest")  # noqa: E731
    m2 = twice(c3) + c2
    merged = twice(m2) + c1, m2, c3
    p = [f.conv2d(m, t(s.W), t(s.b), padding=1) for m, s in zip(merged, network.smooth, strict=True)]
    v = [f.conv2d(level, t(network.head.W), t(network.head.b)).flatten(2).transpose(1, 2) for level in p]
    expected = torch.cat(v, dim=1).numpy()
    assert expected.shape == (2, 4 * 8 + 2 * 4 + 1 * 2, 3)
    one = jax.jit(lambda network, x: network(x))(network, X[0])
    np.testing.assert_allclose(one, expected[0], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(jax.jit(infer)(network, X), expected, rtol=1e-10, atol=1e-12)


def test_what_goes_down_is_what_the_fine_level_gains(x64):
    """Where the coarse levels give nothing, a cell of the finest level depends on the 8 × 8 pixels of its windows (3 cells of 2
    pixels, and a pixel around them); else on more."""
    network = drawn((1, 32, 32), (2, 2, 2))
    alone = eqx.tree_at(
        lambda n: [a.W for a in n.across[1:]], network, [jnp.zeros_like(a.W) for a in network.across[1:]]
    )
    x = jnp.asarray(np.random.default_rng(2).normal(size=(1, 32, 32)))
    cell = 8 * 16 + 8  # of the 16 × 16 of the finest level
    seen = jax.jit(lambda n: jnp.any(jax.jacrev(lambda x: n(x)[cell])(x) != 0, axis=(0, 1)))
    rows, columns = np.nonzero(np.asarray(seen(alone)))
    assert min(rows.min(), columns.min()) >= 13 and max(rows.max(), columns.max()) <= 20
    assert np.asarray(seen(network)).sum() > 2 * len(rows)


def test_sizes_that_do_not_fit_are_told():
    for shape, maps, width in (((1, 8, 6), (2, 2), 4), ((1, 8, 8), (), 4), ((1, 8, 8), (2,), 0)):
        with pytest.raises(Mistake, match="sides"):
            FeaturePyramid.make(2, KEY, shape, maps, width)
