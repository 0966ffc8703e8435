"""Permutation tests: could such a score come from a model that knows nothing, or such a difference from two equal ones?

    p = (1 + #{b : Tᵦ ≥ T}) / (1 + B)

where the Tᵦ are computed after what the null hypothesis says is exchangeable has been exchanged at random. The ones
count the data themselves: p is never 0, and P(p ≤ α) ≤ α holds exactly for every B.

Book: 2.7.  Source: Fisher (1935); Phipson & Smyth (2010) for the ones; Ojala & Garriga (2010) for refitting.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake
from gradiens.data.folds import Fold
from gradiens.evaluation.cross_validation import cross_validate
from gradiens.evaluation.fitting import Fit, Output, Score, matching, predicted

SLACK = 1e-12  # relative: permutations that repeat the data must not fall below it by rounding


@dataclasses.dataclass(frozen=True)
class PermutationTest:
    """The statistic (larger speaks against the null hypothesis), its values under permutation, and the p-value."""

    statistic: float
    permuted: Float[np.ndarray, " B"]

    @property
    def p_value(self) -> float:
        """(1 + #{Tᵦ ≥ T}) / (1 + B)."""
        slack = SLACK * max(1.0, abs(self.statistic))
        return float((1 + np.sum(self.permuted >= self.statistic - slack)) / (1 + len(self.permuted)))

    def __str__(self) -> str:
        return f"p = {self.p_value:.3g} ({len(self.permuted)} permutations)"


def permutation_test(
    score: Score, y: Any, prediction: np.ndarray, permutations: int = 999, seed: int = 0, lower: bool = False
) -> PermutationTest:
    """Whether predictions have anything to do with y: y is permuted against them.

    Book: 2.7.

    Raises `Mistake` for lengths that differ, fewer than one permutation, or a negative seed.
    """
    y, sign = matching(prediction, y), -1 if lower else 1
    return _test(lambda rng: score(y if rng is None else rng.permutation(y), prediction), permutations, seed, sign)


def permutation_test_of_fit(
    fit: Fit,
    x: Any,
    y: Any,
    folds: Sequence[Fold],
    score: Score,
    output: Output = predicted,
    permutations: int = 99,
    seed: int = 0,
    lower: bool = False,
) -> PermutationTest:
    """Whether the method finds anything: y is permuted, and the whole cross-validation done again.

    Book: 2.7.  Source: Ojala & Garriga (2010).

    Raises `Mistake` as `cross_validate` does.
    """
    y = matching(x, y)

    def cv(rng: np.random.Generator | None) -> float:
        labels = y if rng is None else rng.permutation(y)
        return cross_validate(fit, x, labels, folds, score, output).mean

    return _test(cv, permutations, seed, -1 if lower else 1)


def permutation_test_of_difference(
    score: Score,
    y: Any,
    ours: np.ndarray,
    theirs: np.ndarray,
    permutations: int = 999,
    seed: int = 0,
    lower: bool = False,
    two_sided: bool = True,
) -> PermutationTest:
    """Whether two models score alike: row by row, at random, their predictions change sides.

    Book: 2.7.

    Raises `Mistake` for lengths that differ, fewer than one permutation, or a negative seed.
    """
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    y, sign = matching(ours, y), -1 if lower else 1
    if ours.shape != theirs.shape:
        raise Mistake("predictions of two models for the same rows", f"{ours.shape} and {theirs.shape}")

    def difference(rng: np.random.Generator | None) -> float:
        swap = np.zeros(len(y), bool) if rng is None else rng.random(len(y)) < 0.5
        swap = swap.reshape(-1, *[1] * (ours.ndim - 1))
        gain = sign * (score(y, np.where(swap, theirs, ours)) - score(y, np.where(swap, ours, theirs)))
        return abs(gain) if two_sided else gain

    return _test(difference, permutations, seed, 1)


def _test(
    statistic: Callable[[np.random.Generator | None], float], permutations: int, seed: int, sign: int
) -> PermutationTest:
    if permutations < 1 or seed < 0:
        raise Mistake("at least 1 permutation and a seed of at least 0", f"{permutations}, seed {seed}", "999 is usual")
    rng = np.random.Generator(np.random.Philox(key=seed))
    permuted = np.array([sign * statistic(rng) for _ in range(permutations)], np.float64)
    return PermutationTest(float(sign * statistic(None)), permuted)
