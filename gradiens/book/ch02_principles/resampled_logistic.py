"""Resampling a logistic regression: the bootstrap of its coefficients, its out-of-bag error, and folds as weightings.

The patients of the diabetes data whose illness progressed more than the median, by their ten first measurements.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from gradiens.classical.classifiers.bootstrap_logistic import BootstrapLogistic, bootstrap_logistic, draw_counts
from gradiens.classical.classifiers.logistic_regression import fit_logistic
from gradiens.classical.classifiers.weighted_logistic import fit_weighted_logistic
from gradiens.data.folds import stratified_k_fold
from gradiens.evaluation.cross_validation import cross_validate
from gradiens.functions.metrics import accuracy

PENALTY = 1e-3


class Resampled(NamedTuple):
    """Coefficients with their intervals, and three estimates of the accuracy on new rows."""

    coefficients: BootstrapLogistic
    seen: float  # on the rows that were fitted: too good
    out_of_bag: float  # of each resample on the rows it did not draw
    by_folds: Float[np.ndarray, " k"]
    by_weights: Float[np.ndarray, " k"]  # the same folds, fitted together as weightings 0 and 1


def resampled(z: Float[np.ndarray, "N D"], y: np.ndarray, k: int, draws: int, seed: int) -> Resampled:
    """All of it for inputs z in standard units and y of 0 and 1."""
    found = bootstrap_logistic(z, y, draws, PENALTY, seed=seed)
    bag = draw_counts(len(y), draws, seed)
    drawn = found.resampled
    right = (drawn[:, :1] + drawn[:, 1:] @ z.T > 0) == y
    folds = stratified_k_fold(y, k, seed)
    one_by_one = cross_validate(lambda x, y: fit_logistic(x, y, 2, PENALTY), z, y, folds, accuracy)
    outside = np.array([np.isin(np.arange(len(y)), test) for _, test in folds])
    together = fit_weighted_logistic(z, y, 1.0 - outside, PENALTY).scores(z) > 0
    by_weights = np.array([np.mean((said == y)[rows]) for said, rows in zip(together, outside, strict=True)])
    seen = accuracy(y, fit_logistic(z, y, 2, PENALTY).predict(z))
    return Resampled(found, seen, float(right[bag == 0].mean()), one_by_one.scores, by_weights)
