"""What every metric promises: a number, the same in any order of the rows, best for perfect predictions, one-line errors."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from gradiens.core.catalogue import members
from gradiens.core.check import Mistake

METRICS = {
    name: entry.what
    for name, entry in members("metric").items()
    if inspect.isfunction(entry.what) and inspect.signature(entry.what).return_annotation == "float"
}
each = pytest.mark.parametrize("name", METRICS)
LOSSES = {"log_loss", "brier", "calibration_error", "mse", "rmse", "mae", "pinball"}


def rows(name, seed=0, n=60):
    """Truth, predictions and perfect predictions as the metric takes them: codes, probabilities, or numbers."""
    rng = np.random.default_rng(seed)
    second = list(inspect.signature(METRICS[name]).parameters)[1]
    if name in ("mse", "rmse", "mae", "pinball", "r2"):
        y = rng.normal(size=n)
        return y, y + rng.normal(size=n), y
    y = rng.integers(0, 3, n)
    if second == "y_hat":
        return y, rng.integers(0, 3, n), y
    p = rng.dirichlet(np.ones(3), n)
    return y, p, np.eye(3)[y]


def options(name):
    return {"k": 2} if name == "top_k_accuracy" else {}


def test_the_metrics_are_there():
    assert {"accuracy", "auc", "average_precision", "f1", "log_loss", "matthews", "r2", "specificity"} <= set(METRICS)
    assert len(METRICS) >= 18


@each
def test_a_number_whatever_the_order_of_the_rows(name):
    y, p, _ = rows(name)
    value = METRICS[name](y, p, **options(name))
    assert type(value) is float and np.isfinite(value)
    order = np.random.default_rng(1).permutation(len(y))
    assert METRICS[name](y[order], p[order], **options(name)) == pytest.approx(value, rel=1e-12, abs=1e-15)
    assert METRICS[name](list(y), p.tolist(), **options(name)) == pytest.approx(value, rel=1e-12)


@each
def test_perfect_predictions_are_best(name):
    y, p, perfect = rows(name)
    best, other = (METRICS[name](y, made, **options(name)) for made in (perfect, p))
    assert best == pytest.approx(0.0 if name in LOSSES else 1.0, abs=1e-12)
    assert best < other if name in LOSSES else best > other


@each
def test_weights_count_rows(name):
    if "weights" not in inspect.signature(METRICS[name]).parameters:
        pytest.skip("takes no weights")
    y, p, _ = rows(name)
    w = np.random.default_rng(2).integers(0, 3, len(y))
    often = np.repeat(np.arange(len(y)), w)
    assert METRICS[name](y, p, weights=np.ones(len(y))) == pytest.approx(METRICS[name](y, p), rel=1e-12)
    assert METRICS[name](y, p, weights=w) == pytest.approx(METRICS[name](y[often], p[often]), rel=1e-12)
    assert METRICS[name](y, p, weights=5.0 * w) == pytest.approx(METRICS[name](y, p, weights=w), rel=1e-12)
    with pytest.raises(Mistake):
        METRICS[name](y, p, weights=w[1:])


@each
def test_lengths_that_differ_are_one_line(name):
    y, p, _ = rows(name)
    with pytest.raises(Mistake) as caught:
        METRICS[name](y[1:], p, **options(name))
    assert "\n" not in str(caught.value)
