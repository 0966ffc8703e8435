"""Convolutional layers: against PyTorch's with the same weights, on an example and on a batch; sizes and counts."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.module import count
from gradiens.functions.convolving.loop import convolve_by_loop
from gradiens.nn.batched import on_batch
from gradiens.nn.convolutions.conv1d import Conv1d
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.convolutions.conv3d import Conv3d
from gradiens.nn.convolutions.conv_transpose2d import ConvTranspose2d
from gradiens.nn.convolutions.separable_conv2d import SeparableConv2d
from gradiens.nn.work import work

RNG = np.random.default_rng(0)
KEY = jax.random.key(0)
near = {"rtol": 1e-10, "atol": 1e-12}


def torch_twin(layer, kind, n_in, n_out, **settings):
    """PyTorch's layer with the weights of ours."""
    torch = pytest.importorskip("torch", reason="PyTorch, a peer of the tests, is not installed: make peers")
    twin = getattr(torch.nn, kind)(n_in, n_out, 3, bias=layer.b is not None, dtype=torch.float64, **settings)
    state = {"weight": layer.W} | ({} if layer.b is None else {"bias": layer.b})
    twin.load_state_dict({name: torch.tensor(np.array(array)) for name, array in state.items()})
    return lambda X: twin(torch.tensor(np.array(X))).detach().numpy()


def loud(layer):
    """The layer with biases that show."""
    b = layer.b
    return layer if b is None else jax.tree.map(lambda leaf: jnp.arange(1.0, b.size + 1) if leaf is b else leaf, layer)


@pytest.mark.parametrize("kind", [Conv1d, Conv2d, Conv3d])
def test_torch_agrees(x64, kind):
    settings = {"stride": 2, "padding": 1, "dilation": 2, "groups": 2}
    size = (9, 8, 7)[: kind.AXES]
    layer = loud(kind.make(4, 6, 3, KEY, size=size, **settings))
    X = jnp.asarray(RNG.normal(size=(2, 4, *size)))
    expected = torch_twin(layer, kind.__name__, 4, 6, **settings)(X)
    Y, after = on_batch(layer, X)
    np.testing.assert_allclose(Y, expected, **near)
    np.testing.assert_allclose(layer(X[1]), expected[1], **near)
    assert after is layer and layer.places(size) == expected.shape[2:]
    assert count(layer) == 6 * (4 // 2 * 3**kind.AXES + 1)
    places = int(np.prod(expected.shape[2:]))
    assert layer.flops == 6 * places * 2 * (4 // 2) * 3**kind.AXES  # a product and a sum each; the bias is the last sum


@pytest.mark.parametrize("bias", [True, False])
def test_torch_agrees_on_the_transposed_layer(x64, bias):
    settings = {"stride": 3, "padding": 1, "dilation": 2, "groups": 2}
    layer = loud(ConvTranspose2d.make(4, 6, 3, KEY, bias=bias, size=(4, 5), remainder=2, **settings))
    X = jnp.asarray(RNG.normal(size=(2, 4, 4, 5)))
    expected = torch_twin(layer, "ConvTranspose2d", 4, 6, output_padding=2, **settings)(X)
    np.testing.assert_allclose(on_batch(layer, X)[0], expected, **near)
    np.testing.assert_allclose(layer(X[1]), expected[1], **near)
    assert layer.places((4, 5)) == expected.shape[2:]
    assert layer.flops == 2 * 20 * 4 * 3 * 9 + bias * 6 * expected[0, 0].size


def shape(make, *size):
    """The layer and the shape of its output, with nothing computed."""
    layer = eqx.filter_eval_shape(make)
    return layer, eqx.filter_eval_shape(lambda layer, x: layer(x), layer, jnp.zeros(size)).shape


def test_names_of_paddings():
    conv1d = lambda **settings: lambda: Conv1d.make(2, 3, 4, KEY, **settings)  # noqa: E731
    same, causal = (shape(conv1d(padding=name, dilation=2), 2, 10) for name in ("same", "causal"))
    assert same[0].padding == 3
    assert causal[0].padding == ((6, 0),)
    assert same[1] == causal[1] == (3, 10)
    assert shape(conv1d(padding="valid"), 2, 10)[1] == (3, 7)
    assert shape(lambda: Conv2d.make(2, 3, (4, 2), KEY, padding="same"), 2, 5, 6)[1] == (3, 5, 6)
    assert shape(lambda: Conv2d.make(2, 3, 5, KEY), 2, 5, 6)[0].padding == 2  # the default


def test_causal_outputs_depend_on_the_past_alone(x64):
    layer = Conv1d.make(2, 3, 3, KEY, padding="causal", dilation=2)
    J = jax.jacobian(layer)(jnp.asarray(RNG.normal(size=(2, 8))))  # out, t, in, s
    reached = np.any(np.asarray(J) != 0, axis=(0, 2))
    t, s = np.indices((8, 8))
    np.testing.assert_array_equal(reached, (s <= t) & (s >= t - 4) & ((t - s) % 2 == 0))


def test_separable_is_each_map_alone_then_a_mix(x64):
    layer = SeparableConv2d.make(4, 6, 3, KEY, stride=2, padding=1, size=(7, 6))
    x = RNG.normal(size=(4, 7, 6))
    D, P = layer.depthwise.W, np.asarray(layer.pointwise.W)[:, :, 0, 0]
    apart = np.stack([convolve_by_loop(D[c : c + 1], x[c : c + 1], 2, 1)[0] for c in range(4)])
    np.testing.assert_allclose(layer(jnp.asarray(x)), np.einsum("oc,chw->ohw", P, apart), **near)
    assert count(layer) == 4 * 9 + 4 * 6 + 6
    assert layer.pointwise.size == (4, 3)


def test_a_transposed_layer_doubles_and_signals_keep_their_size():
    layer = ConvTranspose2d.make(32, 32, 4, KEY, 2, 1, bias=False)
    x = jnp.asarray(np.maximum(RNG.normal(size=(32, 12, 12)), 0), jnp.float32)
    z = np.asarray(layer(x))
    assert z.shape == (32, 24, 24)
    assert np.mean(z[:, 2:-2, 2:-2] ** 2) == pytest.approx(2 * float(np.mean(np.asarray(x) ** 2)), rel=0.15)


def test_told_operations_are_the_compilers():
    layer = Conv2d.make(3, 4, 3, KEY, padding=0, size=(8, 8))
    found = work(layer, jnp.ones((3, 8, 8)))
    assert found.flops == pytest.approx(found.compiled_flops, rel=0.02)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: Conv2d.make(3, 4, 3, KEY, groups=2), "2 groups that divide the maps, got 3 → 4"),
        (lambda: Conv2d.make(0, 4, 3, KEY), "at least one map in and out"),
        (lambda: Conv2d.make(3, 4, 0, KEY), "a number of at least 1"),
        (lambda: Conv1d.make(3, 4, 3, KEY, padding="casual"), "did you mean 'causal'"),
        (lambda: ConvTranspose2d.make(3, 4, 3, KEY, stride=2, remainder=2), "less than the stride 2, got 2"),
        (lambda: ConvTranspose2d.make(3, 4, 3, KEY, groups=2), "groups that divide the maps"),
        (lambda: Conv2d.make(3, 4, 3, KEY)(jnp.ones((2, 5, 5))), "3 × 1 channels for the kernel"),
    ],
)
def test_bad_input(call, says):
    with pytest.raises(Mistake, match=says):
        call()
