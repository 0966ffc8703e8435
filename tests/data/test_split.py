"""Disjoint parts that together are all rows, stratified, and the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradiens.core.check import Mistake
from gradiens.data.split import sizes, split

F = (0.7, 0.15, 0.15)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=3, max_size=80), st.sampled_from(["classes", "number"]), st.integers(0, 9))
def test_parts_partition_the_rows(labels, task, seed):
    y = np.array(labels)
    parts = split(y, task, seed, F)
    assert sorted(np.concatenate(parts)) == list(range(len(y)))
    assert all(len(part) > 0 and (np.diff(part) > 0).all() for part in parts)
    assert tuple(map(len, parts)) == sizes(len(y), F)
    again = split(y, task, seed, F)
    assert all((a == b).all() for a, b in zip(parts, again))


def test_each_class_has_its_share():
    y = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [500, 300, 200]))
    for part, fraction in zip(split(y, "classes", 3, F), F):
        counts = np.bincount(y[part])
        assert np.abs(counts - fraction * np.array([500, 300, 200])).max() <= 1.5


def test_small_classes_have_their_share_too():
    y = np.array([0] * 40 + [1 + i // 2 for i in range(60)])  # thirty classes of two rows
    for seed in range(10):
        assert abs(np.count_nonzero(split(y, "classes", seed, F)[0] < 40) - 28) <= 3


def test_two_classes_alike_in_every_part_where_random_rows_are_not():
    y = np.tile([0, 1], 20)
    assert np.bincount(y[split(y, "binary", 0, F)[2]]).tolist() == [3, 3]
    unequal = [np.bincount(y[split(y, "number", seed, F)[2]], minlength=2)[0] != 3 for seed in range(20)]
    assert any(unequal)


def test_a_class_of_one_row_is_for_training():
    y = np.array([0] * 50 + [1] + [2] * 50)
    assert all(50 in split(y, "classes", seed, F)[0] for seed in range(20))


def test_seeds_differ_and_rows_are_mixed():
    y = np.arange(100)
    first, second = split(y, "number", 0, F)[0], split(y, "number", 1, F)[0]
    assert not np.array_equal(first, second) and not np.array_equal(first, np.arange(70))


@pytest.mark.parametrize(
    ("n", "fractions", "expected"),
    [(3, F, (1, 1, 1)), (10, F, (6, 2, 2)), (20, (0.85, 0.15, 0.0), (17, 3, 0)), (1, (1.0, 0.0, 0.0), (1, 0, 0))],
)
def test_sizes(n, fractions, expected):
    assert sizes(n, fractions) == expected


def test_mistakes():
    with pytest.raises(Mistake, match="at least 3 rows, one for each part, got 2"):
        sizes(2, F)
    for bad in [(0.5, 0.5, 0.5), (0.0, 0.5, 0.5), (1.2, -0.1, -0.1), (float("nan"), 0.5, 0.5)]:
        with pytest.raises(Mistake, match="three fractions"):
            sizes(10, bad)
    with pytest.raises(Mistake, match="seed"):
        split(np.arange(9), "number", -1, F)
