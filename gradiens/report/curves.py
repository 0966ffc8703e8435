"""Learning curves: the losses, and the validation metric with the baselines' test scores beside it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradiens.report.figure import Figure, Series
from gradiens.report.run_report import RunReport
from gradiens.report.text import metric_name, number


def column(run: RunReport, key: str) -> np.ndarray:
    """One quantity of the history; NaN where it was not recorded."""
    found = (row.get(key) for row in run.history)
    return np.array([np.nan if value is None else value for value in found], np.float64)


def learning_curves(run: RunReport) -> Iterator[Figure]:
    """The figures that the history has numbers for."""
    if not run.history:
        return
    step = column(run, "step")
    if np.isnan(step).all():
        step = np.arange(len(run.history), dtype=np.float64)
    losses = {"training": column(run, "train_loss"), "validation": column(run, "val_loss")}
    losses = {name: y for name, y in losses.items() if np.isfinite(y).any()}
    if losses:
        yield _losses(run, step, losses)
    for key in dict.fromkeys(k for row in run.history for k in row):
        y = column(run, key) if key.startswith("val_") and key != "val_loss" else np.array([])
        if np.isfinite(y).any():
            yield _metric(run, step, key.removeprefix("val_"), y)


def _losses(run: RunReport, step: np.ndarray, losses: dict[str, np.ndarray]) -> Figure:
    every = np.concatenate(list(losses.values()))
    every = every[np.isfinite(every)]
    log = bool(every.min() > 0 and every.max() / every.min() > 20)
    lines = [Series("line", step, y, label=name) for name, y in losses.items()]
    guide = _best(run, every.min(), every.max())
    says = " ".join(f"The {name} loss {_course(step, y)}." for name, y in losses.items())
    says += f" The weights of step {number(run.best_step)} were kept." if run.best_step is not None else ""
    return Figure("Loss", [*lines, *guide], "step", "loss", log_y=log, summary=says)


def _course(step: np.ndarray, y: np.ndarray) -> str:
    seen = np.flatnonzero(np.isfinite(y))
    low = seen[np.argmin(y[seen])]
    ends = f"goes from {number(y[seen[0]], 3)} to {number(y[seen[-1]], 3)}"
    return f"{ends}, lowest {number(y[low], 3)} at step {number(step[low])}"


def _best(run: RunReport, low: float, high: float) -> list[Series]:
    if run.best_step is None:
        return []
    return [Series("line", [run.best_step, run.best_step], [low, high], label="step kept", guide=True)]


def _metric(run: RunReport, step: np.ndarray, name: str, y: np.ndarray) -> Figure:
    lines = [Series("line", step, y, label="validation", colour=1)]
    says = f"The validation {metric_name(name)} {_ends(y)}."
    for place, (rival, metrics) in enumerate(run.baselines.items()):
        score = metrics.get(name)
        if score is not None and np.isfinite(score):
            level = np.full(2, score)
            ends = [np.nanmin(step), np.nanmax(step)]
            lines.append(Series("line", ends, level, label=f"{rival}, test", colour=3 + place, guide=True))
            says += f" The {rival} baseline has {number(score)} on the test rows."
    return Figure(f"Validation {metric_name(name)}", lines, "step", metric_name(name), summary=says)


def _ends(y: np.ndarray) -> str:
    y = y[np.isfinite(y)]
    return f"goes from {number(y[0])} to {number(y[-1])}"


def size_curve(run: RunReport) -> Iterator[Figure]:
    """The score against the number of training rows, if the run has fits on parts of them."""
    points = run.learning_curve
    if len(points) < 2:
        return
    rows = np.array([point["rows"] for point in points], np.float64)
    metric = metric_name(points[0]["metric"])
    train, test = (np.array([point[part] for point in points], np.float64) for part in ("train", "test"))
    ends = np.array([point.get("interval") or [np.nan, np.nan] for point in points], np.float64)
    lines = [Series("band", rows, ends[:, 0], ends[:, 1], label="95 % interval, test", colour=1)]
    lines += [
        Series("line", rows, train, label="training rows", colour=0),
        Series("line", rows, test, label="test", colour=1),
    ]
    for place, name in enumerate(points[-1]["baselines"]):
        level = np.array([point["baselines"].get(name, np.nan) for point in points], np.float64)
        lines.append(Series("line", rows, level, label=f"{name}, test", colour=3 + place, guide=True))
    says = f"From {number(rows[0])} to {number(rows[-1])} training rows the test {metric} {_ends(test)}, that on the "
    says += f"training rows {_ends(train)}; the gap between them goes from {number(abs(train - test)[0], 2)} to "
    says += f"{number(abs(train - test)[-1], 2)}. A gap that still closes is variance, which more rows cure."
    yield Figure(
        f"{metric[:1].upper()}{metric[1:]} and training rows", lines, "training rows", metric, log_x=True, summary=says
    )
