"""Convolution and pooling: against SciPy and JAX, as they are printed, and in both directions of a gradient."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.signal

from gradiens.equations import of
from gradiens.equations.boxes.unicode import unicode
from gradiens.equations.check import sample
from gradiens.equations.tree.convolution import conv, pool
from gradiens.equations.tree.expression import symbol
from gradiens.equations.tree.operations import apply, evaluate
from gradiens.equations.tree.settings import settings_box
from gradiens.functions.convolution import convolve

W, x = jnp.ones((3, 2, 3, 3)), jnp.ones((2, 7, 6))
RNG = np.random.default_rng(0)


def value(expr, *pairs):
    return evaluate([expr], dict(pairs))[0]


def printed(f, *args):
    equations = of(f, *args, output="y")
    assert equations.unprinted == ()
    assert equations.check().ok, f"{equations.check()}\n{equations}"
    return equations.unicode(where=False).removeprefix("y = ")


def test_a_kernel_on_an_image_is_that_of_scipy():
    k, image = symbol("k", (3, 2)), symbol("x", (7, 6))
    a, b = RNG.normal(size=(3, 2)), RNG.normal(size=(7, 6))
    found = value(conv(k, image), (k, a), (image, b))
    np.testing.assert_allclose(found, scipy.signal.correlate2d(b, a, "valid"), rtol=1e-12)


def test_channels_are_summed():
    kernel, image = symbol("W", (3, 2, 3, 3)), symbol("x", (2, 7, 6))
    a, b = RNG.normal(size=(3, 2, 3, 3)), RNG.normal(size=(2, 7, 6))
    found = value(conv(kernel, image), (kernel, a), (image, b))
    wanted = [sum(scipy.signal.correlate2d(b[c], a[o, c], "valid") for c in range(2)) for o in range(3)]
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


@pytest.mark.parametrize(
    "settings",
    [
        {"stride": 2}, {"pad": 1}, {"pad": (2, 0)}, {"pad": ((0, 1), (2, -1))}, {"dilation": 2}, {"upsample": (2, 3)},
        {"groups": 2}, {"stride": (1, 3), "pad": 2, "dilation": (2, 1), "upsample": 2},
    ],
)  # fmt: skip
@pytest.mark.parametrize("examples", [(), (4,)])
def test_settings_mean_what_they_mean_in_jax(settings, examples, x64):
    groups = settings.get("groups", 1)
    kernel, image = symbol("W", (4, 2 // groups, 3, 2)), symbol("x", (*examples, 2, 7, 6))
    a, b = RNG.normal(size=kernel.shape), RNG.normal(size=image.shape)
    made = conv(kernel, image, **settings)
    host = value(made, (kernel, a), (image, b))
    device = evaluate([made], {kernel: jnp.asarray(a), image: jnp.asarray(b)}, jnp, jnp.float64)[0]
    each = {key: np.broadcast_to(settings.get(key, 1), 2).tolist() for key in ("stride", "dilation", "upsample")}
    pad = [p if isinstance(p, tuple) else (p, p) for p in np.broadcast_to(0, 2).tolist()]
    if "pad" in settings:
        given = settings["pad"] if isinstance(settings["pad"], tuple) else (settings["pad"],) * 2
        pad = [p if isinstance(p, tuple) else (p, p) for p in given]
    wanted = jax.lax.conv_general_dilated(
        jnp.asarray(b if examples else b[None]), jnp.asarray(a), each["stride"], pad, each["upsample"], each["dilation"],
        feature_group_count=groups,
    )  # fmt: skip
    assert host.shape == made.shape
    np.testing.assert_allclose(host, wanted if examples else wanted[0], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(device, host, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("op", ["maxpool", "minpool", "sumpool", "avgpool"])
@pytest.mark.parametrize(
    "settings", [{"size": 2}, {"size": 3, "stride": 1}, {"size": (2, 3), "stride": (1, 2), "pad": 1}]
)
def test_pools_reduce_windows(op, settings):
    image = symbol("x", (2, 7, 6))
    b = RNG.normal(size=image.shape)
    made = pool(op, image, **settings)
    found = value(made, (image, b))
    size, stride = (np.broadcast_to(settings.get(key, settings["size"]), 2) for key in ("size", "stride"))
    pad = settings.get("pad", 0)
    fill = {"maxpool": -np.inf, "minpool": np.inf}.get(op, 0.0)
    wide = np.pad(b, ((0, 0), (pad, pad), (pad, pad)), constant_values=fill)
    reduce = {"maxpool": np.max, "minpool": np.min, "sumpool": np.sum, "avgpool": np.mean}[op]
    for i in range(made.shape[1]):
        for j in range(made.shape[2]):
            top, left = i * stride[0], j * stride[1]
            window = wide[:, top : top + size[0], left : left + size[1]]
            np.testing.assert_allclose(found[:, i, j], reduce(window, axis=(1, 2)), rtol=1e-12)


def test_a_window_larger_than_the_image_has_no_place():
    assert pool("maxpool", symbol("x", (1, 2, 2)), size=3).shape == (1, 0, 0)
    assert conv(symbol("k", (5,)), symbol("x", (3,))).shape == (0,)


@pytest.mark.parametrize(
    ("a", "b"), [((3, 2, 3, 3), (4, 7, 6)), ((3,), (4, 4)), ((3, 2, 3), (7,)), ((2, 2), (3, 3, 3))]
)
def test_shapes_that_do_not_fit_are_refused(a, b):
    with pytest.raises(ValueError, match="a convolution of shapes"):
        conv(symbol("W", a), symbol("x", b))


def layer(W, x, stride=1, pad="VALID"):
    return jax.lax.conv_general_dilated(x[None], W, (stride, stride), pad)[0]


def test_prints():
    assert printed(layer, W, x) == "W ⋆ x"
    assert printed(lambda W, x: layer(W, x, 2, ((1, 1), (1, 1))), W, x) == "W ⋆_{stride=2, pad=1} x"
    assert printed(lambda W, x: jax.nn.relu(layer(W, x)), W, x) == "relu(W ⋆ x)"
    assert printed(lambda k, x: jnp.correlate(x, k), jnp.ones(3), jnp.ones(5)) == "k ⋆ x"
    assert printed(lambda k, x: jnp.convolve(x, k), jnp.ones(3), jnp.ones(5)) == "reverse(k) ⋆_{pad=2} x"
    assert printed(lambda x: jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2), (1, 2, 2), "VALID"), x) == (
        "maxpool_{size=2, stride=2}(x)"
    )
    assert printed(lambda x: jax.lax.reduce_window(x, 0.0, jax.lax.add, (1, 2, 2), (1, 1, 1), "VALID") / 4, x) == (
        "avgpool_{size=2, stride=1}(x)"
    )


def test_layouts_are_brought_to_channels_first():
    last = lambda W, x: jax.lax.conv_general_dilated(  # noqa: E731
        x[None], W, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )
    equations = of(last, jnp.ones((3, 3, 2, 4)), jnp.ones((7, 6, 2)), output="y")
    assert "⋆" in equations.unicode()
    assert equations.check().ok


def test_a_batch_of_images():
    assert printed(jax.vmap(layer, (None, 0)), W, jnp.ones((5, 2, 7, 6))) == "W ⋆ x"


def test_gradients():
    loss = lambda W, x: jnp.sum(layer(W, x) ** 2) / 2  # noqa: E731
    assert printed(jax.grad(loss), W, x) == "conv_pairs(W ⋆ x, x)"
    assert printed(jax.grad(loss, 1), W, x) == "turned(W) ⋆_{pad=2} (W ⋆ x)"
    batch = lambda W, x: jnp.sum(jax.vmap(layer, (None, 0))(W, x) ** 2) / 2  # noqa: E731
    assert printed(jax.grad(batch), W, jnp.ones((5, 2, 7, 6))) == "conv_pairs_{batched=yes}(W ⋆ x, x)"
    peaks = lambda x: jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2), (1, 2, 2), "VALID")  # noqa: E731
    assert printed(jax.grad(lambda x: jnp.sum(peaks(x) ** 2) / 2), x) == (
        "unpool_{size=2, stride=2}(x, maxpool_{size=2, stride=2}(x))"
    )


def test_the_gradient_of_the_filter_is_one_by_definition():
    """conv_pairs(δ, x)_oc = δ_o ⋆ x_c."""
    d, image = symbol("δ", (3, 2, 2)), symbol("x", (2, 4, 5))
    a, b = RNG.normal(size=d.shape), RNG.normal(size=image.shape)
    found = value(apply("conv_pairs", d, image), (d, a), (image, b))
    for o in range(3):
        for c in range(2):
            np.testing.assert_allclose(found[o, c], scipy.signal.correlate2d(b[c], a[o], "valid"), rtol=1e-12)


def test_settings_are_printed_in_short():
    assert unicode(settings_box({"size": 2, "pad": (1, 2), "reverse": True, "way": "up", "one": (3,)})) == (
        "size=2, pad=(1, 2), reverse=yes, way=up, one=3"
    )


def test_a_margin_of_one_axis_stands_alone():
    causal = lambda W, x: jax.lax.conv_general_dilated(x[None], W, (1,), ((4, 0),), rhs_dilation=(2,))[0]  # noqa: E731
    assert printed(causal, jnp.ones((3, 2, 3)), jnp.ones((2, 6))) == "W ⋆_{pad=(4, 0), dilation=2} x"


@pytest.mark.parametrize("examples", [1, 5])
def test_the_gradient_of_a_filter_in_groups_stays_in_its_group(x64, examples):
    grouped = lambda W, x: jax.lax.conv_general_dilated(x, W, (2, 2), "SAME", feature_group_count=2)  # noqa: E731
    loss = lambda W, x: jnp.sum(grouped(W, x) ** 2) / 2  # noqa: E731
    batch = jnp.ones((examples, 4, 5, 4))
    assert "groups=2}" in printed(jax.grad(loss), jnp.ones((6, 2, 3, 3)), batch)
    assert "groups=2}" in printed(jax.grad(loss, 1), jnp.ones((6, 2, 3, 3)), batch)
    d, image = symbol("δ", (6, 2, 2)), symbol("x", (4, 4, 5))
    a, b = RNG.normal(size=d.shape), RNG.normal(size=image.shape)
    found = value(apply("conv_pairs", d, image, groups=2), (d, a), (image, b))
    for o, c in np.ndindex(6, 2):
        of_group = b[2 * (o // 3) + c]
        np.testing.assert_allclose(found[o, c], scipy.signal.correlate2d(of_group, a[o], "valid"), rtol=1e-12)


def test_the_random_kernels_of_a_check_keep_the_scale_of_their_maps():
    """A unit sums C · k · l products: its variance is that of one of its inputs, so a deep network's softmax stays finite."""
    W, x = jnp.ones((40, 30, 3, 3)), jnp.ones((30, 3, 3))
    read = of(lambda W, x: convolve(W, x), W, x)
    kernel, _ = sample(read, np.random.default_rng(0), "float64", narrow=False)
    assert abs(np.std(kernel) * np.sqrt(30 * 9) - 1) < 0.05
