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
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv1d import Conv1d
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.convolutions.conv_transpose2d import ConvTranspose2d
from gradiens.nn.convolutions.pool import AveragePool, Flatten, MaxPool
from gradiens.nn.convolutions.receptive_field import gradient_support, receptive_field
from gradiens.nn.convolutions.separable_conv2d import SeparableConv2d
from gradiens.nn.dense import Dense
from gradiens.nn.mlp import MLP
from gradiens.nn.normalisation.batch_norm import BatchNorm
from gradiens.nn.shapes import shape_table

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
