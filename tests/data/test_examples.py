"""Sheets of pictures: the first six of each class in their places, as JSON takes them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from gradiens.data.examples import picture_of, sheets


@pytest.mark.parametrize("channels", [(), (3,)])
def test_the_first_six_of_a_class_stand_in_two_rows(channels):
    pixels = np.random.default_rng(0).integers(0, 17, (20, 4, 5, *channels), dtype=np.uint8)
    labels = np.arange(20) % 4
    labels[labels == 3] = 2
    made = json.loads(json.dumps(sheets(pixels, labels, ("a", "b", "c"), 16)))
    assert [one["label"] for one in made] == ["a", "b", "c"]
    scaled = np.rint(pixels * (255 / 16)).astype(np.uint8)
    sheet = picture_of(made[1]["png"])
    assert sheet.shape == (9, 17, *channels)
    for i, one in enumerate(scaled[labels == 1][:5]):
        top, left = i // 3 * 5, i % 3 * 6
        np.testing.assert_array_equal(sheet[top : top + 4, left : left + 5], one)
    assert (sheet[5:, 12:] == 255).all() and (sheet[4] == 255).all()  # five pictures; the sixth place is white
    np.testing.assert_array_equal(picture_of(made[2]["png"])[5:, 12:], scaled[labels == 2][5])


def test_large_pictures_are_thinned_and_few_classes_are_shown():
    pixels = np.zeros((40, 100, 60), np.uint8)
    made = sheets(pixels, np.arange(40), tuple(map(str, range(40))), 255)
    assert len(made) == 12 and picture_of(made[0]["png"]).shape == (2 * 34 + 1, 3 * 20 + 2)
