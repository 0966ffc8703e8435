"""What an evaluation is given: a method, how its model is asked for predictions, and a score of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradiens.core.check import Mistake

Fit = Callable[[Any, np.ndarray], Any]  # (x, y) -> a model
Output = Callable[[Any, Any], np.ndarray]  # (model, x) -> predictions, one for each row
Score = Callable[[np.ndarray, np.ndarray], float]  # (y, predictions) -> a number, as in gradiens.functions.metrics


def predicted(model: Any, x: Any) -> np.ndarray:
    """`model.predict(x)`: the output that is scored when no other is asked for."""
    return model.predict(x)


def probabilities(model: Any, x: Any) -> np.ndarray:
    """`model.predict_proba(x)`, for log loss, AUC and Brier score."""
    return model.predict_proba(x)


def matching(x: Any, y: Any) -> np.ndarray:
    """y as an array, if it has one entry for each row of x.

    Raises `Mistake` otherwise.
    """
    y = np.asarray(y)
    if not y.ndim or len(x) != len(y) or not len(y):
        raise Mistake("x and y with the same number of rows, at least one", f"{len(x)} and {y.shape}")
    return y


def scored(score: Score, y: np.ndarray, made: np.ndarray, where: str) -> float:
    """The score of the predictions `made` for y.

    Raises `Mistake` when it is not a finite number.
    """
    value = float(score(y, made))
    if not np.isfinite(value):
        raise Mistake(f"a finite score {where}", value, "look at the predictions there")
    return value
