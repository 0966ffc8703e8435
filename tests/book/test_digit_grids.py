"""Section 6.8: anchors on a canvas with one digit, and what the others cost at the start, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.book.ch06_convolutional import digit_grids
from gradiens.functions.detections import Found


def test_a_digit_on_an_anchor_and_one_that_none_overlaps(x64, monkeypatch):
    monkeypatch.setattr(digit_grids, "_reach", lambda x, seed: np.zeros(2))
    on = np.array([[20 - 7, 20 - 7, 20 + 7, 20 + 7]], np.float32)  # the smaller square of cell (2, 2)
    tiny = np.array([[20, 20, 22, 22]], np.float32)  # has its best anchor all the same
    truth = [Found.make(box, np.zeros(1, int)) for box in (on, tiny)]
    found = digit_grids.grids(truth, np.zeros((1, 48, 48), np.float32), 0)
    assert found.covered == 0.5
    n = 2 * 6 * 6 * 4
    holds, between = _counted(on[0])
    holds, empty = holds + 1, n - holds - between - 1
    assert found.empty == pytest.approx(empty / n, rel=1e-12)
    wrong, right = empty * -np.log(0.99), holds * -np.log(0.01)
    expected = [wrong / (wrong + right), wrong * 0.01**2 / (wrong * 0.01**2 + right * 0.99**2)]
    np.testing.assert_allclose(found.background, expected, rtol=1e-10)


def _counted(box):
    """How many of the anchors overlap the box by a half, and how many by 0.4 … 0.5."""
    overlaps = []
    for y, x in np.ndindex(6, 6):
        for size in (14, 20):
            for ratio in (1, 2.5):
                w, h = size / np.sqrt(ratio), size * np.sqrt(ratio)
                cx, cy = 8 * (x + 0.5), 8 * (y + 0.5)
                shared = max(min(cx + w / 2, box[2]) - max(cx - w / 2, box[0]), 0)
                shared *= max(min(cy + h / 2, box[3]) - max(cy - h / 2, box[1]), 0)
                overlaps.append(shared / (w * h + 14 * 14 - shared))
    overlaps = np.array(overlaps)
    return np.sum(overlaps >= 0.5), np.sum((overlaps >= 0.4) & (overlaps < 0.5))
