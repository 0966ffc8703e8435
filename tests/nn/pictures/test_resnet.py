"""The residual network: the paper's counts, and the same logits as the same network written in PyTorch."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.module import key_path
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.pictures.resnet import ResNet
from gradiens.nn.weights import with_weights


def shapes(depth):
    return eqx.filter_eval_shape(ResNet.make, depth, 10, jax.random.key(0))


def arrays_of(model):
    """Path and size of every array, or shape in the place of one."""
    found = jax.tree_util.tree_flatten_with_path(model)[0]
    return {key_path(at): leaf.size for at, leaf in found if hasattr(leaf, "shape")}


def weights(model):
    return sum(size for path, size in arrays_of(model).items() if not path.endswith((".mean", ".var")))


@pytest.mark.parametrize(("depth", "millions"), [(20, 0.27), (32, 0.46), (44, 0.66), (56, 0.85), (110, 1.7)])
def test_counts_of_the_paper(depth, millions):
    """He et al. (2016), table 6."""
    assert round(weights(shapes(depth)) / 1e6, 2 if depth < 100 else 1) == millions


def test_the_published_weights_have_a_place():
    """ResNet-20 has 97 arrays, 269,722 weights and biases among them."""
    model = shapes(20)
    assert weights(model) == 269_722 and len(arrays_of(model)) == 97
    assert sorted(model.names()) == sorted(arrays_of(model))


def test_operations_of_resnet_20():
    """40.6 million multiplications for a picture of 32 × 32, two operations each: 16²·9·32² + … by hand."""
    stages = [16 * 16 * 9 * 32**2 * 6, (16 * 32 + 5 * 32 * 32) * 9 * 16**2, (32 * 64 + 5 * 64 * 64) * 9 * 8**2]
    by_hand = 3 * 16 * 9 * 32**2 + sum(stages)
    model = shapes(20)
    convolutions = [
        model.conv,
        *(conv for stage in model.stages for block in stage for conv in (block.conv1, block.conv2)),
    ]
    outputs = 16 * 32**2 * 7 + 32 * 16**2 * 6 + 64 * 8**2 * 6
    assert sum(conv.flops for conv in convolutions) == 2 * by_hand - outputs


def torch_twin(torch, arrays, n):
    """The forward pass of the published code, from its names of weights alone."""
    from torch.nn import functional as F

    w = {name: torch.tensor(np.asarray(array)) for name, array in arrays.items()}

    def normed(x, name):
        return F.batch_norm(x, *(w[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")))

    def forward(x):
        h = F.relu(normed(F.conv2d(x, w["conv1.weight"], padding=1), "bn1"))
        for stage in (1, 2, 3):
            for i in range(n):
                at, stride = f"layer{stage}.{i}", 2 if stage > 1 and i == 0 else 1
                r = F.relu(normed(F.conv2d(h, w[f"{at}.conv1.weight"], stride=stride, padding=1), f"{at}.bn1"))
                r = normed(F.conv2d(r, w[f"{at}.conv2.weight"], padding=1), f"{at}.bn2")
                if stride == 2:
                    more = r.shape[1] - h.shape[1]
                    h = F.pad(h[:, :, ::2, ::2], (0, 0, 0, 0, more // 2, more // 2))
                h = F.relu(r + h)
        return F.linear(h.mean((2, 3)), w["linear.weight"], w["linear.bias"])

    return forward


def test_logits_are_those_of_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch is a peer that is not installed everywhere")
    rng = np.random.default_rng(3)
    empty = eqx.filter_eval_shape(ResNet.make, 8, 5, jax.random.key(1), (3, 12, 12), 4)
    own = {key_path(at): leaf for at, leaf in jax.tree_util.tree_flatten_with_path(empty)[0] if hasattr(leaf, "shape")}
    draw = {True: lambda shape: rng.uniform(0.5, 1.5, shape), False: lambda shape: 0.3 * rng.normal(size=shape)}
    arrays = {there: draw["var" in there](own[here].shape).astype("f4") for here, there in empty.names().items()}
    model = with_weights(empty, arrays, empty.names())
    x = rng.normal(size=(3, 3, 12, 12)).astype("f4")
    ours = jax.jit(jax.vmap(model))(x)
    theirs = torch_twin(torch, arrays, 1)(torch.tensor(x)).numpy()
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4 * np.abs(theirs).max())


def test_a_convolution_is_pytorchs(x64):
    torch = pytest.importorskip("torch", reason="PyTorch is a peer that is not installed everywhere")
    x = jax.random.normal(jax.random.key(0), (2, 9, 7))
    for stride, padding in ((1, 0), (1, None), (2, 1), (3, 2)):
        layer = Conv2d.make(2, 4, 3, jax.random.key(1), stride, padding)
        layer = Conv2d(layer.W, jnp.arange(4.0), layer.stride, layer.padding)
        W, b, one = (torch.tensor(np.asarray(a)) for a in (layer.W, layer.b, x))
        theirs = torch.nn.functional.conv2d(one[None], W, b, stride, layer.padding)[0]
        np.testing.assert_allclose(layer(x), theirs.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("depth", [2, 7, 18, -4])
def test_a_depth_that_is_none(depth):
    with pytest.raises(Mistake, match="6n"):
        ResNet.make(depth, 10, jax.random.key(0))
