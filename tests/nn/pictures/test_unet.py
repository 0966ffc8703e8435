"""U-Net: the parameters of its figure counted by the paper's table, and the whole network transcribed in PyTorch."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.nn.batched import on_batch
from gradiens.nn.pictures.unet import UNet

KEY = jax.random.key(0)


def test_the_published_network():
    """Figure 1: (maps in, maps out, window) of its 23 convolutions, and the sizes written at its maps."""
    down = [(1, 64), (64, 64), (64, 128), (128, 128), (128, 256), (256, 256), (256, 512), (512, 512), (512, 1024),
            (1024, 1024)]  # fmt: skip
    up = [(1024, 512), (512, 512), (512, 256), (256, 256), (256, 128), (128, 128), (128, 64), (64, 64)]
    ups = [(1024, 512), (512, 256), (256, 128), (128, 64)]
    table = [(a, b, 3) for a, b in down + up] + [(a, b, 2) for a, b in ups] + [(64, 2, 1)]
    network = eqx.filter_eval_shape(lambda key: UNet.make(1, 2, key, (572, 572), padded=False), KEY)
    leaves = jax.tree.leaves(network)
    assert len(table) == 23 == sum(leaf.ndim == 4 for leaf in leaves)
    assert sum(leaf.size for leaf in leaves) == sum(o * (i * k * k + 1) for i, o, k in table) == 31_030_658
    stages = [stage.blocks[0].size[0] for stage in (*network.down, *network.joined)]
    assert stages == [572, 284, 140, 68, 32, 56, 104, 200, 392]
    assert eqx.filter_eval_shape(network, jax.ShapeDtypeStruct((1, 572, 572), jnp.float32)).shape == (2, 388, 388)


def test_a_padded_one_keeps_the_size():
    network = eqx.filter_eval_shape(lambda key: UNet.make(1, 1, key, (48, 48), (8, 16), 1), KEY)
    assert eqx.filter_eval_shape(network, jax.ShapeDtypeStruct((1, 48, 48), jnp.float32)).shape == (1, 48, 48)
    rows = ((1, 8, 3), (8, 16, 3), (16, 8, 2), (16, 8, 3), (8, 1, 1))
    assert sum(leaf.size for leaf in jax.tree.leaves(network)) == sum(o * (i * k * k + 1) for i, o, k in rows) == 2937


@pytest.mark.parametrize("padded", [True, False])
def test_it_is_the_network_in_pytorch(x64, padded):
    torch = pytest.importorskip("torch", reason="PyTorch is the peer")
    f = torch.nn.functional
    size = 8 if padded else 18
    shape = eqx.filter_eval_shape(lambda key: UNet.make(1, 2, key, (size, size), (2, 3), 2, padded), KEY)
    rng = np.random.default_rng(0)
    network = jax.tree.map(lambda leaf: jnp.asarray(rng.normal(size=leaf.shape)), shape)
    t = lambda leaf: torch.tensor(np.asarray(leaf))  # noqa: E731

    def stage(blocks, h):
        for conv in blocks[::2]:
            h = f.relu(f.conv2d(h, t(conv.W), t(conv.b), padding=1 if padded else 0))
        return h

    x = rng.normal(size=(3, 1, size, size))
    top = stage(network.down[0].blocks, t(x))
    low = stage(network.down[1].blocks, f.max_pool2d(top, 2))
    up = f.conv_transpose2d(low, t(network.up[0].W), t(network.up[0].b), stride=2)
    cut = (top.shape[-1] - up.shape[-1]) // 2
    beside = top[:, :, cut : cut + up.shape[-1], cut : cut + up.shape[-1]]
    h = stage(network.joined[0].blocks, torch.cat([beside, up], 1))
    expected = f.conv2d(h, t(network.last.W), t(network.last.b)).numpy()
    found, one = jax.jit(lambda network, x: (on_batch(network, x)[0], network(x[0])))(network, jnp.asarray(x))
    assert expected.shape[-1] == (8 if padded else 2)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(one, expected[0], rtol=1e-10, atol=1e-12)


def test_sizes_that_do_not_fit_are_told():
    with pytest.raises(Mistake, match="even size"):
        UNet.make(1, 1, KEY, (50, 50), (2, 2, 2))
    network = eqx.filter_eval_shape(lambda key: UNet.make(1, 1, key, (8, 8), (2, 3), 1), KEY)
    with pytest.raises(Mistake, match="even size"):
        eqx.filter_eval_shape(network, jax.ShapeDtypeStruct((1, 8, 7), jnp.float32))
    with pytest.raises(Mistake, match="large enough"):
        UNet.make(1, 1, KEY, (8, 8), (2, 3), 2, padded=False)
    with pytest.raises(Mistake, match="two levels"):
        UNet.make(1, 1, KEY, (8, 8), (2,))
