"""A test set under seal is read once."""

from __future__ import annotations

import pytest

from gradiens.core.check import Mistake
from gradiens.evaluation.sealed import Sealed


def test_it_is_opened_once():
    sealed = Sealed((1, 2))
    assert sealed.reads == 0
    assert sealed.open() == (1, 2) and sealed.reads == 1
    with pytest.raises(Mistake, match="nobody has read"):
        sealed.open()
    assert sealed.reads == 1
