"""200 bootstrap refits of a logistic regression on the Wisconsin data, to their optima."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from benchmarks.harness import Measure, Row

RESAMPLES, L2 = 200, 1e-2


def data(quick: bool) -> tuple[np.ndarray, np.ndarray, int]:
    """Thirty columns in standard units, 1 for malignant; the number of resamples."""
    from gradiens.data.sets.breast_cancer import breast_cancer

    frame = breast_cancer().frame
    x = frame.drop("diagnosis").to_numpy()
    return (
        (x - x.mean(0)) / x.std(0),
        (frame["diagnosis"] == "malignant").to_numpy().astype(int),
        20 if quick else RESAMPLES,
    )


def quality(theta: np.ndarray) -> dict[str, float]:
    """Of the coefficients (B, 31), intercept first."""
    low, high = np.quantile(theta, [0.025, 0.975], axis=0)
    widest = int(np.argmax(high - low))
    return {"low": float(low[widest]), "high": float(high[widest]), "last": float(theta[-1, -1]),
            "size": float(np.mean(np.linalg.norm(theta, axis=1)))}  # fmt: skip


def ours(quick: bool) -> Measure:
    """The whole call: the fit to all rows, the draws, the refits, the quantiles. The second call is timed."""
    from gradiens.classical.classifiers.bootstrap_logistic import bootstrap_logistic

    x, y, resamples = data(quick)
    clock, found = [time.perf_counter()], None
    for _ in range(2):
        found = bootstrap_logistic(x, y, resamples, L2)
        clock.append(time.perf_counter())
    assert found is not None
    first, second = np.diff(clock)
    return {"compile": float(first - second), "steady": float(second), "quality": quality(found.resampled)}


def sklearn(quick: bool, solver: str = "lbfgs", **options: Any) -> Measure:
    """A loop over `LogisticRegression` on the rows of each resample, drawn before."""
    from sklearn.linear_model import LogisticRegression

    from gradiens.classical.classifiers.bootstrap_logistic import draw_counts

    x, y, resamples = data(quick)
    rows = [np.repeat(np.arange(len(y)), counts) for counts in draw_counts(len(y), resamples)]
    made: Any = LogisticRegression(C=1 / (len(y) * L2), solver=solver, tol=1e-6, max_iter=1000, **options)
    made.fit(x, y)
    clock = time.perf_counter()
    fits = [(made.fit(x[i], y[i]), float(made.intercept_[0]), made.coef_[0].copy()) for i in rows]
    steady = time.perf_counter() - clock
    theta = np.array([np.append(b, w) for _, b, w in fits])
    return {"steady": steady, "quality": quality(theta)}


def newton(quick: bool) -> Measure:
    return sklearn(quick, "newton-cholesky")


ROW = Row(
    title="200 bootstrap refits of a logistic regression, Wisconsin data 569 × 30, λ = 0.01",
    goal="≥ 10 × scikit-learn's loop",
    sides={"ours": ours, "scikit-learn, lbfgs": sklearn, "scikit-learn, newton-cholesky": newton},
    least_ratio=10.0,
    agree={"low": 1e-4, "high": 1e-4, "last": 1e-4, "size": 1e-4},
    note="`bootstrap_logistic`, all of it: the fit to all rows, the draws, Newton's method for 200 weightings in one `vmap` "
    "started from that fit, the quantiles. The peer's loop fits the same resamples to tol=1e-6; its draws are not timed.",
)
