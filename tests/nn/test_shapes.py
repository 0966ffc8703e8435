"""Tables of shapes: against the layers themselves, and numbers counted by hand."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.module import count
from gradiens.functions.convolution import convolve, output_size
from gradiens.nn.autoencoders.autoencoder import Autoencoder
from gradiens.nn.autoencoders.tied_autoencoder import TiedAutoencoder
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.blur_pool import BlurPool
from gradiens.nn.convolutions.conv1d import Conv1d
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.convolutions.conv_transpose2d import ConvTranspose2d
from gradiens.nn.convolutions.pool import AdaptiveAverage, AveragePool, Flatten, GlobalAverage, MaxPool
from gradiens.nn.convolutions.receptive_field import gradient_support, receptive_field
from gradiens.nn.convolutions.rotation_conv2d import RotationConv2d
from gradiens.nn.convolutions.separable_conv2d import SeparableConv2d
from gradiens.nn.dense import Dense
from gradiens.nn.dropout import Dropout
from gradiens.nn.half_precision import HalfPrecision
from gradiens.nn.landmarks.layer_scale import LayerScale
from gradiens.nn.mlp import MLP
from gradiens.nn.normalisation.batch_norm import BatchNorm
from gradiens.nn.normalisation.group_norm import GroupNorm
from gradiens.nn.normalisation.layer_norm import LayerNorm
from gradiens.nn.normalisation.rms_norm import RMSNorm
from gradiens.nn.normalisation.weight_standardisation import WeightStandardised
from gradiens.nn.prelu import PReLU
from gradiens.nn.shapes import shape_table
from gradiens.nn.stochastic_depth import StochasticDepth

KEY = jax.random.key(0)


def network():
    inner = Chain.make(Conv2d.make(3, 8, 3, KEY), BatchNorm.make(8), "relu", MaxPool(2))
    back = ConvTranspose2d.make(8, 4, 2, KEY, 2)
    return Chain.make(inner, SeparableConv2d.make(8, 8, 3, KEY), back, Flatten(), Dense.make(4 * 6 * 6, 5, KEY))


@pytest.mark.parametrize("make", [network, lambda: eqx.filter_eval_shape(network)])
def test_the_table_by_hand(make):
    rows = shape_table(make(), (3, 6, 7))
    assert [(row.layer, row.after) for row in rows] == [
        ("Conv2d", (8, 6, 7)), ("BatchNorm", (8, 6, 7)), ("MaxPool", (8, 3, 3)), ("Conv2d", (8, 3, 3)),
        ("Conv2d", (8, 3, 3)), ("ConvTranspose2d", (4, 6, 6)), ("Flatten", (144,)), ("Dense", (5,)),
    ]  # fmt: skip
    assert [row.parameters for row in rows] == [224, 16, 0, 72, 72, 132, 0, 725]
    assert [row.products for row in rows] == [216 * 42, 0, 0, 72 * 9, 64 * 9, 128 * 9, 0, 720]
    assert rows[0].before == (3, 6, 7) and rows[2].features == 72


def test_every_trained_number_is_in_the_table():
    assert sum(row.parameters for row in shape_table(network(), (3, 6, 7))) == count(network())


def test_sizes_that_do_not_fit_are_told():
    with pytest.raises(Mistake, match="maps of at least 5, the reach of the window, got 3 \\+ 0 \\+ 1"):
        output_size(3, 3, 1, (0, 1), 2)


def test_output_size_is_the_shape_of_the_convolution():
    rng = np.random.default_rng(0)
    for _ in range(100):
        k, s, p, d = (int(rng.integers(1, high)) for high in (6, 5, 4, 4))
        n = int(rng.integers(d * (k - 1) + 1, 30))
        z = jax.eval_shape(lambda W, x, s=s, p=p, d=d: convolve(W, x, s, p, d), jnp.ones((1, 1, k)), jnp.ones((1, n)))
        assert z.shape == (1, output_size(n, k, s, p, d))


def stack():
    return Chain.make(
        *(Conv2d.make(1, 2, 3, KEY), "relu", MaxPool(2)),
        *(SeparableConv2d.make(2, 2, 5, KEY, dilation=2), AveragePool(3, 2), Conv2d.make(2, 2, 3, KEY, stride=2)),
        *(Flatten(), Dense.make(2, 2, KEY)),
    )


def test_fields_by_hand():
    fields = [(field.size, field.step) for field in receptive_field(eqx.filter_eval_shape(stack))]
    assert fields == [(3, 1), (4, 2), (4 + 4 * 2 * 2, 2), (20, 2), (24, 4), (32, 8)]
    assert [(field.size, field.step) for field in receptive_field(Conv2d.make(1, 1, (5, 3), KEY), axis=1)] == [(3, 1)]


@pytest.mark.parametrize(
    ("between", "expected"),
    [
        (Dropout(0.5), (5, 1)), (StochasticDepth(0.5), (5, 1)), (PReLU.make(2), (5, 1)), (LayerNorm.make(2), (5, 1)),
        (RMSNorm.make(2), (5, 1)), (LayerScale.make(2), (5, 1)), (BlurPool(2, 2), (3 + 3 + 2 * 2, 2)),
        (BlurPool(3, 1), (3 + 4 + 2, 1)), (RotationConv2d.make(2, 1, 5, KEY), (3 + 4 + 2, 1)),
        (WeightStandardised(Conv2d.make(2, 4, 3, KEY, 2)), (3 + 2 + 2 * 2, 2)),
    ],
)  # fmt: skip
def test_fields_behind_other_layers(between, expected):
    """The field by the formula, and that of the gradient: all weights and numbers positive."""
    n = 4 if isinstance(between, RotationConv2d | WeightStandardised) else 2
    ends = Conv2d(jnp.ones((2, 1, 3, 3)), None), Conv2d(jnp.ones((1, n, 3, 3)), None)
    last = receptive_field(Chain.make(ends[0], between, ends[1]))[-1]
    assert (last.size, last.step) == expected
    if not isinstance(between, LayerNorm | RMSNorm | WeightStandardised | Dropout):
        between = jax.tree.map(jnp.ones_like, between)
        x = jax.random.uniform(KEY, (1, 20, 20))
        field = gradient_support(Chain.make(ends[0], between, ends[1]), x, (4, 4))
        rows = np.flatnonzero(field.any(axis=1))
        assert rows[-1] - rows[0] + 1 <= last.size and (isinstance(between, BlurPool) or len(rows) == last.size)


@pytest.mark.parametrize("whole", [Flatten(), GlobalAverage(), AdaptiveAverage(2), Dense.make(2, 2, KEY)])
def test_fields_end_where_everything_is_seen(whole):
    assert len(receptive_field(Chain.make(Conv2d.make(1, 2, 3, KEY), whole, Conv2d.make(2, 2, 3, KEY)))) == 1


@pytest.mark.parametrize("layer", [ConvTranspose2d.make(2, 2, 2, KEY, 2), GroupNorm.make(2, 1)])
def test_a_layer_of_unknown_window_is_told(layer):
    with pytest.raises(Mistake, match=f"windows are known, got {type(layer).__name__}"):
        receptive_field(Chain.make(Conv2d.make(1, 2, 3, KEY), layer))


@pytest.mark.parametrize(
    ("layer", "shape", "products"),
    [
        (RotationConv2d.make(1, 2, 3, KEY), (1, 6, 6), 4 * 2 * 9 * 36),
        (RotationConv2d.make(1, 2, 3, KEY, turned=True), (4, 6, 6), 4 * 2 * 4 * 9 * 36),
        (WeightStandardised(Conv2d.make(1, 2, 3, KEY)), (1, 6, 6), 2 * 9 * 36),
        (TiedAutoencoder.make(4, 2, KEY), (4,), 16),
        (Autoencoder.make((5, 3, 2, 3, 5), KEY), (5,), 15 + 6 + 6 + 15),
    ],
)
def test_products_of_other_layers_by_hand(layer, shape, products):
    (row,) = shape_table(layer, shape)
    assert row.products == products and row.parameters == count(layer)


def test_in_half_precision_the_layers_are_the_same():
    assert shape_table(HalfPrecision(network()), (3, 6, 7)) == shape_table(network(), (3, 6, 7))


def test_the_gradient_is_zero_outside_the_field():
    one = Conv1d(jnp.ones((2, 1, 3)), None, stride=2, dilation=2)
    two = Conv1d(jnp.ones((1, 2, 4)), None)
    chain = Chain.make(one, two)
    last = receptive_field(chain)[-1]
    found = np.flatnonzero(gradient_support(chain, jnp.ones((1, 20)), (2,)))
    assert (last.size, last.step) == (11, 2)
    assert found[0] == 2 * last.step and found[-1] - found[0] + 1 == last.size


def test_a_network_with_branches_has_no_one_field():
    with pytest.raises(Mistake, match="a chain of layers, got MLP"):
        receptive_field(Chain.make(MLP.make((3, 2), KEY)))
