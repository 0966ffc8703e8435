"""Early stopping: the epoch at which training ends, and the one that is kept."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.train.early_stopping import stopped

OVERFIT = [3.0, 1.0, 2.0, 0.5, 4.0, 5.0, 6.0]


@pytest.mark.parametrize(("patience", "expected"), [(1, (2, 1)), (2, (5, 3)), (3, (6, 3)), (9, (6, 3))])
def test_patience(patience, expected):
    assert stopped(OVERFIT, patience) == expected
    assert stopped(np.array(OVERFIT), patience) == expected


def test_ends_and_equals():
    assert stopped([3.0, 2.0, 1.0], 1) == (2, 2)
    assert stopped([1.0, 1.0, 1.0], 2) == (2, 0)  # an equal loss is no lower one
    assert stopped([1.0], 3) == (0, 0)
    assert stopped([np.nan, 2.0, np.nan, np.nan, 1.0], 2) == (3, 1)


def test_bad_input():
    for losses, patience in (([], 1), ([1.0], 0)):
        with pytest.raises(Mistake, match="a patience of at least 1"):
            stopped(losses, patience)
