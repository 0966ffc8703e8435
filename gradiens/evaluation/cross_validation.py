"""Cross-validation: learn from all folds but one, judge on that one, k times; and nested, when something is selected.

    CV = 1/k Σᵢ score(yᵢ, f₋ᵢ(xᵢ))        s.e. = sd(the k scores) / √k

CV estimates how the *method* does when it learns from (k-1)/k of the rows, not how one fitted model does. The standard
error is a guide: training rows are shared between folds, and no unbiased estimate of the variance exists.

Book: 2.7.  Source: Stone (1974); Bengio & Grandvalet (2004); Varma & Simon (2006) for nesting.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake
from gradiens.data.folds import Fold, check_folds
from gradiens.evaluation.fitting import Fit, Output, Score, matching, predicted, scored


@dataclasses.dataclass(frozen=True)
class Validation:
    """The score on each test fold and on the rows it learnt from, the models, and the folds."""

    scores: Float[np.ndarray, " k"]
    train_scores: Float[np.ndarray, " k"]
    models: Sequence[Any]
    folds: Sequence[Fold]
    outputs: Sequence[np.ndarray]  # predictions for the test rows of each fold

    @property
    def mean(self) -> float:
        """The mean of the scores."""
        return float(np.mean(self.scores))

    @property
    def standard_error(self) -> float:
        """sd / √k; NaN for one fold."""
        return standard_error(self.scores)

    def out_of_fold(self) -> np.ndarray:
        """For each row the prediction of the model that has not seen it; the folds have to test every row once.

        Raises `Mistake` when they do not.
        """
        rows = np.concatenate([test for _, test in self.folds])
        if not np.array_equal(np.sort(rows), np.arange(len(rows))):
            raise Mistake("folds that test every row once", "others", "k_fold makes such folds, time_folds does not")
        return np.concatenate(list(self.outputs))[np.argsort(rows)]

    def __str__(self) -> str:
        return f"{self.mean:.4g} ± {self.standard_error:.2g} ({len(self.scores)} folds)"


def standard_error(scores: Float[np.ndarray, " k"]) -> float:
    """sd / √k with k-1 in the variance; NaN for one score."""
    return float(np.std(scores, ddof=1) / np.sqrt(len(scores))) if len(scores) > 1 else float("nan")


def cross_validate(
    fit: Fit, x: Any, y: Any, folds: Sequence[Fold], score: Score, output: Output = predicted
) -> Validation:
    """Fit on the training rows of every fold, score on its test rows.

    `x` is anything with rows: an array, a data frame. `fit` sees the training rows alone, so what it learns before
    the model, it learns from them. `output` is what the score is given: `predicted` or `probabilities`.

    Book: 2.7, 3.6.

    Raises `Mistake` for folds that share rows between their sides, and for a score that is not finite.
    """
    y = matching(x, y)
    folds = check_folds(folds, len(y))
    models, outputs, scores, seen = [], [], [], []
    for i, (train, test) in enumerate(folds):
        model = fit(x[train], y[train])
        made = output(model, x[test])
        models.append(model)
        outputs.append(made)
        scores.append(scored(score, y[test], made, f"in fold {i}"))
        seen.append(scored(score, y[train], output(model, x[train]), f"on the training rows of fold {i}"))
    return Validation(np.array(scores), np.array(seen), models, folds, outputs)


def nested(
    search: Callable[[Any, np.ndarray], Any],
    x: Any,
    y: Any,
    folds: Sequence[Fold],
    score: Score,
    output: Output = predicted,
) -> Validation:
    """Cross-validation of a method that selects: `search(x, y) -> Selection` runs on the training rows of each fold.

    The model of a fold is its selection, refitted on all training rows of the fold. The best score of a selection
    itself is too good to be true, the more so the more it tried; this one is not.

    Book: 2.7.  Source: Varma & Simon (2006).

    Raises `Mistake` as `cross_validate` does.
    """
    return cross_validate(
        lambda inside, labels: search(inside, labels).refit(inside, labels), x, y, folds, score, output
    )
