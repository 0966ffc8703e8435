"""Learning curves, the score against the number of training rows, and validation curves, the score against a setting.

A gap between the two lines of a learning curve that more rows would close is variance; two lines that meet at a bad
score are bias. A validation curve shows where a setting goes from underfitting to overfitting.

Book: 2.7.  Source: Cortes et al. (1993) for learning curves.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake
from gradiens.data.folds import Fold, check_folds
from gradiens.evaluation.cross_validation import cross_validate
from gradiens.evaluation.fitting import Fit, Output, Score, matching, predicted


@dataclasses.dataclass(frozen=True)
class Curve:
    """Scores on training and on test rows, for each place on the axis (row counts, or values of a setting) and fold."""

    at: np.ndarray
    train: Float[np.ndarray, "P k"]
    test: Float[np.ndarray, "P k"]

    @property
    def standard_error(self) -> Float[np.ndarray, " P"]:
        """sd / √k of the test scores."""
        return np.std(self.test, axis=1, ddof=1) / np.sqrt(self.test.shape[1])


def learning_curve(
    fit: Fit,
    x: Any,
    y: Any,
    folds: Sequence[Fold],
    score: Score,
    sizes: ArrayLike = (0.1, 0.325, 0.55, 0.775, 1.0),
    output: Output = predicted,
    seed: int = 0,
) -> Curve:
    """Learn from the first n of each fold's training rows in random order, for every n; test rows stay the same.

    `sizes` are row counts, or shares (0, 1] of the smallest training part. Smaller sets lie in larger ones.

    Book: 2.7.

    Raises `Mistake` for sizes below 1 row or above the smallest training part, and as `cross_validate` does.
    """
    y = matching(x, y)
    folds = check_folds(folds, len(y))
    counts = _counts(np.asarray(sizes), min(len(train) for train, _ in folds))
    rng = np.random.Generator(np.random.Philox(key=seed))
    mixed = [(rng.permutation(train), test) for train, test in folds]
    found = [cross_validate(fit, x, y, [(a[:n], b) for a, b in mixed], score, output) for n in counts]
    return Curve(counts, np.array([v.train_scores for v in found]), np.array([v.scores for v in found]))


def validation_curve(
    make: Callable[[Any], Fit],
    values: ArrayLike,
    x: Any,
    y: Any,
    folds: Sequence[Fold],
    score: Score,
    output: Output = predicted,
) -> Curve:
    """The scores of `make(value)` for every value of a setting.

    Book: 2.7.

    Raises `Mistake` as `cross_validate` does.
    """
    found = [cross_validate(make(value), x, y, folds, score, output) for value in np.asarray(values).tolist()]
    if not found:
        raise Mistake("at least one value", "none")
    train, test = np.array([v.train_scores for v in found]), np.array([v.scores for v in found])
    return Curve(np.asarray(values), train, test)


def _counts(sizes: np.ndarray, most: int) -> np.ndarray:
    shares = np.issubdtype(sizes.dtype, np.floating)
    counts = np.unique((sizes * most).astype(np.int64) if shares else sizes.astype(np.int64))
    if not len(counts) or counts[0] < 1 or counts[-1] > most:
        raise Mistake(f"sizes from 1 to {most} training rows, or shares in (0, 1]", sizes.tolist())
    return counts
