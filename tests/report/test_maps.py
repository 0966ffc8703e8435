"""Maps as pictures: the ends of each scale, and that no number breaks one."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.report.maps import BLUE, DEEP, RED, enlarged, grey, heat, over, pictures, signed, spread


def test_the_ends_of_the_scales():
    M = np.array([[-2.0, 0.0], [1.0, 2.0]])
    np.testing.assert_allclose(grey(M)[..., 0], [[0, 0.5], [0.75, 1]])
    np.testing.assert_allclose(heat(M)[1, 1], DEEP)
    np.testing.assert_allclose(heat(M)[0], np.ones((2, 3)))
    np.testing.assert_allclose(signed(M)[0, 0], BLUE)
    np.testing.assert_allclose(signed(M)[1, 1], RED)
    np.testing.assert_allclose(signed(M)[0, 1], [1, 1, 1])
    np.testing.assert_allclose(signed(M)[1, 0], (1 + np.array(RED)) / 2)


@pytest.mark.parametrize("scale", [grey, heat, signed])
@pytest.mark.parametrize("M", [np.zeros((2, 3)), np.full((2, 3), np.nan), np.array([[np.inf, 1.0]])])
def test_flat_maps_and_maps_without_numbers(scale, M):
    drawn = scale(M)
    assert drawn.shape == (*M.shape, 3) and np.isfinite(drawn).all() and drawn.min() >= 0 and drawn.max() <= 1


def test_a_map_over_a_picture_of_colours_or_grey():
    colours = np.full((1, 1, 3), [0.0, 0.3, 0.6])
    np.testing.assert_allclose(over(colours, np.ones((1, 1, 3)), 0.5)[0, 0], [0.65] * 3)
    np.testing.assert_allclose(over(np.array([[0.3]]), np.ones((1, 1, 3)), 0.5)[0, 0], [0.65] * 3)


def test_enlarging_repeats_and_spreading_fills():
    assert enlarged(np.zeros((28, 30))).shape == (168, 180) and enlarged(np.zeros((300, 200, 3))).shape == (300, 200, 3)
    M = np.array([[1, 2], [3, 4]])
    assert spread(M, (3, 4)).tolist() == [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4]]


def test_bad_input():
    with pytest.raises(Mistake, match="a map"):
        heat(np.ones(3))
    with pytest.raises(Mistake, match="as many labels"):
        pictures("t", [np.ones((2, 2))], ["a", "b"])
    assert pictures("t", [np.ones((2, 2))]).series[0].label == ""
