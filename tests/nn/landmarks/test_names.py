"""Landmark networks: the counts of the papers and of torchvision's documentation, and one place for each of torchvision's arrays.

The names and shapes are written here by the rules of the original layouts, not read from the networks.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import pytest

from gradiens.core.check import Mistake
from gradiens.core.module import key_path
from gradiens.nn.pictures.picture_networks import NETWORKS, picture_network

SMALL = {"small_cnn": ((1, 28, 28), 10), "lenet5": ((1, 32, 32), 10)} | dict.fromkeys(
    ("resnet20", "resnet56"), ((3, 32, 32), 10)
)
COUNTS = {
    "lenet5": 61_706,  # 156 + 2,416 + 48,120 + 10,164 + 850
    "resnet20": 269_722,
    "resnet56": 853_018,
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "resnet101": 44_549_160,
    "vgg11": 132_863_336,
    "vgg16": 138_357_544,
    "vgg19": 143_667_240,
    "alexnet": 61_100_840,
    "googlenet": 6_624_904,
    "densenet121": 7_978_856,
    "mobilenet_v2": 3_504_872,
    "efficientnet_b0": 5_288_548,
    "convnext_t": 28_589_128,
}
TRAINED = ("weight", "bias", "layer_scale")


def network(name):
    shape, classes = SMALL.get(name, ((3, 224, 224), 1000))
    return eqx.filter_eval_shape(picture_network, name, shape, classes, jax.random.key(0))


def arrays(name):
    """Name in PyTorch's layout → shape, axes of one at the end left out."""
    model = network(name)
    leaves = jax.tree_util.tree_flatten_with_path(model)[0]
    own = {key_path(at): leaf.shape for at, leaf in leaves if hasattr(leaf, "shape")}
    names = model.names()
    assert set(names) == set(own), "a name for every array, and for nothing else"
    assert len(set(names.values())) == len(names), "no name twice"
    return {there: plain(own[here]) for here, there in names.items()}


def plain(shape):
    while shape and shape[-1] == 1:
        shape = shape[:-1]
    return tuple(shape)


@pytest.mark.parametrize("name", COUNTS)
def test_the_count_is_the_published_one(name):
    leaves = jax.tree_util.tree_flatten_with_path(network(name))[0]
    sizes = [leaf.size for at, leaf in leaves if hasattr(leaf, "size") and not key_path(at).endswith((".mean", ".var"))]
    assert sum(sizes) == COUNTS[name]


def conv(name, n_out, n_in, k, bias=False):
    return {f"{name}.weight": plain((n_out, n_in, k, k))} | ({f"{name}.bias": (n_out,)} if bias else {})


def norm(name, n):
    return {f"{name}.{part}": (n,) for part in ("weight", "bias", "running_mean", "running_var")}


def dense(name, n_out, n_in):
    return {f"{name}.weight": (n_out, n_in), f"{name}.bias": (n_out,)}


def resnet_layout(blocks, bottleneck):
    found, channels = conv("conv1", 64, 3, 7) | norm("bn1", 64), 64
    for layer, many in enumerate(blocks, start=1):
        width = 32 * 2**layer
        out = 4 * width if bottleneck else width
        for i in range(many):
            at = f"layer{layer}.{i}"
            shapes = [(width, channels, 1), (width, width, 3), (out, width, 1)]
            shapes = shapes if bottleneck else [(width, channels, 3), (width, width, 3)]
            for k, shape in enumerate(shapes, start=1):
                found |= conv(f"{at}.conv{k}", *shape) | norm(f"{at}.bn{k}", shape[0])
            if i == 0 and (channels != out or layer > 1):
                found |= conv(f"{at}.downsample.0", out, channels, 1) | norm(f"{at}.downsample.1", out)
            channels = out
    return found | dense("fc", 1000, channels)


def vgg_layout(plan):
    found, at, channels = {}, 0, 3
    for stage in plan:
        for n in stage:
            found |= conv(f"features.{at}", n, channels, 3, bias=True)
            at, channels = at + 2, n
        at += 1
    return (
        found
        | dense("classifier.0", 4096, 25088)
        | dense("classifier.3", 4096, 4096)
        | dense("classifier.6", 1000, 4096)
    )


