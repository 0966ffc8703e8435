"""Frames and tints are where the boxes and masks are."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.report.marked import COLOURS, with_boxes, with_mask

GREY = np.full((4, 6), 0.5)


def test_a_frame_lies_on_the_border_of_its_box():
    made = with_boxes(GREY, [[[1, 0, 4, 3]], [[-2, 2, 9, 9]]], 2)
    assert made.shape == (8, 12, 3)
    first = np.all(made == COLOURS[0], axis=2)
    assert first[0, 2:8].all() and first[:4, 2].all() and first[:4, 7].all() and not first[1:4, 3:7].any()
    second = np.all(made == COLOURS[1], axis=2)
    assert second[4, :].all() and second[7, :].all() and second[4:, 0].all() and second[4:, 11].all()
    np.testing.assert_array_equal(made[~(first | second)], 0.5)


def test_no_box_and_a_mask():
    np.testing.assert_array_equal(with_boxes(GREY, [[]], 1), np.full((4, 6, 3), 0.5))
    mask = GREY < 0
    mask[1, 2] = True
    two = with_mask(GREY, np.arange(24).reshape(4, 6) // 22 * 2 + mask, 1, 1.0)
    assert np.all(two[3, 4:] == COLOURS[1]) and np.all(two[1, 2] == COLOURS[0]) and np.all(two[0] == 0.5)
    made = with_mask(GREY, mask, 3, 1.0)
    spot = np.all(made == COLOURS[0], axis=2)
    assert spot[3:6, 6:9].all() and spot.sum() == 9
    with pytest.raises(Mistake, match="a mask of shape"):
        with_mask(GREY, mask[1:])
    with pytest.raises(Mistake, match="grey picture"):
        with_boxes(np.zeros((2, 2, 3)), [])
