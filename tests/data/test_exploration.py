"""Exploration and one-hot coding against plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.data.exploration import explore_images
from gradiens.data.images import Images
from gradiens.data.one_hot import one_hot

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 17, (9, 3, 2)).astype(np.uint8)
LABELS = np.array([0, 2, 2, 1, 0, 0, 2, 2, 2], np.uint8)
SET = Images("toy", PIXELS, LABELS, ("a", "b", "c", "d"), PIXELS[:2], LABELS[:2], maximum=16)


def test_exploration_is_numpys():
    found, x = explore_images(SET), PIXELS / 16
    assert found.pixels == 6 and found.counts.tolist() == [3, 1, 5, 0]
    assert found.mean == pytest.approx(x.mean(), rel=1e-14)
    assert found.mean_nonzero == pytest.approx(x[x > 0].mean(), rel=1e-14)
    assert (found.zeros, found.ones) == pytest.approx((np.mean(x == 0), np.mean(x == 1)), rel=1e-14)
    assert found.nonzero.tolist() == [int(np.sum(image > 0)) for image in x]
    assert found.class_mean[:3] == pytest.approx([x[k == LABELS].mean() for k in range(3)], rel=1e-14)
    assert explore_images(SET, test=True).counts.tolist() == [1, 0, 1, 0]


def test_one_hot_and_back():
    codes = RNG.integers(0, 5, (4, 3))
    coded = one_hot(codes, 5)
    assert coded.shape == (4, 3, 5) and coded.dtype == np.float32 and np.all(coded.sum(-1) == 1)
    np.testing.assert_array_equal(coded.argmax(-1), codes)
    np.testing.assert_array_equal(one_hot(np.array([2, 0]), 3), [[0, 0, 1], [1, 0, 0]])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: one_hot(np.array([0, 3]), 3), r"class codes 0 … 2, got 0 … 3"),
        (lambda: one_hot(np.array([0.0, 1.0]), 3), "float64"),
        (lambda: explore_images(Images("x", PIXELS, LABELS, ("a",)), test=True), "official test images, got x"),
        (lambda: explore_images(Images("x", PIXELS[:0], LABELS[:0], ("a",))), "images with pixels"),
    ],
)
def test_bad_input(call, says):
    with pytest.raises(Mistake, match=says):
        call()
