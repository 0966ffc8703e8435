"""Equal pictures stay in one part: no picture of the test part was trained on."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.data.copies import copies
from gradiens.data.images import Images
from gradiens.data.prepare import prepare
from gradiens.data.split import split

RNG = np.random.default_rng(0)


def held(part):
    return {one.tobytes() for one in part.x}


@pytest.mark.parametrize("seed", range(5))
def test_no_picture_is_in_two_parts(seed):
    """Forty pictures with random classes, each three times: only what was memorised could tell them."""
    pixels = RNG.integers(0, 256, (40, 4, 4, 3), dtype=np.uint8)
    order = RNG.permutation(120)
    x, y = np.repeat(pixels, 3, axis=0)[order], np.repeat(RNG.permutation(np.arange(40) % 2), 3)[order]
    prepared = prepare(Images("x", x, y.astype(np.int32), ("a", "b")), seed=seed)
    train, val, test = map(held, (prepared.train, prepared.val, prepared.test))
    assert not (train & val or train & test or val & test) and len(train | val | test) == 40
    assert sum(map(len, (prepared.train, prepared.val, prepared.test))) == 120
    for part, rows in ((prepared.train, 84), (prepared.val, 18), (prepared.test, 18)):
        assert abs(len(part) - rows) <= 3  # a cut is at most half of three copies from its place
        assert abs(np.bincount(part.y, minlength=2)[0] - len(part) / 2) <= 3
    assert "pictures that are equal to others: 80; equal ones are in one part" in prepared.card["notes"]


def test_a_copy_in_another_class_stays_with_it():
    x = np.arange(12, dtype=np.uint8).repeat(4).reshape(12, 2, 2)
    x[9] = x[2]
    groups, notes = copies(x, np.arange(12) % 2, ("a", "b"), 3)
    assert groups.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 2, 10, 11] and len(notes) == 1


def test_two_pictures_many_times_are_split_row_by_row():
    y = np.arange(40, dtype=np.int32) % 2
    x = (y[:, None, None] * np.ones((1, 3, 3), np.int32)).astype(np.uint8)
    groups, notes = copies(x, y, ("a", "b"), 3)
    assert groups.tolist() == list(range(40))
    assert notes[1] == "classes with fewer than 3 different pictures, the same ones in several parts: a, b"
    assert [len(part) for part in split(y, "binary", 0, groups=groups)] == [28, 6, 6]


def test_different_pictures_are_split_as_rows_are():
    x = np.arange(50, dtype=np.uint8).repeat(4).reshape(50, 2, 2)
    groups, notes = copies(x, np.arange(50) % 3, ("a", "b", "c"), 3)
    assert groups.tolist() == list(range(50)) and not notes


def test_groups_are_whole_and_every_part_has_one():
    groups = np.array([0, 0, 0, 0, 4, 4, 4, 4, 4, 9])
    for seed in range(9):
        parts = split(np.zeros(10), "classes", seed, groups=groups)
        assert sorted(np.concatenate(parts)) == list(range(10))
        assert sorted(len(part) for part in parts) == [1, 4, 5]
    with pytest.raises(Mistake, match="a group of rows for each part, got 2"):
        split(np.zeros(10), "classes", 0, groups=np.arange(10) // 5 * 5)
