"""Blocks of landmark networks against PyTorch's functions, fed the same weights, in double precision; pooling that goes up."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.module import named_leaves, parts
from gradiens.functions.pooling import max_pool
from gradiens.nn.batched import on_batch
from gradiens.nn.draft import Draft
from gradiens.nn.landmarks.convnext import ConvNeXtBlock
from gradiens.nn.landmarks.deep_resnet import Bottleneck
from gradiens.nn.landmarks.efficientnet import MBConv
from gradiens.nn.landmarks.inception import Inception
from gradiens.nn.landmarks.mobilenet_v2 import InvertedResidual
from gradiens.nn.landmarks.squeeze_excitation import SqueezeExcitation
from gradiens.nn.names import torch_names
from gradiens.nn.pictures.resnet import ResidualBlock
from gradiens.nn.residual import Residual

SIZE = (8, 6, 5)  # maps that go in
NO_TORCH = "PyTorch is a peer that is not installed everywhere"


def drawn(block, seed=1):
    """Every array drawn anew, the variances positive."""
    rng = np.random.default_rng(seed)
    leaves, form = jax.tree_util.tree_flatten_with_path(block)
    draw = lambda at, leaf: rng.uniform(0.5, 2, leaf.shape) if ".var" in at else 0.5 * rng.normal(size=leaf.shape)  # noqa: E731
    made = [jnp.asarray(draw(str(at), leaf)) if hasattr(leaf, "shape") else leaf for at, leaf in leaves]
    return form.unflatten(made)


class Layout:
    """The arrays of a block by PyTorch's names, and PyTorch's functions on them."""

    def __init__(self, torch, block):
        self.F, own = torch.nn.functional, named_leaves(block)
        self.w = {there: torch.tensor(np.asarray(own[here])) for here, there in torch_names(block).items()}

    def conv(self, x, name, **told):
        return self.F.conv2d(x, self.w[f"{name}.weight"], self.w.get(f"{name}.bias"), **told)

    def norm(self, x, name, eps=1e-5):
        given = (self.w[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias"))
        return self.F.batch_norm(x, *given, eps=eps)


def bottleneck(t, x):
    F = t.F
    h = F.relu(t.norm(t.conv(x, "conv1"), "bn1"))
    h = F.relu(t.norm(t.conv(h, "conv2", stride=2, padding=1), "bn2"))
    short = t.norm(t.conv(x, "downsample.0", stride=2), "downsample.1")
    return F.relu(t.norm(t.conv(h, "conv3"), "bn3") + short)


def residual(t, x):
    F = t.F
    h = F.relu(t.norm(t.conv(x, "conv1", stride=2, padding=1), "bn1"))
    short = t.norm(t.conv(x, "downsample.0", stride=2), "downsample.1")
    return F.relu(t.norm(t.conv(h, "conv2", padding=1), "bn2") + short)


def inception(t, x):
    F, cat = t.F, __import__("torch").cat
    unit = lambda x, at, **told: F.relu(t.norm(t.conv(x, f"{at}.conv", **told), f"{at}.bn", 1e-3))  # noqa: E731
    three = unit(unit(x, "branch2.0"), "branch2.1", padding=1)
    five = unit(unit(x, "branch3.0"), "branch3.1", padding=2)
    pooled = unit(F.max_pool2d(x, 3, 1, 1), "branch4.1")
    return cat([unit(x, "branch1"), three, five, pooled], 1)


def inverted(t, x):
    F = t.F
    h = F.relu6(t.norm(t.conv(x, "conv.0.0"), "conv.0.1"))
    h = F.relu6(t.norm(t.conv(h, "conv.1.0", padding=1, groups=16), "conv.1.1"))
    return x + t.norm(t.conv(h, "conv.2"), "conv.3")


def excited(t, x, at="", activation="relu"):
    s = getattr(t.F, activation)(t.conv(x.mean((2, 3), keepdim=True), f"{at}fc1"))
    return t.conv(s, f"{at}fc2").sigmoid() * x


def mbconv(t, x):
    F = t.F
    h = F.silu(t.norm(t.conv(x, "block.0.0"), "block.0.1"))
    h = F.silu(t.norm(t.conv(h, "block.1.0", padding=2, groups=16), "block.1.1"))
    return x + t.norm(t.conv(excited(t, h, "block.2.", "silu"), "block.3.0"), "block.3.1")


def convnext(t, x):
    F = t.F
    h = t.conv(x, "block.0", padding=1, groups=8).permute(0, 2, 3, 1)
    h = F.layer_norm(h, (8,), t.w["block.2.weight"], t.w["block.2.bias"], 1e-6)
    dense = lambda h, at: F.linear(h, t.w[f"{at}.weight"].flatten(1), t.w[f"{at}.bias"])  # noqa: E731
    h = dense(F.gelu(dense(h, "block.3")), "block.5").permute(0, 3, 1, 2)
    return x + t.w["layer_scale"][:, None, None] * h


BLOCKS = {
    "bottleneck": (lambda draft: Bottleneck.make(draft, 3, 2), bottleneck),
    "residual": (lambda draft: ResidualBlock.make(draft, 10, 2, projected=True), residual),
    "inception": (lambda draft: Inception.make(draft, 2, (3, 4), (2, 3), 2, normalised=True), inception),
    "inverted": (lambda draft: InvertedResidual.make(draft, 8, 2), inverted),
    "excited": (lambda draft: SqueezeExcitation.make(draft, 3), excited),
    "mbconv": (lambda draft: MBConv.make(draft, 8, 2, 5), mbconv),
    "convnext": (lambda draft: ConvNeXtBlock.make(draft, window=3), convnext),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_is_pytorchs(x64, name):
    torch = pytest.importorskip("torch", reason=NO_TORCH)
    make, theirs = BLOCKS[name]
    block = drawn(eqx.filter_eval_shape(lambda: make(Draft(jax.random.key(0), SIZE))))
    x = np.random.default_rng(2).normal(size=SIZE)
    wanted = theirs(Layout(torch, block), torch.tensor(x)[None])[0].numpy()
    np.testing.assert_allclose(jax.jit(lambda x: block(x))(jnp.asarray(x)), wanted, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("n", "k", "s", "p"),
    [(6, 3, 2, 0), (7, 3, 2, 0), (6, 2, 2, 0), (7, 2, 2, 0), (2, 3, 2, 0), (8, 3, 2, 1), (5, 4, 3, 2)],
)
def test_pooling_that_counts_windows_that_are_not_full(n, k, s, p):
    torch = pytest.importorskip("torch", reason=NO_TORCH)
    x = np.random.default_rng(0).normal(size=(2, n, n + 3)).astype(np.float32)
    wanted = torch.nn.functional.max_pool2d(torch.tensor(x), k, s, p, ceil_mode=True).numpy()
    np.testing.assert_array_equal(max_pool(jnp.asarray(x), k, s, p, ceil=True), wanted)


def test_a_residual_block_of_nothing_is_the_identity_and_trains_like_its_branch(x64):
    block = drawn(eqx.filter_eval_shape(lambda: Residual(Draft(jax.random.key(0), (2, 4, 4)).conv_norm(2, 3))))
    X = jnp.asarray(np.random.default_rng(0).normal(size=(3, 2, 4, 4)))
    both = eqx.filter_jit(lambda block, X: (on_batch(block, X), on_batch(block.branch, X)))
    (Y, after), (F, moved) = both(block, X)
    np.testing.assert_allclose(Y, X + F, rtol=1e-12)
    means = parts(after.branch)[1].blocks[1].mean, parts(moved)[1].blocks[1].mean, block.branch.blocks[1].mean
    np.testing.assert_array_equal(means[0], means[1])
    assert not np.allclose(means[0], means[2])
    nothing = eqx.tree_at(lambda block: block.branch.blocks[1].gamma, block, jnp.zeros(2))
    nothing = eqx.tree_at(lambda block: block.branch.blocks[1].beta, nothing, jnp.zeros(2))
    np.testing.assert_array_equal(both(nothing, X)[0][0], X)


def test_a_shortcut_without_parameters_takes_no_fewer_maps():
    with pytest.raises(Mistake, match="at least 4 maps"):
        ResidualBlock.make(Draft(jax.random.key(0), (4, 6, 6)), 2, 2)


@pytest.mark.parametrize("shape", [(3, 32), (0, 4, 4), (1, 2, 3, 4)])
def test_a_draft_begins_with_maps(shape):
    with pytest.raises(Mistake, match="channels, height, width"):
        Draft(jax.random.key(0), shape)


def test_a_draft_draws_each_layer_by_itself(x64):
    draft = Draft(jax.random.key(0), (2, 4, 4))
    one, two = draft.conv(2, 3), draft.conv(2, 3)
    other = draft.branch().conv(2, 3)
    assert not np.allclose(one.W, two.W) and not np.allclose(other.W, two.W) and not np.allclose(other.W, one.W)
    assert draft.shape == (2, 4, 4) and draft.pool(3, 2, 1).stride == 2 and draft.shape == (2, 2, 2)
