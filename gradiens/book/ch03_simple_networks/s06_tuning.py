"""Model Tuning for Simple Neural Networks.

Softmax regression learns the small digits by stochastic gradient descent, and three settings decide how well within ten
epochs: the step size, the rows of a minibatch, the penalty. A grid of eighteen settings is judged by five-fold
cross-validation, all settings and folds descending side by side in one program, and as many settings drawn at random
stand beside it; a range test, in which the step size grows until the loss turns, says beforehand which steps are worth
trying. One setting is chosen, refitted on all rows but a fifth, and tested on that fifth, once. The test
rows have no say: shuffle their labels, and the same setting is chosen. A threshold is a setting too: with its F1, recall
and specificity it is chosen by what a mistake costs, not by habit at one half.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch03_simple_networks.digit_search import Search, search, tested_rates
from gradiens.book.ch03_simple_networks.wisconsin import wisconsin
from gradiens.classical.classifiers.logistic_regression import fit_logistic
from gradiens.classical.features.standardised import Standardised
from gradiens.core.module import Module, knob
from gradiens.data.sets.digits import digits
from gradiens.data.split import split
from gradiens.evaluation.selection import choose, grid, random_settings
from gradiens.functions.two_classes import Counts, choose_threshold, counts_at
from gradiens.optim.range_test import RangeTest
from gradiens.report.figure import Figure, Series

BATCHES = (128, 16)
RATES = (0.01, 0.1, 1.0)
PENALTIES = (1e-2, 1e-3, 0.0)
# From the simplest on: the larger the penalty, the smaller the steps and the fewer of them, the closer to zero it ends.
GRID = grid(l2=PENALTIES, rate=RATES, batch=BATCHES)
RANGES = {"rate": knob(0.1, 0.01, 1.0, "log").metadata["knob"], "l2": knob(1e-3, 1e-5, 1e-1, "log").metadata["knob"]}
MEASURES = ("f1", "recall", "specificity", "precision", "accuracy")


class Config(Module):
    """The search."""

    seeds: int = knob(5, 1, 50, says="searches, each with its own test part, folds and order of the rows")
    folds: int = knob(5, 2, 20, says="folds of the cross-validation")
    epochs: int = knob(10, 1, 200, says="passes over the training rows")
    thresholds: int = knob(201, 11, 2001, says="thresholds at which the measures of 3.1 are drawn")


class Record(NamedTuple):
    """The searches by seed, the first again, with shuffled test labels, and at random; the range test; the thresholds."""

    searches: tuple[Search, ...]
    again: Search
    shuffled: Search
    random: Search
    random_settings: Float[np.ndarray, "R 3"]  # rate, batch, penalty
    rates: RangeTest  # minibatches of the smaller size
    tried: Float[np.ndarray, " T"]
    counts: Counts  # of the logistic regression of 3.1 at each threshold
    best: float  # the threshold of largest F1


def run(config: Config, key: Array) -> Record:
    """Search the grid for each seed, once more for the first, and once with the labels of its test rows shuffled."""
    data = digits()
    x = (data.pixels.reshape(len(data.pixels), -1) / data.maximum).astype(np.float32)
    y = data.labels.astype(np.int32)
    seeds = np.asarray(jax.random.randint(key, (config.seeds,), 0, 2**31 - 1)).tolist()
    parts = [split(y, "classes", seed, (0.8, 0.0, 0.2))[::2] for seed in seeds]
    look = lambda y, settings, i: search(x, y, parts[i], settings, config.folds, config.epochs, seeds[i])  # noqa: E731
    labels, test = y.copy(), parts[0][1]
    labels[test] = np.random.default_rng(seeds[0]).permutation(labels[test])
    drawn = [{**one, "batch": b} for b in BATCHES for one in random_settings(RANGES, len(GRID) // 2, seeds[0] + b)]
    tried, counts, best = _thresholds(config)
    return Record(
        tuple(look(y, GRID, i) for i in range(config.seeds)),
        again=look(y, GRID, 0),
        shuffled=look(labels, GRID, 0),
        random=look(y, drawn, 0),
        random_settings=np.array([(one["rate"], one["batch"], one["l2"]) for one in drawn]),
        rates=tested_rates(x, y, parts[0][0], min(BATCHES), seeds[0]),
        tried=tried,
        counts=counts,
        best=best,
    )


def _thresholds(config: Config) -> tuple[np.ndarray, Counts, float]:
    """Thresholds, the counts of the second model of 3.1 (mean area and texture, all 569 rows) at each, the best by F1."""
    x, y = wisconsin(("mean_area", "mean_texture"))
    z = Standardised.of(x).apply(x)
    p = fit_logistic(z, y, 2).predict_proba(z)[:, 1]
    tried = np.linspace(0, 1, config.thresholds)
    return tried, counts_at(y, p, tried), choose_threshold(y, p, tried).theta


def _worst(found: Search) -> int:
    """The grid point with the largest mean validation loss."""
    return int(np.argmax(found.losses.mean(1)))


def values(config: Config, record: Record) -> dict[str, float]:
    """What each search chose and what it was worth, and the threshold of 3.1."""
    told = {}
    for seed, found in enumerate(record.searches):
        mean, chosen, careful = found.losses.mean(1), found.chosen, choose(found.losses, rule="one-se")
        told |= {f"seed {seed}: chosen {name}": GRID[chosen][name] for name in ("rate", "batch", "l2")}
        told |= {f"seed {seed}: its validation loss": mean[chosen], f"seed {seed}: its test accuracy": found.test[chosen],
                 f"seed {seed}: test accuracy of the worst": found.test[_worst(found)],
                 f"seed {seed}: test accuracy by one standard error": found.test[careful]}  # fmt: skip
    drawn, losses = record.random_settings[record.random.chosen], record.random.losses.mean(1)
    told |= {f"at random: chosen {name}": value for name, value in zip(("rate", "batch", "l2"), drawn, strict=True)}
    told |= {
        "at random: its validation loss": losses.min(),
        "at random: its test accuracy": record.random.test[losses.argmin()],
    }
    told |= {"range test: steepest at rate": record.rates.steepest, "range test: turns at rate": record.rates.turn}
    at = int(np.argmin(np.abs(record.tried - record.best)))
    told |= {"threshold of largest F1": record.best}
    told |= {f"{name} there": getattr(record.counts, name)[at] for name in MEASURES}
    return {name: float(value) for name, value in told.items()}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The grid as heat maps, validation loss against test accuracy, the range test, and the threshold curve."""
    return (
        *(_heat(record, batch) for batch in BATCHES),
        _cloud(record),
        _range(record.rates),
        _threshold_curve(record),
    )


