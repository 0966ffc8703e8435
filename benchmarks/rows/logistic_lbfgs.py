"""Logistic regression on Adult by L-BFGS, to a gradient of 1e-6."""

from __future__ import annotations

from benchmarks import adult
from benchmarks.harness import Measure, Row


def ours(quick: bool) -> Measure:
    return adult.ours("lbfgs", quick)


def peer(quick: bool) -> Measure:
    return adult.sklearn("lbfgs", quick)


ROW = Row(
    title="logistic regression on Adult, 32,561 × 200, by L-BFGS to a gradient of 1e-6",
    goal="≥ 1 × scikit-learn's lbfgs",
    sides={"ours": ours, "scikit-learn": peer},
    least_ratio=1.0,
    agree={"cost": 1e-8},
    note="`minimize` on Xᵀ, 20 steps remembered (scikit-learn: 10); a second call, compiled programs kept. Float64.",
)
