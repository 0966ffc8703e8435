"""Cross-validation of `gradiens.fit` on a table or on images, and of the baselines on the same folds.

In every fold everything is fitted anew on its training rows: what a column is, medians, scales, levels, the weights, when
to stop (by a share `val` of the training rows), the baselines. The test rows of the fold are encoded by what was fitted,
predicted, scored. The network is compared with the better baseline over the same folds, with an interval.

Book: 2.7.  Source: Nadeau & Bengio (2003) for the interval.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from jaxtyping import Float

from gradiens.core.check import Mistake, known
from gradiens.core.progress import Bar
from gradiens.data.copies import copies
from gradiens.data.folds import Fold, group_k_fold, k_fold, stratified_k_fold, time_folds
from gradiens.data.images import Images
from gradiens.data.load import as_source, load
from gradiens.data.prepare import Part, Prepared, prepare
from gradiens.data.table import Table, tidy
from gradiens.data.target import Target, decide
from gradiens.evaluation.comparison import Effect, corrected_t
from gradiens.evaluation.cross_validation import standard_error
from gradiens.train.baselines import baselines
from gradiens.train.equation_text import text_of
from gradiens.train.evaluate import headline, score
from gradiens.train.fit import run_spec
from gradiens.train.spec import Spec, make_spec

NETWORK = "network"


@dataclasses.dataclass(frozen=True)
class CrossValidated:
    """The score of every model on every fold by metric, and how much better the network is than each baseline.

    `effects` compare by the metric of the task, accuracy or RMSE; positive: the network is better.
    """

    task: str
    target: str
    rows: int
    folds: list[Fold]
    scores: dict[str, dict[str, Float[np.ndarray, " k"]]]
    metric: str
    effects: dict[str, Effect]

    @property
    def best_baseline(self) -> str:
        """The baseline with the better mean."""
        sign = 1 if self.metric == "rmse" else -1
        return min(self.effects, key=lambda name: sign * float(self.scores[name][self.metric].mean()))

    def summary(self) -> dict[str, Any]:
        """Means, standard errors and folds of every score, and the comparisons, as plain numbers."""
        scores = {
            name: {
                metric: {"mean": float(v.mean()), "standard_error": standard_error(v), "folds": v.tolist()}
                for metric, v in by_metric.items()
            }
            for name, by_metric in self.scores.items()
        }
        told = {
            name: {"metric": self.metric, "difference": e.difference, "interval": [e.low, e.high], "level": e.level,
                   "p_value": e.p_value, "verdict": e.verdict}
            for name, e in self.effects.items()
        }  # fmt: skip
        return {
            "task": self.task, "target": self.target, "rows": self.rows, "folds": len(self.folds), "scores": scores,
            "best_baseline": self.best_baseline, "comparisons": told,
        }  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Cut:
    """How rows are cut into folds.

    Random, stratified for classes, equal pictures together, and drawn anew for each of `repeats`; with `groups`, a column, no
    group is on both sides, and the column is no input; with `time` the rows are in the order of time, and each fold is
    predicted from the past, `gap` rows away.
    """

    folds: int = 5
    repeats: int = 1
    groups: str = ""
    time: bool = False
    gap: int = 0

    def __post_init__(self) -> None:
        if self.repeats < 1 or (self.repeats > 1 and (self.groups or self.time)):
            raise Mistake("one repeat, or several of random folds", self.repeats, "leave out repeats, groups or time")
        if self.groups and self.time:
            raise Mistake("folds by groups or by time", "both", "leave out one")
        if self.gap and not self.time:
            raise Mistake("a gap between folds in the order of time", self.gap, "use it together with time")

    def made(self, y: np.ndarray, task: str, source: Table | Images, seed: int) -> list[Fold]:
        """The folds of these rows."""
        if self.groups:
            if isinstance(source, Images):
                raise Mistake("a table for folds by groups", "images", "leave out the groups")
            column = source.frame.get_column(known("column", self.groups, source.frame.columns))
            return group_k_fold(column.cast(pl.String).fill_null("").to_numpy().astype(str), self.folds)
        if self.time:
            return time_folds(len(y), self.folds, self.gap)
        seeds = range(seed, seed + self.repeats)
        if task == "number":
            return [fold for one in seeds for fold in k_fold(len(y), self.folds, one)]
        if not isinstance(source, Images):
            return [fold for one in seeds for fold in stratified_k_fold(y, self.folds, one)]
        groups, _ = copies(source.pixels, y, source.classes, 2)  # equal pictures are on one side
        first = np.unique(groups)
        rows = lambda some: np.flatnonzero(np.isin(groups, first[some]))  # noqa: E731
        cuts = [fold for one in seeds for fold in stratified_k_fold(y[first], self.folds, one)]
        return [(rows(train), rows(test)) for train, test in cuts]


def cross_validate(
    data: Any, target: str = "", folds: int = 5, quiet: bool | None = None, cut: Cut | None = None, **options: Any
) -> CrossValidated:
    """Fit a network `folds` times, each time without some of the rows, and score it on those.

    `data` and `options` are those of `gradiens.fit`; `cut` in the place of `folds` repeats, keeps groups together, or goes
    with time. Of images with official test images, those are left alone.

    Book: 2.7.

    Raises `Mistake` for bad data, bad options, and folds that cannot be made.
    """
    source = load(data) if isinstance(data, str | Path) else as_source(data)
    if isinstance(source, np.ndarray):
        raise Mistake("data with a target", "an array of pixels", "give `Images` with labels")
    if "equation" in options:
        options["equation"] = text_of(options["equation"])
    return cross_validate_spec(make_spec(data=source.name, target=target, **options), source, cut or Cut(folds), quiet)


def cross_validate_spec(spec: Spec, source: Table | Images, cut: Cut, quiet: bool | None = None) -> CrossValidated:
    """The same for a spec; its share `test` is not used.

    Raises `Mistake` for folds that cannot be made.
    """
    spec = spec.model_copy(update={"drop": tuple(dict.fromkeys((*spec.drop, cut.groups)))} if cut.groups else {})
    take, encode, goal, y = _opened(spec, source)
    folds = cut.made(y, goal.task, source, spec.seed)
    found: list[dict[str, dict[str, float]]] = []
    with Bar("folds", len(folds), quiet) as bar:
        for i, (train, test) in enumerate(folds):
            made = _predictions(spec, take(train), encode, test, goal)
            found.append({name: score(goal.task, y[test], p) for name, p in made.items()})
            bar.show(i + 1, found[-1][NETWORK])
    metrics = [metric for metric in found[0][NETWORK] if all(metric in fold[NETWORK] for fold in found)]
    scores = {
        name: {metric: np.array([fold[name][metric] for fold in found]) for metric in metrics} for name in found[0]
    }
    metric = headline(goal.task)
    ours, sizes = scores[NETWORK][metric], np.mean([[len(train), len(test)] for train, test in folds], axis=0)
    effects = {
        name: corrected_t(ours, theirs[metric], *map(round, sizes.tolist()), lower=goal.task == "number")
        for name, theirs in scores.items()
        if name != NETWORK
    }
    return CrossValidated(goal.task, goal.name, len(y), folds, scores, metric, effects)


Take = Callable[[np.ndarray], Table | Images]
Encode = Callable[[Prepared, np.ndarray], Any]


def _opened(spec: Spec, source: Table | Images) -> tuple[Take, Encode, Target, np.ndarray]:
    """How rows are taken out of the source and encoded, what the target is, and y as it is scored."""
    if isinstance(source, Images):
        task = "binary" if len(source.classes) == 2 and spec.task != "classes" else "classes"
        goal, pixels, labels = Target(source.target, task, source.classes), source.pixels, source.labels
        official = {"test_pixels": None, "test_labels": None}
        take = lambda rows: dataclasses.replace(source, pixels=pixels[rows], labels=labels[rows], **official)  # noqa: E731
        return take, lambda prepared, rows: prepared.preprocessing.encode(pixels[rows]).x, goal, labels.astype(np.int32)
    frame, name = tidy(source.frame), spec.target or source.target
    known("column", name or "none", frame.columns, f"name the target, one of {', '.join(frame.columns[-3:])}")
    goal, _ = decide(frame.get_column(name), spec.task)
    y = goal.encode(frame.get_column(name))
    y = y.astype(np.float64) if goal.task == "number" else y
    take = lambda rows: dataclasses.replace(source, frame=frame[rows])  # noqa: E731
    return take, lambda prepared, rows: prepared.preprocessing.encode(frame[rows], own=True).x, goal, y  # pyright: ignore[reportCallIssue] - of a table


def _predictions(spec: Spec, train: Table | Images, encode: Encode, test: np.ndarray, goal: Target) -> dict[str, Any]:
    """Fitted to `train`, predictions for the test rows by the name of the model, as `score` takes them."""
    prepared = prepare(train, spec.target, goal.task, spec.seed, (1 - spec.val, spec.val, 0.0), spec.drop)
    fitted = run_spec(spec, None, prepared, quiet=True)
    x = encode(prepared, test)
    judged = dataclasses.replace(prepared, test=Part(x, np.zeros(len(test), np.int32)))
    network = fitted.outputs(x)
    if goal.task == "number":
        network = np.asarray(prepared.preprocessing.decode_target(network))
    made = {NETWORK: network, **baselines(judged)}
    return {name: _all_classes(p, prepared.classes, goal) for name, p in made.items()}


def _all_classes(p: np.ndarray, seen: tuple[str, ...], goal: Target) -> np.ndarray:
    """Probabilities with a column for each class of the target; 0 for those that the training rows lack."""
    if goal.task != "classes" or seen == goal.classes:
        return p
    full = np.zeros((len(p), len(goal.classes)))
    full[:, [goal.classes.index(name) for name in seen]] = p
    return full
