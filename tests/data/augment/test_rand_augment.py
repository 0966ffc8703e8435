"""A random policy: which pictures meet which changes, how strong they are, and what leaves pictures as they are."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.data.augment.rand_augment import RandAugment
from gradiens.data.augmentation import Augmentation, augmentation

KEY = jax.random.key(0)
B = 700
X = np.random.default_rng(0).normal(size=(B, 3, 8, 8)).astype(np.float32)


class Marked(RandAugment):
    """Instead of seven changes: the list counts, by powers of ten, which change a picture has met."""

    def among(self, side):
        return tuple(lambda key, x, i=i: x + 10.0**i for i in range(7))


def test_every_picture_meets_n_changes_and_each_is_as_likely():
    met = np.asarray(jax.jit(Marked(2))(KEY, jnp.zeros((B, 1, 2, 2))))
    assert (met == met[:, :1, :1, :1]).all()
    counts = np.array([[int(digit) for digit in f"{round(float(value)):07d}"] for value in met[:, 0, 0, 0]])
    assert (counts.sum(axis=1) == 2).all()
    seen = counts.sum(axis=0)
    assert ((seen - 2 * B / 7) ** 2 / (2 * B / 7)).sum() < 27  # χ² with 6 degrees of freedom: 1e-4 above 27.9
    twice = (counts == 2).any(axis=1).mean()
    assert abs(twice - 1 / 7) < 4 * np.sqrt(6 / 49 / B)  # the two are drawn apart


def test_the_list_at_its_magnitude():
    """What each change of the list does at its strongest, m = 10: knobs, and the farthest a picture goes."""
    same, turn, zoom, shift, bright, contrast, colour = RandAugment(1, 10).among(32)
    assert same(KEY, 3) == 3
    assert (turn.degrees, zoom.share, shift.pixels) == pytest.approx((30, 0.6, 10))
    assert (bright.amount, contrast.amount, colour.amount) == pytest.approx((0.9, 0.9, 0.9))
    _, turn, _, shift, bright, *_ = RandAugment(1, 5).among(32)
    assert (turn.degrees, shift.pixels, bright.amount) == pytest.approx((15, 5, 0.45))


def test_no_change_and_no_magnitude_are_the_identity():
    np.testing.assert_array_equal(jax.jit(RandAugment(0))(KEY, X), X)
    np.testing.assert_allclose(jax.jit(RandAugment(3, 0))(KEY, X), X, rtol=1e-6, atol=1e-6)


def test_it_is_a_function_of_the_key_and_pictures_differ():
    made = jax.jit(RandAugment(2))
    np.testing.assert_array_equal(made(KEY, X), made(KEY, X))
    alike = np.broadcast_to(X[:1], X.shape)
    out = np.asarray(made(KEY, alike)).reshape(B, -1)
    assert (out == out[:1]).all(axis=1).sum() < B / 10
    assert not np.array_equal(made(jax.random.key(1), X), made(KEY, X))


def test_it_is_named_in_text():
    assert augmentation("rand_augment=3") == Augmentation((RandAugment(3),))
    with pytest.raises(Mistake, match="between 0 and 16"):
        augmentation("rand_augment=17")
