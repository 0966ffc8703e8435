"""Revisiting Logistic Regression.

The cross-entropy of logistic regression is smooth and convex: every sound method comes to the same minimum, and what differs is
how long it takes. Newton's step is that of weighted least squares, and a handful of them suffice; BFGS needs some tens of
iterations, gradient descent with step 1/L a thousand where the features are correlated. RMSprop and ADAM come to rest at the
minimum only because their rate decays.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
from jaxtyping import Array

from gradiens.book.ch04_optimization.solvers import (
    FIRST,
    SECOND,
    Walk,
    algorithms,
    iterations_to,
    timed,
    together,
    weighted_least_squares,
)
from gradiens.classical.classifiers.logistic_regression import fit_logistic
from gradiens.core.module import Module, knob
from gradiens.optim.problems.logistic import COLUMNS, LogisticProblem
from gradiens.report.figure import Figure, Series

MODELS = {"2 features": ("mean_area", "mean_texture"), "10 features": COLUMNS}
STATED = {"2 features": 0.253932, "10 features": 0.140008}
SOLVERS = (*SECOND, *FIRST)
GAP = 1e-6


class Config(Module):
    """The iterations and the rates of the methods of first order."""

    steps: int = knob(5000, 100, 100_000, says="iterations of the methods of first order")
    rate: float = knob(0.3, 1e-4, 10.0, "log", says="first rate of RMSprop and ADAM")
    decay: float = knob(0.998, 0.9, 1.0, says="factor of their rate from step to step")
    memory: float = knob(0.9, 0.0, 0.999, says="memory b of momentum, whose step size is 1/(L (1-b))")


class Record(NamedTuple):
    """By model: the walks of the solvers, and the minimum by another program."""

    walks: dict[str, dict[str, Walk]]
    least: dict[str, float]


def run(config: Config, key: Array) -> Record:
    """Every solver on both models. Nothing here is random."""
    walks, least = {}, {}
    for (model, columns), solve in zip(MODELS.items(), (together, timed), strict=True):
        problem = LogisticProblem(columns)
        solvers = algorithms(problem, config.steps, config.rate, config.decay, config.memory)
        walks[model] = solve(problem, solvers, config.steps)
        least[model] = fit_logistic(problem.X[1:].T, (problem.s > 0).astype(int), 2, tolerance=1e-13).cross_entropy
    return Record(walks, least)


def values(config: Config, record: Record) -> dict[str, float]:
    """The minima, iterations to a gap of 1e-6, and microseconds for one iteration on this machine."""
    found = {f"{model}: least CE": float(record.least[model]) for model in MODELS}
    for model in MODELS:
        for name in SOLVERS:
            found[f"{model}, {name}: iterations"] = iterations_to(
                record.walks[model][name].value, record.least[model], GAP
            )
    times = {name: 1e6 * float(record.walks["10 features"][name].seconds) for name in SOLVERS}
    return found | {f"10 features, {name}: microseconds an iteration": time for name, time in times.items()}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The gap against iterations for both models, and for the larger one against time."""
    by_iteration = [_figure(record, model, "iteration") for model in MODELS]
    return (*by_iteration, _figure(record, "10 features", "time"))


def _figure(record: Record, model: str, by: str) -> Figure:
    lines = []
    for name in SOLVERS:
        walk = record.walks[model][name]
        gap = np.asarray(walk.value)[1:] - float(record.least[model])
        x = np.arange(1, len(gap) + 1) * (1.0 if by == "iteration" else 1e3 * float(walk.seconds))
        kept = gap > 1e-13
        lines.append(Series("line", x[kept], gap[kept], label=name))
    axis = "iteration" if by == "iteration" else "milliseconds"
    return Figure(f"Wisconsin data, {model}, by {by}", lines, axis, "CE - least CE", log_x=True, log_y=True)


def claim_all_solvers_reach_the_minimum(config: Config, record: Record) -> bool:
    """Claim 1: deterministic solvers, and ADAM and RMSprop with a decaying rate, reach CE 0.253932 and 0.140008 within
    1e-6."""
    ends = ((float(record.walks[model][name].value[-1]), STATED[model]) for model in MODELS for name in SOLVERS)
    return all(abs(end - stated) <= 1e-6 for end, stated in ends)


def claim_curvature_saves_iterations(config: Config, record: Record) -> bool:
    """Claim 2: iterations to a gap of 1e-6: Newton (≤ 12) < BFGS < gradient descent at 1/L."""
    for model in MODELS:
        walks = record.walks[model]
        least = float(record.least[model])
        newton, bfgs, descent = (
            iterations_to(walks[n].value, least, GAP) for n in ("Newton", "BFGS", "gradient descent")
        )
        if not (newton <= 12 and newton < bfgs < descent):
            return False
    return True


def claim_newton_is_weighted_least_squares(config: Config, record: Record) -> bool:
    """Claim 3: the Newton step equals the weighted least-squares step."""
    for model, columns in MODELS.items():
        problem, path = LogisticProblem(columns), np.asarray(record.walks[model]["Newton"].theta)
        y = (problem.s > 0).astype(float)
        for now, after in itertools.pairwise(path):
            if not np.allclose(after, weighted_least_squares(problem.X, y, now), rtol=1e-9, atol=1e-9):
                return False
    return True
