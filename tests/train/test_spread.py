"""A few rows for many: whatever the order of the classes, each has its share."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.train.spread import spread
from gradiens.train.watch import LayerWatch


@pytest.mark.parametrize(("rows", "most"), [(10, 10), (10, 20), (1, 5), (0, 5), (0, 0)])
def test_all_rows_where_there_are_no_more(rows, most):
    np.testing.assert_array_equal(spread(rows, most), np.arange(rows))


@pytest.mark.parametrize(("rows", "most"), [(60_000, 256), (1999, 1000), (501, 500), (7, 1)])
def test_one_row_of_each_stretch_and_always_the_same(rows, most):
    found = spread(rows, most)
    bounds = [k * rows // most for k in range(most + 1)]
    assert len(found) == most
    assert all(low <= row < high for low, row, high in zip(bounds, found, bounds[1:], strict=False))
    np.testing.assert_array_equal(found, spread(rows, most))


def test_sorted_classes_have_their_share_and_classes_that_take_turns_too():
    counts = np.bincount(np.repeat(np.arange(10), 700)[spread(7000, 1000)], minlength=10)
    assert counts.min() >= 99 and counts.max() <= 101
    turns = np.bincount((np.arange(1999) % 2)[spread(1999, 1000)])  # every second row would be of one class
    assert turns.min() > 400


def test_the_watched_rows_are_of_every_class():
    y = np.repeat(np.arange(3), 200)
    x, seen = LayerWatch(lambda x: x, lambda z, y: z, y[:, None], y).rows
    np.testing.assert_array_equal(x[:, 0], seen)
    assert len(seen) == 256 and np.bincount(seen).min() >= 84
