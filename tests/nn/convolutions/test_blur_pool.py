"""Pooling against aliasing: by its definition, and it is steadier than the pool it replaces."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.ndimage

from gradiens.core.check import Mistake
from gradiens.functions.pooling import max_pool
from gradiens.nn.convolutions.blur_pool import BlurPool

RNG = np.random.default_rng(0)


def test_the_maximum_then_the_blur_then_every_second(x64):
    x = RNG.normal(size=(2, 7, 6))
    B = np.outer([1, 2, 1], [1, 2, 1]) / 16
    peaks = np.lib.stride_tricks.sliding_window_view(x, (2, 2), (1, 2)).max((3, 4))
    expected = np.stack([scipy.ndimage.correlate(channel, B, mode="nearest")[::2, ::2] for channel in peaks])
    np.testing.assert_allclose(BlurPool()(jnp.asarray(x)), expected, rtol=1e-10, atol=1e-12)


def test_a_shift_by_one_changes_less(x64):
    """Of stripes as fine as the stride the plain pool sees all or nothing."""
    x = jnp.asarray(np.tile([0.0, 1.0, 1.0, 0.0], (1, 8, 4)))
    changes = [np.abs(f(x) - f(jnp.roll(x, 1, 2)))[..., 1:-1].max() for f in (lambda x: max_pool(x, 2), BlurPool())]
    assert changes[0] == 1 and changes[1] <= 0.5


def test_bad_input():
    with pytest.raises(Mistake, match="a window and a stride of at least 1"):
        BlurPool(2, 0)
