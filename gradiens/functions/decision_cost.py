"""Which threshold costs least when the two errors of a yes-or-no decision do not cost the same.

    cost(θ) = (c₁ FN(θ) + c₀ FP(θ)) / N,   θ* = c₀ / (c₀ + c₁)

c₁ is the cost of a positive row that is missed, c₀ that of a false alarm. θ* is best where the probabilities are right; the
threshold of least cost on given rows is best for these rows, whatever the scores mean.

Book: 3.1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake
from gradiens.functions.two_classes import counts_at

KIND = "decision"


class CostCurve(NamedTuple):
    """Thresholds from low to high with the mean cost of each, and the one of least cost (the lowest of them if tied)."""

    thresholds: Float[np.ndarray, " T"]
    cost: Float[np.ndarray, " T"]
    best: float


def cost_curve(y: ArrayLike, score: ArrayLike, missed: float = 1.0, false_alarm: float = 1.0) -> CostCurve:
    """The mean cost of predicting 1 where the score is at least θ, for every θ that changes it: each score, and ∞.

    Book: 3.1.

    Raises `Mistake` for costs that are negative, infinite or both 0, and for what `counts_at` refuses.
    """
    _check(missed, false_alarm)
    thresholds = np.append(np.unique(np.asarray(score, np.float64)), np.inf)
    found = counts_at(y, score, thresholds)
    cost = (missed * found.fn + false_alarm * found.fp) / len(np.asarray(y))
    return CostCurve(thresholds, cost, float(thresholds[np.argmin(cost)]))


def cost_threshold(missed: float = 1.0, false_alarm: float = 1.0) -> float:
    """θ* = c₀/(c₀ + c₁): predict 1 where the probability is at least this.

    Book: 3.1.
    """
    _check(missed, false_alarm)
    return false_alarm / (false_alarm + missed)


def _check(missed: float, false_alarm: float) -> None:
    if not (min(missed, false_alarm) >= 0 and 0 < missed + false_alarm < np.inf):
        raise Mistake("finite costs of at least 0, not both 0", f"{missed} and {false_alarm}")
