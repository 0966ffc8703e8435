"""The Train, Validation, Test Workflow.

Three kinds of rows for three questions: training rows for the parameters, validation rows for the choice between models,
test rows, used once, for what is then told. Here the penalty of a ridge regression is chosen, on one validation part and
by folds, and the chosen model is tested once. Whoever reports the validation error of the chosen model instead reports
the luckiest of many numbers: the best of fifty coin tossers looks clever on the rows that chose it, and on no others.
Whatever is fitted, be it only the scale of a column, is fitted inside the fold: change the other rows as you like, and
it stays the same, bit for bit.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import NamedTuple

import jax
import numpy as np
import polars as pl
from jaxtyping import Array, Float, Int

from gradiens.book.ch02_principles.resampled_logistic import Resampled, resampled
from gradiens.book.ch02_principles.ridge_workflow import LAMBDAS, Ridge, Workflow, rows_of, workflow
from gradiens.classical.features.standardised import Standardised
from gradiens.core.module import Module, knob
from gradiens.data.folds import Fold, group_k_fold, k_fold, stratified_k_fold, time_folds
from gradiens.data.prepare import prepare
from gradiens.data.sets.diabetes import diabetes
from gradiens.data.split import split
from gradiens.evaluation.cross_validation import cross_validate
from gradiens.functions.metrics import mse
from gradiens.report.figure import Figure, Series

SIZES = (2, 3, 10, 11, 57, 442)  # row counts on which folds are tried
COUNTS = (2, 3, 5, 10)  # numbers of folds
KINDS = ("by K-fold", "stratified", "by groups", "by time")


class Config(Module):
    """Folds, and the simulation of the lucky classifier."""

    folds: int = knob(5, 2, 20, says="folds of the cross-validation")
    classifiers: int = knob(50, 2, 1000, says="coin tossers among which the best is chosen")
    labels: int = knob(200, 10, 5000, says="validation labels, and test labels, of each repeat")
    repeats: int = knob(500, 10, 20_000, says="repeats of the choice")
    draws: int = knob(200, 10, 5000, says="resamples of the bootstrap of a logistic regression")
    permutations: int = knob(99, 1, 9999, says="permutations of the labels in the permutation test")


class Cut(NamedTuple):
    """What was counted over all folds tried; every entry should be 0, the spreads at most 1."""

    shared: int  # rows on both sides of a fold
    left_out: int  # rows tested never, or more than once
    spread: int  # largest difference of two part sizes, K-fold and stratified
    class_spread: int  # largest difference of the counts of a class in two stratified parts
    groups_torn: int  # groups with rows on both sides
    from_the_future: int  # training rows that do not come before every test row


class Leaks(NamedTuple):
    """What was fitted in each fold, mean and deviation of each column, before and after the test rows were changed."""

    before: Float[np.ndarray, "k 2 D"]
    after: Float[np.ndarray, "k 2 D"]
    prepared: bool  # whether `prepare` fitted the same when all rows but the training rows were changed


class Record(NamedTuple):
    """The folds, which row is tested in which fold by kind, the leaks, the choice of a penalty, a model resampled, luck."""

    cut: Cut
    tested: Int[np.ndarray, "4 N"]
    leaks: Leaks
    ridge: Workflow
    logistic: Resampled
    chosen_error: Float[np.ndarray, " R"]  # validation error of the classifier that has the least
    test_error: Float[np.ndarray, " R"]  # its error on fresh labels


def run(config: Config, key: Array) -> Record:
    """Cut many sizes, change test rows, choose a penalty, choose coin tossers."""
    of_folds, of_luck = jax.random.split(key)
    seed = int(jax.random.randint(of_folds, (), 0, 2**31 - 1))
    x, y = rows_of(diabetes())
    tested, cut = _tested(seed), _cut(seed)
    ridge = workflow(x, y, config.folds, config.permutations, seed)
    worse = (y > np.median(y)).astype(np.int64)
    logistic = resampled(Standardised.of(x).apply(x), worse, config.folds, config.draws, seed)
    return Record(cut, tested, _leaks(x, y, config.folds, seed), ridge, logistic, *_lucky(config, of_luck))


def _cut(seed: int) -> Cut:
    rng, found = np.random.default_rng(seed), Cut(0, 0, 0, 0, 0, 0)
    for n in SIZES:
        y, groups = rng.integers(0, 3, n), rng.integers(0, 12, n)
        for k in (k for k in COUNTS if k <= n):
            found = _worse(found, _counted([k_fold(n, k, seed), stratified_k_fold(y, k, seed)], y, groups, n))
            if len(np.unique(groups)) >= k:
                by_group = group_k_fold(groups, k)
                torn = sum(len(set(groups[train]) & set(groups[test])) for train, test in by_group)
                found = _worse(found, _counted([by_group], y, groups, n)._replace(spread=0, groups_torn=torn))
            if n > k:
                late = sum(int(np.sum(train >= test.min())) for train, test in time_folds(n, k))
                found = _worse(found, Cut(0, 0, 0, 0, 0, late))
    return found


def _worse(a: Cut, b: Cut) -> Cut:
    return Cut(*np.maximum(a, b).tolist())


def _counted(kinds: Sequence[list[Fold]], y: np.ndarray, groups: np.ndarray, n: int) -> Cut:
    """Of K-fold first, of stratified folds last."""
    shared = max(len(np.intersect1d(train, test)) for folds in kinds for train, test in folds)
    times = [np.bincount(np.concatenate([test for _, test in folds]), minlength=n) for folds in kinds]
    sizes = max(int(np.ptp([len(test) for _, test in folds])) for folds in kinds)
    by_class = np.array([np.bincount(y[test], minlength=3) for _, test in kinds[-1]])
    spread = int(np.ptp(by_class, axis=0).max()) if len(kinds) > 1 else 0
    return Cut(shared, int(sum(np.sum(t != 1) for t in times)), sizes, spread, 0, 0)


def _tested(seed: int) -> np.ndarray:
    """Of 16 rows, two classes and eight groups: the fold in which each is tested, by kind; -1 for never."""
    y, groups = np.repeat([0, 1], [12, 4]), np.repeat(np.arange(8), 2)
    kinds = (k_fold(16, 4, seed), stratified_k_fold(y, 4, seed), group_k_fold(groups, 4), time_folds(16, 4))
    found = np.full((4, 16), -1)
    for i, folds in enumerate(kinds):
        for fold, (_, test) in enumerate(folds):
            found[i, test] = fold
    return found


def _leaks(x: np.ndarray, y: np.ndarray, k: int, seed: int) -> Leaks:
    folds, rng, after = k_fold(len(y), k, seed), np.random.default_rng(seed), []
    fitted = lambda x, y: [  # noqa: E731
        np.stack([m.units.mean, m.units.deviation]) for m in cross_validate(Ridge.of(1.0), x, y, folds, mse).models
    ]
    for i, (_, test) in enumerate(folds):
        other, targets = x.copy(), y.copy()
        other[test], targets[test] = rng.normal(50, 1e3, other[test].shape), rng.permutation(targets[test]) + 1e4
        after.append(fitted(other, targets)[i])
    return Leaks(np.stack(fitted(x, y)), np.stack(after), _same_preparation(seed % 1000))


def _same_preparation(seed: int) -> bool:
    """Whether the preprocessing stays when every number in the other rows, the target too, is another one."""
    table = diabetes()
    prepared = prepare(table, seed=seed)
    rows, *_ = split(np.zeros(table.frame.height), "number", seed)
    kept = pl.Series(np.isin(np.arange(table.frame.height), rows))
    changed = table.frame.with_columns(pl.when(kept).then(pl.all()).otherwise(7 * pl.all() + 100))
    again = prepare(dataclasses.replace(table, frame=changed), seed=seed)
    first, second = (json.dumps(p.preprocessing.to_dict(), sort_keys=True) for p in (prepared, again))
    return first == second and not np.array_equal(prepared.test.x, again.test.x)


def _lucky(config: Config, key: Array) -> tuple[np.ndarray, np.ndarray]:
    """The validation error of the best of so many coin tossers, and its error on fresh labels."""

    def one(key: Array) -> tuple[Array, Array]:
        shape = (config.classifiers, config.labels)
        truth, said, new_truth, new_said = (jax.random.bernoulli(k, shape=s) for k, s in zip(
            jax.random.split(key, 4), (shape[1:], shape, shape[1:], shape), strict=True))  # fmt: skip
        error, fresh = (said != truth[None]).mean(1), (new_said != new_truth[None]).mean(1)
        best = error.argmin()
        return error[best], fresh[best]

    chosen, fresh = jax.jit(lambda keys: jax.lax.map(one, keys))(jax.random.split(key, config.repeats))
    return np.asarray(chosen), np.asarray(fresh)


def _gap(record: Record) -> tuple[float, float]:
    """The mean of test error - validation error of the chosen, and its standard error."""
    gap = record.test_error - record.chosen_error
    return float(gap.mean()), float(gap.std(ddof=1) / np.sqrt(len(gap)))


def values(config: Config, record: Record) -> dict[str, float]:
    """The chosen penalties and what they are worth, and the optimism of the lucky classifiers."""
    mean, error = _gap(record)
    luck = {"validation error of the chosen": record.chosen_error.mean(), "its test error": record.test_error.mean()}
    made = record.logistic
    told = {"logistic: accuracy on the rows fitted": made.seen, "logistic: accuracy out of bag": made.out_of_bag,
            "logistic: accuracy over the folds": made.by_folds.mean(),
            "logistic: folds one by one and together differ by": np.abs(made.by_folds - made.by_weights).max()}  # fmt: skip
    found = {**record.ridge.values(), **told, **luck, "optimism": mean, "optimism, standard error": error}
    return {name: float(value) for name, value in found.items()}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """Which rows are tested when, validation and learning curves, bootstrap intervals, the errors of the lucky."""
    return (
        _parts(record),
        _penalties(record.ridge),
        _more_rows(record.ridge),
        _coefficients(record.logistic),
        _luck(record),
    )


def _parts(record: Record) -> Figure:
    says = "Each row of cells is one way to cut 16 rows; the shade is the number of the fold, 0 where a row is never tested."
    grid = Series("heat", np.arange(1, 17), list(KINDS), record.tested + 1, "fold in which the row is tested",
                  text=(record.tested + 1).tolist())  # fmt: skip
    return Figure("Four ways to cut 16 rows", [grid], "row", "", summary=says)


def _penalties(ridge: Workflow) -> Figure:
    curve = ridge.by_penalty
    mean, se = curve.test.mean(1), curve.standard_error
    marks = [
        Series("points", [at], [mean[i]], label=label, colour=2 + j)
        for j, (label, i, at) in enumerate(
            (name, i, LAMBDAS[i]) for name, i in (("best", ridge.best), ("one standard error", ridge.simple))
        )
    ]
    band = Series("band", curve.at, mean - se, mean + se, label="± one standard error", colour=1)
    lines = [Series("line", curve.at, a, label=label, colour=i)
             for i, (label, a) in enumerate((("training rows", curve.train.mean(1)), ("test folds", mean)))]  # fmt: skip
    return Figure("Ridge on the diabetes data: error by penalty", [band, *lines, *marks], "λ", "MSE", log_x=True)


def _more_rows(ridge: Workflow) -> Figure:
    curve = ridge.by_rows
    mean, se = curve.test.mean(1), curve.standard_error
    lines = [Series("line", curve.at, a, label=label, colour=i)
             for i, (label, a) in enumerate((("training rows", curve.train.mean(1)), ("test folds", mean)))]  # fmt: skip
    band = Series("band", curve.at, mean - se, mean + se, label="± one standard error", colour=1)
    return Figure("The chosen ridge: error by the number of training rows", [band, *lines], "training rows", "MSE")


def _coefficients(made: Resampled) -> Figure:
    names = [name.replace("_", " ") for name in diabetes().frame.columns[:-1]]
    found = made.coefficients
    marks = (("2.5 %", found.low, 1), ("estimate", found.estimate, 0), ("97.5 %", found.high, 1))
    points = [Series("points", names, a[1:], label=label, colour=colour) for label, a, colour in marks]
    says = f"Quantiles of the coefficients over {len(found.resampled)} resamples, inputs in standard units."
    return Figure("Progression above the median: logistic coefficients", points, "", "coefficient", summary=says)


def _luck(record: Record) -> Figure:
    edges = np.linspace(0.2975, 0.6975, 41)  # between the errors that 200 labels can give
    middle = (edges[1:] + edges[:-1]) / 2
    bars = [
        Series("line", middle, np.histogram(a, edges)[0] / len(a), label=label)
        for label, a in (("on the labels that chose it", record.chosen_error), ("on fresh labels", record.test_error))
    ]
    says = (
        "On the labels that chose it the best of so many coin tossers is better than chance, on fresh labels it is not."
    )
    return Figure("The best of many coin tossers", bars, "error", "share of the repeats", summary=says)


def claim_folds_are_a_partition_and_even(config: Config, record: Record) -> bool:
    """Claim 1: folds are disjoint, cover all rows, sizes differ by <= 1; stratified class counts per fold differ by <= 1.
    Groups stay whole, and with time nothing is learnt from the future."""
    cut = record.cut
    exact = cut.shared == cut.left_out == cut.groups_torn == cut.from_the_future == 0
    return exact and cut.spread <= 1 and cut.class_spread <= 1


def claim_scales_depend_on_training_rows_only(config: Config, record: Record) -> bool:
    """Claim 2: scaler statistics depend on training rows only: bit for bit the same after all other rows were changed."""
    return bool(np.array_equal(record.leaks.before, record.leaks.after) and record.leaks.prepared)


def claim_the_error_of_the_chosen_is_too_good(config: Config, record: Record) -> bool:
    """Claim 3: E[validation error of the selected model] <= E[its test error]; the simulation gap exceeds 3 s.e."""
    mean, error = _gap(record)
    return mean > 3 * error
