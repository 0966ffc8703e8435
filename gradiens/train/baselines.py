"""What every network is measured against: a constant, and a linear model fitted to its optimum, on the same rows."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from gradiens.core.progress import working
from gradiens.data.prepare import Prepared
from gradiens.train.evaluate import compare, headline, score

PENALTY = 1e-4  # on the logistic baseline: separable data have no estimate without one


def baselines(prepared: Prepared) -> dict[str, np.ndarray]:
    """Predictions on the test rows by name, as `evaluate.score` takes them; the strongest-to-beat comes last."""
    train, test, task = prepared.train, prepared.test, prepared.task
    if task == "number":
        from gradiens.classical.linear.least_squares import fit_linear

        fit = fit_linear(_matrix(train.x, prepared), train.y.astype(np.float64))
        linear = fit.predict(_matrix(test.x, prepared))
        decode = prepared.preprocessing.decode_target
        return {"mean": decode(np.zeros(len(test.y))), "linear": decode(linear)}
    from gradiens.classical.classifiers.logistic_regression import fit_logistic

    classes = len(prepared.classes)
    share = np.bincount(train.y, minlength=classes) / len(train.y)
    majority = np.tile(share, (len(test.y), 1))
    fit = fit_logistic(_matrix(train.x, prepared), train.y, classes, l2=PENALTY, tolerance=1e-5)
    logistic = fit.predict_proba(_matrix(test.x, prepared))
    if task == "binary":
        return {"majority": majority[:, 1], "logistic": logistic[:, 1]}
    return {"majority": majority, "logistic": logistic}


def _matrix(x: Any, prepared: Prepared) -> np.ndarray:
    """The features as a matrix; codes of embedded columns as indicators."""
    if hasattr(x, "codes"):
        blocks = [np.eye(n, dtype=np.float32)[x.codes[:, j]] for j, n in enumerate(prepared.preprocessing.levels)]
        return np.concatenate([x.numbers, *blocks], axis=1)
    if x.dtype != np.uint8:
        return x
    features = prepared.preprocessing.features
    return np.asarray(jax.jit(jax.vmap(lambda image: features(image).reshape(-1)))(x))


def judge(prepared: Prepared, y: np.ndarray, prediction: np.ndarray, seed: int) -> dict[str, Any]:
    """The scores of the baselines, and the comparison of the model with the better of them."""
    with working("fitting the baselines"):
        task, found = prepared.task, baselines(prepared)
    scores = {name: score(task, y, theirs) for name, theirs in found.items()}
    metric = headline(task)
    sign = -1 if task == "number" else 1
    best = max(found, key=lambda name: sign * scores[name][metric])
    return {"baselines": scores, "comparison": {"baseline": best, **compare(task, y, prediction, found[best], seed)}}