def _heat(record: Record, batch: int) -> Figure:
    mean = record.searches[0].losses.mean(1)
    by = {(one["l2"], one["rate"]): mean[s] for s, one in enumerate(GRID) if one["batch"] == batch}
    z = np.array([[by[l2, rate] for rate in RATES] for l2 in PENALTIES])
    chosen = GRID[record.searches[0].chosen]
    text = [[f"{v:.3f}" for v in row] for row in z]
    if chosen["batch"] == batch:
        text[PENALTIES.index(chosen["l2"])][RATES.index(chosen["rate"])] += " ✓"
    names = [f"{rate:g}" for rate in RATES], [f"{l2:g}" for l2 in PENALTIES]
    grid_of = Series("heat", *names, np.log10(z), "logarithm of the mean validation loss", text=text)
    return Figure(f"Mean validation loss of five folds, minibatches of {batch}", [grid_of], "step size", "penalty")


def _cloud(record: Record) -> Figure:
    first, drawn = record.searches[0], record.random
    series = [
        Series("points", found.losses.mean(1), found.test, label=name)
        for name, found in (("grid", first), ("random", drawn))
    ]
    best = Series(
        "points", [first.losses.mean(1)[first.chosen]], [first.test[first.chosen]], label="chosen on the grid"
    )
    axes = "mean validation loss", "test accuracy after a refit"
    return Figure("What validation promises and what the test says", [*series, best], *axes, log_x=True)


def _range(found: RangeTest) -> Figure:
    lines = [
        Series("line", found.rates, found.losses, label="minibatch"),
        Series("line", found.rates, found.smooth, label="smoothed"),
    ]
    grid_points = Series("points", RATES, np.interp(RATES, found.rates, found.smooth), label="rates of the grid")
    says = f"The loss falls fastest at the step size {found.steepest:.2g} and turns upwards at {found.turn:.2g}."
    return Figure("Range test: the loss while the step size grows", [*lines, grid_points], "step size", "cross-entropy",
                  log_x=True, log_y=True, summary=says)  # fmt: skip


def _threshold_curve(record: Record) -> Figure:
    lines = [
        Series("line", record.tried, getattr(record.counts, name), label="F1" if name == "f1" else name)
        for name in MEASURES[:4]
    ]
    at = int(np.argmin(np.abs(record.tried - record.best)))
    best = Series("points", [record.best], [record.counts.f1[at]], label=f"largest F1, θ = {record.best:.2f}")
    return Figure("Malignant by area and texture: the measures by threshold", [*lines, best], "θ", "")


def claim_the_search_is_reproducible_and_takes_the_least(config: Config, record: Record) -> bool:
    """Claim 1: the search is reproducible by seed; the selected setting has the least mean validation loss of the grid."""
    first, again = record.searches[0], record.again
    same = np.array_equal(first.losses, again.losses) and np.array_equal(first.test, again.test)
    least = all(found.losses.mean(1)[found.chosen] == found.losses.mean(1).min() for found in record.searches)
    return bool(same and least and first.chosen == again.chosen)


def claim_test_rows_influence_no_choice(config: Config, record: Record) -> bool:
    """Claim 2: the test rows influence no choice: permuting test labels leaves the selection unchanged."""
    first, shuffled = record.searches[0], record.shuffled
    return bool(np.array_equal(first.losses, shuffled.losses) and first.chosen == shuffled.chosen
                and not np.array_equal(first.test, shuffled.test))  # fmt: skip


def claim_the_selected_beats_the_worst(config: Config, record: Record) -> bool:
    """Claim 3: the selected model's test accuracy exceeds that of the worst grid point, median of 5 seeds (all
    searches), the worst being the one of largest validation loss."""
    gain = [found.test[found.chosen] - found.test[_worst(found)] for found in record.searches]
    return bool(np.median(gain) > 0)
