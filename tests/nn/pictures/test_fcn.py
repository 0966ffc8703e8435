"""The fully convolutional network in PyTorch, and its bilinear start."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.nn.pictures.fcn import FCN, bilinear

KEY = jax.random.key(0)


def test_it_is_the_network_in_pytorch(x64):
    torch = pytest.importorskip("torch", reason="PyTorch is the peer")
    f = torch.nn.functional
    shape = eqx.filter_eval_shape(lambda key: FCN.make(3, key, (1, 8, 8), (2, 3, 4), 1), KEY)
    rng = np.random.default_rng(0)
    network = jax.tree.map(lambda leaf: jnp.asarray(rng.normal(size=leaf.shape)), shape)
    t = lambda leaf: torch.tensor(np.asarray(leaf))  # noqa: E731
    h = t(rng.normal(size=(1, 1, 8, 8)))
    x, maps = np.asarray(h[0]), []
    for conv in network.convs:
        h = f.max_pool2d(f.relu(f.conv2d(h, t(conv.W), t(conv.b), padding=1)), 2)
        maps.append(h)
    deep, shallow = (f.conv2d(m, t(s.W), t(s.b)) for m, s in zip(maps[:0:-1], network.scores, strict=True))
    s = f.conv_transpose2d(deep, t(network.ups[0].W), stride=2, padding=1) + shallow
    expected = f.conv_transpose2d(s, t(network.ups[1].W), stride=4, padding=2)[0].numpy()
    np.testing.assert_allclose(jax.jit(lambda m, x: m(x))(network, jnp.asarray(x)), expected, rtol=1e-10, atol=1e-12)
    assert expected.shape == (3, 8, 8)


def test_the_start_is_bilinear_interpolation(x64):
    """Away from the border a plane stays a plane."""
    i, j = np.mgrid[:6, :6].astype(float)
    made = np.asarray(bilinear(2, 4, (6, 6))(jnp.asarray(np.stack([i + 10 * j, 0 * i + 1]))))
    at = (np.arange(24) + 0.5) / 4 - 0.5
    inner = slice(2, -2)
    np.testing.assert_allclose(
        made[0, inner, inner], (at[:, None] + 10 * at[None])[inner, inner], rtol=1e-12, atol=1e-12
    )
    np.testing.assert_allclose(made[1, inner, inner], 1, rtol=1e-12)


@pytest.mark.parametrize(("skips", "side"), [(0, 9), (1, 10), (1, 6)])
def test_pictures_that_do_not_fit_are_told(skips, side):
    network = FCN.make(2, jax.random.key(0), (1, 8, 8), (2, 3), skips)
    assert jax.eval_shape(network, jnp.ones((1, 12, 4))).shape == (2, 12, 4)
    with pytest.raises(Mistake, match="sides 4 divides"):
        jax.eval_shape(network, jnp.ones((1, side, 8)))


def test_sizes_that_do_not_fit_are_told():
    for skips, shape in ((2, (1, 8, 8)), (1, (1, 8, 6))):
        with pytest.raises(Mistake, match="fewer skips"):
            FCN.make(2, KEY, shape, (2, 2), skips)
