"""Outputs of a model over many rows, the metrics of a task, and the paired comparison of two predictors."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np
from jaxtyping import Array

from gradiens.core.chunk import room
from gradiens.core.cost import cost_of
from gradiens.data.preprocessing import Preprocessing
from gradiens.functions import metrics

ROWS = 2048  # rows of one compiled evaluation
FEW = 10  # test rows below which no verdict is given


class Evaluator:
    """Predictions and mean cost over all rows of a part, in pieces of one size: one compilation."""

    def __init__(self, preprocessing: Preprocessing, loss: Callable[..., Array], link: Callable[[Array], Array]):
        self.piece = _evaluated(preprocessing.features, loss, link)

    def __call__(self, model: Any, x: Any, y: np.ndarray) -> tuple[np.ndarray, float]:
        """`(predictions, mean cost)`."""
        predictions, losses = [], []
        for kept, rows in _pieces((x, y), len(y)):
            out = self.piece(model, *rows)
            predictions.append(np.asarray(out[0])[:kept])
            losses.append(np.asarray(out[1], np.float64)[:kept])
        return np.concatenate(predictions), float(np.mean(np.concatenate(losses)))


def outputs(features: Callable[[Any], Any], link: Callable[[Array], Array], model: Any, x: Any) -> np.ndarray:
    """The predictions for stored rows, in pieces of one size."""
    run, n = _predicted(features, link), len(jax.tree.leaves(x)[0])
    return np.concatenate([np.asarray(run(model, rows))[:kept] for kept, rows in _pieces(x, n)])


def _pieces(arrays: Any, n: int) -> Iterator[tuple[int, Any]]:
    """The n rows in pieces of one size, and how many rows of each count: the last repeats its last row."""
    size = room(min(n, ROWS))
    for first in range(0, n, size):
        rows = np.minimum(np.arange(first, first + size), n - 1)
        yield min(size, n - first), jax.tree.map(lambda a, r=rows: np.asarray(a)[r], arrays)


@functools.lru_cache(maxsize=32)  # a later evaluation of the same form compiles nothing
def _evaluated(features: Callable[[Any], Any], loss: Callable[..., Array], link: Callable[[Array], Array]) -> Any:
    def one(model: Any, x: Any, y: Array) -> tuple[Array, Array]:
        x = features(x)
        return link(model(x)), cost_of(model, loss, x, y)

    return jax.jit(jax.vmap(one, in_axes=(None, 0, 0)))


@functools.lru_cache(maxsize=32)
def _predicted(features: Callable[[Any], Any], link: Callable[[Array], Array]) -> Any:
    return jax.jit(jax.vmap(lambda model, row: link(model(features(row))), in_axes=(None, 0)))


def score(task: str, y: np.ndarray, prediction: np.ndarray) -> dict[str, float]:
    """The metrics of a task: y codes and probabilities ((N,) of class 1, or (N, K)), or numbers in the target's unit."""
    if task == "number":
        names = ("rmse", "mae", "r2") if np.ptp(y) > 0 else ("rmse", "mae")  # no variance to explain: no R²
        return {name: float(getattr(metrics, name)(y, prediction)) for name in names}
    label = decide(task, prediction)
    scores = {
        "accuracy": metrics.accuracy(y, label),
        "balanced_accuracy": metrics.balanced_accuracy(y, label),
        "f1": metrics.f1(y, label),
        "log_loss": metrics.log_loss(y, prediction),
    }
    present = len(np.unique(y))
    if present == (2 if task == "binary" else prediction.shape[1]):
        scores["auc"] = metrics.auc(y, prediction)
    return {name: float(value) for name, value in scores.items()}


def decide(task: str, prediction: np.ndarray) -> np.ndarray:
    """The predicted class codes: the most probable class."""
    return np.argmax(prediction, axis=1) if task == "classes" else (prediction >= 0.5).astype(np.int32)


def headline(task: str) -> str:
    """The metric that a task is told by."""
    return "rmse" if task == "number" else "accuracy"


def compare(
    task: str, y: np.ndarray, ours: np.ndarray, theirs: np.ndarray, seed: int, level: float = 0.95, draws: int = 2000
) -> dict[str, Any]:
    """How much better ours predicts than theirs on the same rows, with a paired bootstrap interval.

    The difference is accuracy(ours) - accuracy(theirs), or rmse(theirs) - rmse(ours): positive is better for us.
    """
    if task == "number":
        a, b = (theirs - y) ** 2, (ours - y) ** 2
        gain = lambda w: np.sqrt(w @ a) - np.sqrt(w @ b)  # noqa: E731
    else:
        d = (decide(task, ours) == y).astype(np.float64) - (decide(task, theirs) == y)
        gain = lambda w: w @ d  # noqa: E731
    n, rng = len(y), np.random.default_rng(seed)
    drawn = np.sort([gain(rng.multinomial(n, np.full(n, 1 / n)) / n) for _ in range(draws)])
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    difference = float(gain(np.ones(n)) / n) if task != "number" else float(gain(np.full(n, 1 / n)))
    verdict = "beats" if low > 0 else "does not beat" if high < 0 else "cannot be told from"
    if n < FEW:  # resampling so few rows tells nothing of how others would differ
        verdict = "cannot be told from"
    return {
        "metric": headline(task),
        "difference": difference,
        "interval": [float(low), float(high)],
        "level": level,
        "verdict": verdict,
    }