def alexnet_layout():
    convs = ((0, 64, 3, 11), (3, 192, 64, 5), (6, 384, 192, 3), (8, 256, 384, 3), (10, 256, 256, 3))
    found = {}
    for at, *shape in convs:
        found |= conv(f"features.{at}", *shape, bias=True)
    return (
        found
        | dense("classifier.1", 4096, 9216)
        | dense("classifier.4", 4096, 4096)
        | dense("classifier.6", 1000, 4096)
    )


def googlenet_layout():
    unit = lambda at, n_out, n_in, k: conv(f"{at}.conv", n_out, n_in, k) | norm(f"{at}.bn", n_out)  # noqa: E731
    found = unit("conv1", 64, 3, 7) | unit("conv2", 64, 64, 1) | unit("conv3", 192, 64, 3)
    table = """3a 192 64 96 128 16 32 32;3b 256 128 128 192 32 96 64;4a 480 192 96 208 16 48 64;4b 512 160 112 224 24 64 64
        4c 512 128 128 256 24 64 64;4d 512 112 144 288 32 64 64;4e 528 256 160 320 32 128 128
        5a 832 256 160 320 32 128 128;5b 832 384 192 384 48 128 128"""
    for row in table.replace("\n", ";").split(";"):
        name, n, one, r3, three, r5, five, pool = [part if part[-1] in "abcde" else int(part) for part in row.split()]
        at = f"inception{name}"
        found |= (
            unit(f"{at}.branch1", one, n, 1) | unit(f"{at}.branch2.0", r3, n, 1) | unit(f"{at}.branch2.1", three, r3, 3)
        )
        found |= unit(f"{at}.branch3.0", r5, n, 1) | unit(f"{at}.branch3.1", five, r5, 3)
        found |= unit(f"{at}.branch4.1", pool, n, 1)
    return found | dense("fc", 1000, 1024)


