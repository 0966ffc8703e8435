"""Figures of what goes on inside of a network while it trains: a statistic a chart, over the layers, early, halfway, last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradiens.report.figure import Figure, Series
from gradiens.report.text import number
from gradiens.train.layer_statistics import LayerStatistics

_SAYS = {
    "rms": ("Size of the layers' outputs", "root mean square", True),
    "mean": ("Mean of the layers' outputs", "mean", False),
    "gradient": ("Gradient of the cost in each layer's parameters", "‖g‖", True),
    "update": ("Step of each layer's parameters", "‖Δ‖ / ‖θ‖", True),
    "dead": ("Units that are 0 for every example", "share of the layer's units", False),
    "saturated": ("Outputs where the activation is flat", "share of the layer's outputs", False),
}


def layer_figures(names: Sequence[str], at: Sequence[int], found: Sequence[LayerStatistics]) -> tuple[Figure, ...]:
    """The charts of the statistics `found` after `at` steps; a statistic that is nowhere known, or 0 everywhere, has none."""
    shown = sorted({0, len(found) // 2, len(found) - 1}) if found else []
    figures = []
    for key, (title, what, log) in _SAYS.items():
        rows = np.array([np.asarray(getattr(found[i], key), np.float64) for i in shown])
        if rows.size and np.isfinite(rows).any() and np.nanmax(np.abs(rows)) > 0:
            figures.append(_figure(title, what, log, names, [at[i] for i in shown], rows))
    return tuple(figures)


def _figure(title: str, what: str, log: bool, names: Sequence[str], at: Sequence[int], rows: np.ndarray) -> Figure:
    known = np.asarray(np.isfinite(rows).any(axis=0))
    layers = [name for name, kept in zip(names, known, strict=True) if kept]
    rows = np.where(rows > 0, rows, np.nan)[:, known] if log else rows[:, known]
    lines = [Series("line", layers, row, label=f"step {step:,}") for step, row in zip(at, rows, strict=True)]
    low, high = np.nanmin(rows[-1]), np.nanmax(rows[-1])
    says = f"{title}, by layer: at step {at[-1]:,} from {number(low)} to {number(high)}."
    return Figure(title, lines, "layer", what, log_y=log, summary=says)
