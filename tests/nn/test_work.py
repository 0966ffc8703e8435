"""What a model costs: the layers' own count, the compiler's, and the formula."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import pytest

from gradiens.nn.dense import Dense
from gradiens.nn.mlp import MLP
from gradiens.nn.work import peak_throughput, work

KEY = jax.random.key(0)


@pytest.mark.parametrize(("m", "n", "bias"), [(5, 3, True), (5, 3, False), (1, 4, True)])
def test_a_dense_layer(m, n, bias):
    found = work(Dense.make(m, n, KEY, bias=bias), jnp.ones(m))
    assert found.parameters == m * n + n * bias
    assert found.flops == 2 * m * n - n * (not bias)
    assert abs(found.compiled_flops - 2 * m * n) <= n
    assert found.activations == n * (1 + bias)


def test_a_network_is_the_sum_of_its_layers():
    found = work(MLP.make((784, 64, 10), KEY), jnp.ones(784))
    assert found.parameters == 785 * 64 + 65 * 10 and found.flops == 2 * (784 * 64 + 64 * 10)
    assert found.compiled_flops == pytest.approx(found.flops, rel=0.01)
    assert found.activations > 2 * (64 + 10)  # products and sums of both layers are kept


def test_looking_up_is_no_arithmetic():
    from gradiens.nn.embedding import Embedding

    layer, x = Embedding.example(KEY)
    found = work(layer, x)
    assert found.parameters > 0 and found.compiled_flops == 0


def test_throughput_is_that_of_a_machine():
    assert 1e7 < peak_throughput(64, 0.02) < 1e16
