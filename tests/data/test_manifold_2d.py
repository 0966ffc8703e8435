"""The S-shaped curve: its published facts, and that it has no target."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.data.load import load
from gradiens.data.prepare import prepare


def test_facts(data_folder):
    table = load("manifold_2d")
    x = table.frame.to_numpy()
    assert x.shape == (100, 2) and table.frame.columns == ["x1", "x2"] and table.target == ""
    assert np.sum((x - x.mean(0)) ** 2) == pytest.approx(55.090067, abs=5e-7)
    assert np.all(np.sort(x[[0, -1], 1]) == x[[0, -1], 1])  # from bottom to top


def test_it_has_no_target(data_folder):
    with pytest.raises(Mistake, match="expected a target, got none"):
        prepare(load("manifold_2d"))