def densenet_layout():
    found, channels = conv("features.conv0", 64, 3, 7) | norm("features.norm0", 64), 64
    for block, many in enumerate((6, 12, 24, 16), start=1):
        for layer in range(1, many + 1):
            at = f"features.denseblock{block}.denselayer{layer}"
            found |= norm(f"{at}.norm1", channels) | conv(f"{at}.conv1", 128, channels, 1)
            found |= norm(f"{at}.norm2", 128) | conv(f"{at}.conv2", 32, 128, 3)
            channels += 32
        if block < 4:
            at = f"features.transition{block}"
            found |= norm(f"{at}.norm", channels) | conv(f"{at}.conv", channels // 2, channels, 1)
            channels //= 2
    return found | norm("features.norm5", channels) | dense("classifier", 1000, channels)


def mobilenet_layout():
    found, n, at = conv("features.0.0", 32, 3, 3) | norm("features.0.1", 32), 32, 1
    for t, c, many in ((1, 16, 1), (6, 24, 2), (6, 32, 3), (6, 64, 4), (6, 96, 3), (6, 160, 3), (6, 320, 1)):
        for _ in range(many):
            here, k, wide = f"features.{at}.conv", 0, t * n
            if t > 1:
                found |= conv(f"{here}.0.0", wide, n, 1) | norm(f"{here}.0.1", wide)
                k = 1
            found |= conv(f"{here}.{k}.0", wide, 1, 3) | norm(f"{here}.{k}.1", wide)
            found |= conv(f"{here}.{k + 1}", c, wide, 1) | norm(f"{here}.{k + 2}", c)
            n, at = c, at + 1
    return found | conv("features.18.0", 1280, 320, 1) | norm("features.18.1", 1280) | dense("classifier.1", 1000, 1280)


def efficientnet_layout():
    found, n = conv("features.0.0", 32, 3, 3) | norm("features.0.1", 32), 32
    table = ((1, 3, 16, 1), (6, 3, 24, 2), (6, 5, 40, 2), (6, 3, 80, 3), (6, 5, 112, 3), (6, 5, 192, 4), (6, 3, 320, 1))
    for stage, (t, window, c, many) in enumerate(table, start=1):
        for i in range(many):
            here, k, wide, few = f"features.{stage}.{i}.block", 0, t * n, n // 4
            if t > 1:
                found |= conv(f"{here}.0.0", wide, n, 1) | norm(f"{here}.0.1", wide)
                k = 1
            found |= conv(f"{here}.{k}.0", wide, 1, window) | norm(f"{here}.{k}.1", wide)
            found |= conv(f"{here}.{k + 1}.fc1", few, wide, 1, True) | conv(f"{here}.{k + 1}.fc2", wide, few, 1, True)
            found |= conv(f"{here}.{k + 2}.0", c, wide, 1) | norm(f"{here}.{k + 2}.1", c)
            n = c
    return found | conv("features.8.0", 1280, 320, 1) | norm("features.8.1", 1280) | dense("classifier.1", 1000, 1280)


def convnext_layout():
    layer = lambda at, n: {f"{at}.weight": (n,), f"{at}.bias": (n,)}  # noqa: E731
    found, n = conv("features.0.0", 96, 3, 4, True) | layer("features.0.1", 96), 96
    for stage, many in enumerate((3, 3, 9, 3)):
        if stage:
            found |= layer(f"features.{2 * stage}.0", n) | conv(f"features.{2 * stage}.1", 2 * n, n, 2, True)
            n *= 2
        for i in range(many):
            here = f"features.{2 * stage + 1}.{i}"
            found |= (
                {f"{here}.layer_scale": (n,)} | conv(f"{here}.block.0", n, 1, 7, True) | layer(f"{here}.block.2", n)
            )
            found |= dense(f"{here}.block.3", 4 * n, n) | dense(f"{here}.block.5", n, 4 * n)
    return found | layer("classifier.0", n) | dense("classifier.2", 1000, n)


VGG_PLANS = {
    "vgg11": ([64], [128], [256] * 2, [512] * 2, [512] * 2),
    "vgg16": ([64] * 2, [128] * 2, [256] * 3, [512] * 3, [512] * 3),
    "vgg19": ([64] * 2, [128] * 2, [256] * 4, [512] * 4, [512] * 4),
}
LAYOUTS = {
    "resnet18": lambda: resnet_layout((2, 2, 2, 2), False),
    "resnet34": lambda: resnet_layout((3, 4, 6, 3), False),
    "resnet50": lambda: resnet_layout((3, 4, 6, 3), True),
    "resnet101": lambda: resnet_layout((3, 4, 23, 3), True),
    **{name: lambda plan=plan: vgg_layout(plan) for name, plan in VGG_PLANS.items()},
    "alexnet": alexnet_layout,
    "googlenet": googlenet_layout,
    "densenet121": densenet_layout,
    "mobilenet_v2": mobilenet_layout,
    "efficientnet_b0": efficientnet_layout,
    "convnext_t": convnext_layout,
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_array_of_torchvision_has_its_place(name):
    assert arrays(name) == LAYOUTS[name]()


# The least sides of torchvision's documentation, and of LeNet-5: ((16 - 4)/2 - 4)/2 = 1.
LEAST = {"alexnet": 63, "vgg16": 32, "googlenet": 15, "densenet121": 29, "resnet50": 1, "mobilenet_v2": 1, "lenet5": 16,
         "convnext_t": 32, "efficientnet_b0": 1, "resnet20": 1, "small_cnn": 1}  # fmt: skip


@pytest.mark.parametrize("name", LEAST)
def test_pictures_that_are_too_small_are_told(name):
    side = LEAST[name]
    make = lambda side: eqx.filter_eval_shape(NETWORKS[name], 3, jax.random.key(0), (3, side, side))  # noqa: E731
    assert make(side) is not None
    for small in {side - 1, side // 2} - {side}:
        with pytest.raises(Mistake, match="pictures large enough" if small else "shape of maps"):
            make(small)


@pytest.mark.parametrize("name", ["small_cnn", "lenet5", "resnet18", "googlenet", "convnext_t"])
def test_a_logit_for_each_class_alone_and_in_a_batch(name):
    model = eqx.filter_eval_shape(NETWORKS[name], 7, jax.random.key(0), (2, 33, 47))
    shape = lambda *sides: jax.ShapeDtypeStruct((*sides, 2, 33, 47), jnp.float32)  # noqa: E731
    assert eqx.filter_eval_shape(model, shape()).shape == (7,)
    Y, after = eqx.filter_eval_shape(lambda model, X, key: model.on_batch(X, key), model, shape(5), jax.random.key(1))
    assert Y.shape == (5, 7)
    assert jax.tree.structure(after) == jax.tree.structure(model)


@pytest.mark.parametrize(("name", "nearest"), [("resnet-18", "resnet18"), ("vgg17", "vgg1"), ("lenet", "lenet5")])
def test_an_unknown_name_is_told_the_nearest(name, nearest):
    with pytest.raises(Mistake, match=nearest):
        picture_network(name, (3, 32, 32), 10, jax.random.key(0))
