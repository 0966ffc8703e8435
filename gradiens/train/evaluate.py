"""Outputs of a model over many rows, the metrics of a task, and the paired comparison of two predictors."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np
from jaxtyping import Array

from gradiens.core.check import Failure
from gradiens.core.chunk import room
from gradiens.core.compiler import Compiled
from gradiens.core.cost import cost_of
from gradiens.core.progress import Bar
from gradiens.data.preprocessing import Preprocessing
from gradiens.evaluation import comparison
from gradiens.evaluation.bootstrap import bootstrap_interval
from gradiens.evaluation.comparison import FEW, Effect
from gradiens.functions import metrics
from gradiens.nn.batched import infer

ROWS = 2048  # rows of one compiled evaluation
NUMBERS = 2**21  # and numbers in them: the maps of a network are some twenty times as many as its pictures' pixels
DRAWN = 1e7  # numbers looked at for the interval of one metric; that decides how often it is drawn, 200 to 500 times

Metric = Callable[[np.ndarray, np.ndarray], float]


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


def outputs(
    features: Callable[[Any], Any], link: Callable[[Array], Array], model: Any, x: Any, quiet: bool | None = True
) -> np.ndarray:
    """The predictions for stored rows, in pieces of one size."""
    run, n = _predicted(features, link), len(jax.tree.leaves(x)[0])
    made, done = [], 0
    with Bar("predicting", n, quiet) as bar:
        for kept, rows in _pieces(x, n):
            made.append(np.asarray(run(model, rows))[:kept])
            done += kept
            bar.show(done, {})
    return np.concatenate(made)


def _pieces(arrays: Any, n: int) -> Iterator[tuple[int, Any]]:
    """The n rows in pieces of one size, and how many rows of each count: the last repeats its last row."""
    numbers = sum(int(np.prod(np.shape(leaf)[1:])) for leaf in jax.tree.leaves(arrays))
    size = room(min(n, ROWS, max(NUMBERS // max(numbers, 1), 1)))
    for first in range(0, n, size):
        rows = np.minimum(np.arange(first, first + size), n - 1)
        yield min(size, n - first), jax.tree.map(lambda a, r=rows: np.asarray(a)[r], arrays)


@functools.lru_cache(maxsize=32)  # a later evaluation of the same form compiles nothing
def _evaluated(features: Callable[[Any], Any], loss: Callable[..., Array], link: Callable[[Array], Array]) -> Any:
    def rows(model: Any, x: Any, y: Array) -> tuple[Array, Array]:
        X = jax.vmap(features)(x)
        if getattr(model, "has_cost", False):
            return jax.vmap(lambda x, y: (link(model(x)), cost_of(model, loss, x, y)))(X, y)
        Z = infer(model, X)
        return jax.vmap(link)(Z), jax.vmap(loss)(Z, y)

    return Compiled(rows)


@functools.lru_cache(maxsize=32)
def _predicted(features: Callable[[Any], Any], link: Callable[[Array], Array]) -> Any:
    return Compiled(lambda model, x: jax.vmap(link)(infer(model, jax.vmap(features)(x))))


def score(task: str, y: np.ndarray, prediction: np.ndarray) -> dict[str, float]:
    """The metrics of a task: y codes and probabilities ((N,) of class 1, or (N, K)), or numbers in the target's unit."""
    return {name: float(metric(y, prediction)) for name, metric in _metrics(task, y, prediction).items()}


def intervals(
    task: str, y: np.ndarray, prediction: np.ndarray, seed: int, level: float = 0.95
) -> dict[str, list[float]]:
    """For each metric the ends of its bootstrap interval over the test rows, for accuracy Wilson's, which is right also
    where no row is wrong. None for fewer than `FEW` rows, for a metric that some draw has no value of (an AUC without one
    of the classes), and where all draws agree: then they know nothing.

    It says how far the score of this model would move with other test rows, and nothing of other training rows.
    """
    found: dict[str, list[float]] = {}
    draws = int(np.clip(DRAWN / prediction.size, 200, 500))
    for name, metric in _metrics(task, y, prediction).items() if len(y) >= FEW else ():
        with contextlib.suppress(Failure):
            told = bootstrap_interval(metric, y, prediction, level=level, draws=draws, seed=seed, method="percentile")
            found |= {name: [told.low, told.high]} if told.low < told.high else {}
    if len(y) >= FEW and task != "number":
        found["accuracy"] = _wilson(int(np.sum(decide(task, prediction) == y)), len(y), level)
    return found


def _wilson(hits: int, n: int, level: float) -> list[float]:
    from scipy.stats import binomtest

    return list(map(float, binomtest(hits, n).proportion_ci(level, method="wilson")))


def _metrics(task: str, y: np.ndarray, prediction: np.ndarray) -> dict[str, Metric]:
    """The metrics that y has a value of, by name: with one class only there is no AUC, without variance no R²."""
    if task == "number":
        names = ("rmse", "mae", "r2") if np.ptp(y) > 0 else ("rmse", "mae")
        return {name: getattr(metrics, name) for name in names}
    decided = {name: _of_decision(task, getattr(metrics, name)) for name in ("accuracy", "balanced_accuracy", "f1")}
    present = len(np.unique(y))
    whole = present == (2 if task == "binary" else prediction.shape[1])
    return {**decided, "log_loss": metrics.log_loss, **({"auc": metrics.auc} if whole else {})}


def _of_decision(task: str, metric: Metric) -> Metric:
    return lambda y, prediction: metric(y, decide(task, prediction))


def decide(task: str, prediction: np.ndarray) -> np.ndarray:
    """The predicted class codes: the most probable class."""
    return np.argmax(prediction, axis=1) if task == "classes" else (prediction >= 0.5).astype(np.int32)


def headline(task: str) -> str:
    """The metric that a task is told by."""
    return "rmse" if task == "number" else "accuracy"


def compare(task: str, y: np.ndarray, ours: np.ndarray, theirs: np.ndarray, seed: int) -> dict[str, Any]:
    """How much better ours predicts than theirs on the same rows, with a paired bootstrap interval of 95 %.

    The difference is accuracy(ours) - accuracy(theirs), or rmse(theirs) - rmse(ours): positive is better for us.
    """
    if len(y) < 2:
        effect = Effect(_gain(task, y, ours, theirs), -np.inf, np.inf, 0.95, np.nan, len(y))
    elif task == "number":
        effect = comparison.compare(metrics.rmse, y, ours, theirs, lower=True, seed=seed)
    else:
        effect = comparison.compare_rows(decide(task, ours) == y, decide(task, theirs) == y, seed=seed)
    return told(headline(task), effect)


def _gain(task: str, y: np.ndarray, ours: np.ndarray, theirs: np.ndarray) -> float:
    name = headline(task)
    sign = -1 if task == "number" else 1
    return sign * (score(task, y, ours)[name] - score(task, y, theirs)[name])


def told(metric: str, effect: Effect) -> dict[str, Any]:
    """An effect as a run keeps it; of fewer than `FEW` rows, which give no verdict, without an interval."""
    ends = [effect.low, effect.high] if effect.rows >= FEW else None
    return {
        "metric": metric, "difference": effect.difference, "interval": ends, "level": effect.level,
        "verdict": effect.verdict,
    }  # fmt: skip
