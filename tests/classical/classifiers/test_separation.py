"""Separation: the three kinds, each with its certificate."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.classical.classifiers.separation import margins, separation
from gradiens.core.check import Mistake

LINE = np.array([[-2.0], [-1.0], [1.0], [2.0]])


def others(x, y, found, classes):
    return margins(found.w, x, y)[np.arange(classes) != y[:, None]]


def test_complete():
    y = np.array([0, 0, 1, 2])
    found = separation(LINE, y, 3)
    assert found.kind == "complete"
    assert others(LINE, y, found, 3).min() >= 1 - 1e-7


def test_quasi():
    x, y = np.vstack([LINE, [[0.0], [0.0]]]), np.array([0, 0, 1, 1, 0, 1])
    found = separation(x, y, 2)
    assert found.kind == "quasi"
    np.testing.assert_array_equal(found.separated.any(1), [True] * 4 + [False] * 2)
    assert others(x, y, found, 2).min() >= -1e-7
    np.testing.assert_allclose(others(x, y, found, 2)[4:], 0, atol=1e-7)


def test_none():
    found = separation(LINE, np.array([0, 1, 0, 1]), 2)
    assert found.kind == "none" and not found.separated.any()


def test_a_dependent_column_is_not_separation():
    x = np.hstack([LINE, 2 * LINE])
    assert separation(x, np.array([0, 1, 0, 1]), 2).kind == "none"


def test_bad_input():
    with pytest.raises(Mistake):
        separation(LINE, np.array([0, 1]), 2)
