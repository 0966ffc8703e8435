"""Graphs of networks: as many units and connections as the network has."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.report.schematics import convolutional, feed_forward, recurrent


def counted(figure):
    lines = sum(int(np.isnan(s.x).sum()) for s in figure.series if s.kind == "line")
    return lines, sum(len(s.x) for s in figure.series if s.kind == "points")


def test_a_feed_forward_network_has_the_edges_of_its_products():
    assert counted(feed_forward((3, 4, 2))) == (3 * 4 + 4 * 2, 9)


def test_a_convolution_sees_its_window():
    assert counted(convolutional(7, 3)) == (5 * 3, 12)


def test_a_recurrent_network_hands_its_state_on():
    figure = recurrent(4)
    assert counted(figure) == (4 + 4 + 3, 12)
    onward = next(s for s in figure.series if "next time" in s.label)
    np.testing.assert_array_equal(onward.x[~np.isnan(onward.x)], [1, 2, 2, 3, 3, 4])


@pytest.mark.parametrize("call", [lambda: feed_forward((3,)), lambda: convolutional(2, 3), lambda: recurrent(0)])
def test_what_is_no_network(call):
    with pytest.raises(Mistake):
        call()
