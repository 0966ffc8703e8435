"""Kernels in four rotations: what the group promises, and the kernels by hand."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.module import count
from gradiens.nn.batched import infer
from gradiens.nn.convolutions.rotation_conv2d import RotationConv2d, turned_maps

RNG = np.random.default_rng(0)


def layer(n_in, n_out, turned, seed):
    made = RotationConv2d.make(n_in, n_out, 3, jax.random.key(seed), turned)
    return RotationConv2d(made.W, jnp.arange(1.0, n_out + 1), made.padding)


def test_a_turned_picture_gives_turned_maps(x64):
    lift, on = layer(2, 3, False, 0), layer(3, 2, True, 1)
    f = jax.jit(lambda x: on(jnp.tanh(lift(x))))
    x = jnp.asarray(RNG.normal(size=(2, 5, 5)))
    for turns in (1, 2, 3):
        np.testing.assert_allclose(
            f(jnp.rot90(x, turns, (1, 2))), turned_maps(f(x), turns), rtol=1e-10, atol=1e-12, err_msg=f"{turns} turns"
        )
    assert not np.allclose(f(jnp.rot90(x, 1, (1, 2))), f(x))


def test_the_kernels_by_hand():
    W = RNG.normal(size=(2, 3, 4, 3, 3)).astype(np.float32)
    K = np.asarray(RotationConv2d(jnp.asarray(W), jnp.zeros(2)).kernels).reshape(2, 4, 3, 4, 3, 3)
    for r, q in np.ndindex(4, 4):
        np.testing.assert_array_equal(K[:, r, :, q], np.rot90(W[:, :, (q - r) % 4], r, (2, 3)))


def test_parameters_are_those_of_one_turn():
    assert count(layer(2, 3, False, 0)) == 3 * (2 * 9 + 1) and count(layer(3, 2, True, 0)) == 2 * (4 * 3 * 9 + 1)


def test_bad_input():
    with pytest.raises(Mistake, match="at least one map"):
        RotationConv2d.make(0, 2, 3, jax.random.key(0))


def test_a_batch_at_inference_is_its_examples(x64):
    one = layer(2, 3, False, 1)
    X = jax.random.normal(jax.random.key(7), (4, 2, 6, 5))
    np.testing.assert_allclose(infer(one, X), jax.vmap(one)(X), rtol=1e-12, atol=1e-14)
    assert str(jax.make_jaxpr(lambda X: infer(one, X))(X)) == str(jax.make_jaxpr(one)(X))  # in one convolution
