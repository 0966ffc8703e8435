"""The gradients by hand: against JAX's, which are held to PyTorch and to finite differences elsewhere."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.functions.convolution import convolve
from gradiens.functions.convolving.gradients import (
    average_pool_gradient,
    convolution_gradients,
    input_gradient_by_full_convolution,
    max_pool_gradient,
)
from gradiens.functions.pooling import average_pool, max_pool

RNG = np.random.default_rng(0)
W, b, x = RNG.normal(size=(3, 2, 3, 2)), RNG.normal(size=3), RNG.normal(size=(2, 7, 8))
near = {"rtol": 1e-10, "atol": 1e-12}


@pytest.mark.parametrize("setting", [(1, 0, 1), (2, 1, 2)])
def test_convolution(x64, setting):
    f = lambda W, b, x: convolve(W, x, *setting) + b[:, None, None]  # noqa: E731
    z, back = jax.vjp(f, *map(jnp.asarray, (W, b, x)))
    delta = RNG.normal(size=z.shape)
    found = convolution_gradients(W, x, delta, *setting)
    for own, wanted in zip(found, back(jnp.asarray(delta)), strict=True):
        np.testing.assert_allclose(own, wanted, **near)
    if setting == (1, 0, 1):
        np.testing.assert_allclose(input_gradient_by_full_convolution(W, delta), found.x, **near)


@pytest.mark.parametrize(
    ("pool", "gradient"), [(max_pool, max_pool_gradient), (average_pool, average_pool_gradient)], ids=["max", "average"]
)
def test_pools(x64, pool, gradient):
    z, back = jax.vjp(lambda x: pool(x, 3), jnp.asarray(x))
    delta = RNG.normal(size=z.shape)
    np.testing.assert_allclose(gradient(x, delta, 3), back(jnp.asarray(delta))[0], **near)


@pytest.mark.parametrize(
    "call", [lambda: convolution_gradients(W, x, x), lambda: max_pool_gradient(x, x, 2)], ids=["convolution", "pool"]
)
def test_a_gradient_of_another_shape_is_refused(call):
    with pytest.raises(Mistake, match="δ of shape"):
        call()
