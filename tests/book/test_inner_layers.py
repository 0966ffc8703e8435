"""Section 6.7: its claims turn false when what they assert is not so."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from gradiens.book.ch06_convolutional import digit_views
from gradiens.book.ch06_convolutional import s07_inner_layers as section
from gradiens.book.ch06_convolutional.digit_views import JUDGED, SHARES, Deleted, Fall, Shared
from gradiens.book.section import claims

WEIGHTS = np.array([[1.0, -2.0], [0.5, 3.0]])
TOUCHED = np.array([[True, False], [False, False]])


def deleted(*gains):
    """A probability of 1 everywhere, but for the median gain of a salient tenth of each seed."""
    made = []
    for gain in gains:
        salient = np.ones((5, len(SHARES)))
        salient[:3, JUDGED] -= gain
        made.append(Deleted(salient, np.ones_like(salient)))
    return tuple(made)


def record(**changes):
    sound = {
        "weights": WEIGHTS,
        "linear": np.stack([np.abs(WEIGHTS)] * 2),
        "fall": Fall(np.array([[0.3, 0.0], [0.0, 1e-12]]), TOUCHED, 0.7),
        "ascent": np.array([[0.0, 1.0], [1.0, 1.5], [1.5, 1.5]]),
        "ended": True,
        "shared": Shared(np.array([1.0, 2.0]), np.array([1.0005, 1.9995])),
        "deleted": deleted(0.2, 0.05, 0.3),
    }
    return SimpleNamespace(**sound | changes)


def failing(found) -> set[str]:
    return {f.__doc__.split(":")[0] for f in claims(section).values() if not f(section.Config(), found)}


def test_sound():
    assert failing(record()) == set() and len(claims(section)) == 5


@pytest.mark.parametrize(
    ("changes", "claim"),
    [
        ({"linear": np.stack([np.abs(WEIGHTS), np.abs(WEIGHTS) + 1e-6])}, "Claim 1"),
        ({"fall": Fall(np.array([[0.3, 1e-6], [0.0, 0.0]]), TOUCHED, 0.7)}, "Claim 2"),
        ({"fall": Fall(np.zeros((2, 2)), TOUCHED, 0.7)}, "Claim 2"),
        ({"ended": False}, "Claim 3"),
        ({"ascent": np.array([[0.0, 1.0], [1.0, 0.9], [0.9, 0.9]])}, "Claim 3"),
        ({"ascent": np.array([[0.0, 0.0]])}, "Claim 3"),
        ({"shared": Shared(np.array([1.0]), np.array([1.002]))}, "Claim 4"),
        ({"deleted": deleted(0.2, 0.09, 0.05)}, "Claim 5"),
    ],
)
def test_each_claim_can_fail(changes, claim):
    assert failing(record(**changes)) == {claim}


def test_what_a_patch_touches():
    """Rows 4 … 6, a patch of five rows around its centre: the centres 2 … 8."""
    assert np.flatnonzero(digit_views._touched(4, 3, 5)).tolist() == [2, 3, 4, 5, 6, 7, 8]
