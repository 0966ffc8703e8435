"""Supervised Learning Tasks.

Regression predicts a number, classification a class, and each has its measures. House values against rooms and against
the share of poor inhabitants: a line explains half of the variance, a parabola two thirds. For two classes everything is
made of four counts: true and false, positive and negative. One feature made by hand and one threshold find the ones
among handwritten digits; least squares on the targets ±1 tells threes from zeros. A threshold need not be chosen at
once: the ROC curve shows all of them, its area is the chance that a positive row scores above a negative one, and thirty
features of a tumour beat one. With thirty the classes are even separable, so that the best fit does not exist until a
penalty is given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.book.ch02_principles.digit_one import share_near_the_brightest
from gradiens.book.ch02_principles.house_values import Houses, Line, house_values
from gradiens.classical.classifiers.logistic_regression import fit_logistic
from gradiens.classical.classifiers.separation import separation
from gradiens.classical.features.standardised import Standardised
from gradiens.classical.linear.least_squares import fit_linear
from gradiens.core.module import Module, knob
from gradiens.data.sets.breast_cancer import breast_cancer
from gradiens.data.sets.mnist import mnist
from gradiens.data.split import split
from gradiens.evaluation.bootstrap import bootstrap_interval
from gradiens.functions.metrics import accuracy, auc, balanced_accuracy, brier, f1, matthews, roc_curve
from gradiens.functions.ranking import average_precision, precision_recall_curve
from gradiens.functions.two_classes import Counts, choose_threshold, counts, counts_at
from gradiens.report.figure import Figure, Series

INCREASING = (np.exp, lambda s: s**3, lambda s: np.arctan(s) + 7)  # maps of the score in claim 5


class Config(Module):
    """The splits, the penalty, the thresholds."""

    splits: int = knob(5, 1, 100, says="stratified 80/20 splits of the Wisconsin data")
    ridge: float = knob(1e-3, 1e-8, 10.0, "log", says="penalty of the logistic fits")
    thresholds: int = knob(101, 3, 2001, says="thresholds tried between 0.5 and 1 for the digit 1")
    draws: int = knob(1000, 100, 100_000, says="draws of the bootstrap for the intervals of AUC and F1")


class Tumours(NamedTuple):
    """The Wisconsin data: all rows, and for each split the test labels and scores by one feature and by thirty."""

    y: Int[np.ndarray, "569"]
    smoothness: Float[np.ndarray, "569"]
    area: Float[np.ndarray, "569"]
    y_test: Int[np.ndarray, "S n"]
    one: Float[np.ndarray, "S n"]
    thirty: Float[np.ndarray, "S n"]
    intervals: Float[np.ndarray, "2 2"]  # 95 % intervals of the AUC of the first split
    program: str  # what the linear program says of the 30 features
    solver: str  # what the fit without penalty says


class Digits(NamedTuple):
    """The threshold for the digit 1 and F1 at every threshold, and the counts on the test images of both classifiers."""

    theta: float
    tried: Float[np.ndarray, " T"]
    train_f1: Float[np.ndarray, " T"]
    one: Counts
    three: Counts
    intervals: Float[np.ndarray, "2 2"]  # 95 % intervals of both F1


class Record(NamedTuple):
    """The three tasks."""

    houses: Houses
    tumours: Tumours
    digits: Digits


def run(config: Config, key: Array) -> Record:
    """Fit the houses, the tumours on each split, the digits."""
    return Record(house_values(key), _tumours(config, key), _digits(config))


def _tumours(config: Config, key: Array) -> Tumours:
    frame = breast_cancer().frame
    y = (frame["diagnosis"] == "malignant").to_numpy().astype(np.int64)
    x, smoothness = frame.drop("diagnosis").to_numpy(), frame["worst_smoothness"].to_numpy()
    tested = []
    for seed in np.asarray(jax.random.randint(key, (config.splits,), 0, 2**31 - 1)).tolist():
        train, _, test = split(y, "binary", seed, (0.8, 0.0, 0.2))
        scores = [_scored(config, a[train], y[train], a[test]) for a in (smoothness[:, None], x)]
        tested.append((y[test], *scores))
    y_test, one, thirty = map(np.stack, zip(*tested, strict=True))
    made = [bootstrap_interval(auc, y_test[0], scores, draws=config.draws) for scores in (one[0], thirty[0])]
    z = Standardised.of(x).apply(x)
    return Tumours(
        *(y, smoothness, frame["mean_area"].to_numpy(), y_test, one, thirty),
        intervals=np.array([(found.low, found.high) for found in made]),
        program=separation(z, y, 2).kind,
        solver=fit_logistic(z, y, 2).separated,
    )


def _scored(config: Config, x: np.ndarray, y: np.ndarray, x_test: np.ndarray) -> np.ndarray:
    """The probability of a malignant tumour, in units of the training rows."""
    units = Standardised.of(x)
    fit = fit_logistic(units.apply(x), y, 2, l2=float(config.ridge))
    return fit.predict_proba(units.apply(x_test))[:, 1]


def _digits(config: Config) -> Digits:
    data = mnist()
    pixels, labels = np.asarray(data.test_pixels), np.asarray(data.test_labels)
    tried = np.linspace(0.5, 1.0, config.thresholds)
    chosen = choose_threshold(data.labels == 1, share_near_the_brightest(data.pixels), tried, "f1", strict=True)
    feature = share_near_the_brightest(pixels)
    one = counts_at(labels == 1, feature, chosen.theta, strict=True)
    intervals = [_f1_interval(config, labels == 1, feature > chosen.theta)]
    train, test = np.isin(data.labels, (0, 3)), np.isin(labels, (0, 3))
    rows = lambda a: a.reshape(len(a), -1) / data.maximum  # noqa: E731
    fit = fit_linear(rows(data.pixels[train]), np.where(data.labels[train] == 3, 1.0, -1.0))
    positive, said = labels[test] == 3, fit.predict(rows(pixels[test])) > 0
    intervals.append(_f1_interval(config, positive, said))
    return Digits(chosen.theta, chosen.tried, chosen.measure, one, counts(positive, said), np.array(intervals))


def _f1_interval(config: Config, y: np.ndarray, y_hat: np.ndarray) -> tuple[float, float]:
    """2 TP over all that is positive or said to be, of many draws of the rows at once."""
    f1_of_rows = lambda y, said: 2 * (y & said).sum(1) / (y.sum(1) + said.sum(1))  # noqa: E731
    found = bootstrap_interval(f1_of_rows, y, y_hat, draws=config.draws, vectorised=True)
    return found.low, found.high


def values(config: Config, record: Record) -> dict[str, float]:
    """Coefficients and errors of the houses, areas under the curves, the measures of both classifiers of digits."""
    houses, tumours, digits = record
    found = {}
    for name in ("on_rooms", "on_poor", "on_square"):
        line = getattr(houses, name)
        found |= {f"houses {name.replace('_', ' ')}: coefficient {i}": c for i, c in enumerate(line.coefficients)}
        found |= {f"houses {name.replace('_', ' ')}: R2": line.r2, f"houses {name.replace('_', ' ')}: MSE": line.mse}
    for seed, (y, one, thirty) in enumerate(zip(tumours.y_test, tumours.one, tumours.thirty, strict=True)):
        found |= {f"split {seed}: AUC by one feature": auc(y, one), f"split {seed}: AUC by thirty": auc(y, thirty)}
    for name, (low, high) in zip(("one feature", "thirty"), tumours.intervals, strict=True):
        found |= {f"split 0: AUC by {name}, 95% from": low, f"split 0: AUC by {name}, 95% to": high}
    y, p = tumours.y_test[0], tumours.thirty[0]
    found |= {"split 0: average precision by thirty": average_precision(y, p), "split 0: Brier by thirty": brier(y, p)}
    label = (p > 0.5).astype(int)
    measures = {"accuracy": accuracy, "balanced accuracy": balanced_accuracy, "mean F1": f1, "Matthews": matthews}
    found |= {f"split 0: {name} by thirty": metric(y, label) for name, metric in measures.items()}
    found |= {"digit 1: theta": digits.theta, "digit 1: training F1": digits.train_f1.max()}
    for name, (low, high) in zip(("digit 1", "3 against 0"), digits.intervals, strict=True):
        found |= {f"{name}: f1, 95% from": low, f"{name}: f1, 95% to": high}
    for name, made in (("digit 1", digits.one), ("3 against 0", digits.three)):
        rates = ("precision", "recall", "specificity", "accuracy", "balanced_accuracy", "f1", "matthews")
        found |= {f"{name}: {rate.replace('_', ' ')}": float(getattr(made, rate)) for rate in rates}
    return {name: float(value) for name, value in found.items()}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The houses with their fits, the ROC and precision-recall curves, F1 by threshold, the counts of both classifiers."""
    houses, tumours, digits = record
    curves = [_curve(houses, "rooms", (houses.on_rooms,)), _curve(houses, "poor", (houses.on_poor, houses.on_square))]
    y, named = tumours.y_test[0], {"worst smoothness": tumours.one[0], "all 30 features": tumours.thirty[0]}
    roc = [Series("line", *roc_curve(y, s)[:2], label=f"{name}, AUC {auc(y, s):.3f}") for name, s in named.items()]
    chance = Series("line", [0.0, 1.0], [0.0, 1.0], label="chance", guide=True)
    found = {name: precision_recall_curve(y, s) for name, s in named.items()}
    lines = [Series("line", curve.recall, curve.precision, label=name) for name, curve in found.items()]
    f1_line = Series("line", digits.tried, digits.train_f1, label="training F1")
    best = Series("points", [digits.theta], [digits.train_f1.max()], label=f"chosen, θ = {digits.theta:.3f}")
    return (
        *curves,
        Figure("Malignant or not: ROC on the test rows of the first split", [chance, *roc], "false positive rate",
               "true positive rate", square=True),
        Figure("The same: precision against recall", lines, "recall", "precision"),
        Figure("Is it a one? F1 by the threshold of one feature", [f1_line, best], "θ", "F1"),
        _table("one or not", digits.one, "1", "other"),
        _table("3 against 0", digits.three, "3", "0"),
    )  # fmt: skip


def _curve(houses: Houses, name: str, lines: Sequence[Line]) -> Figure:
    x = getattr(houses, name)
    grid = np.linspace(x.min(), x.max(), 101)
    powers = ("line", "parabola")
    fits = [
        Series("line", grid, np.polyval(fit.coefficients[::-1], grid), label=f"{powers[i]}, R² {fit.r2:.3f}")
        for i, fit in enumerate(lines)
    ]
    axis = {"rooms": "rooms of a dwelling", "poor": "inhabitants of lower status in %"}[name]
    cloud = Series("points", x, houses.value, label="tracts")
    return Figure(f"House value by {axis}", [cloud, *fits], axis, "value in 1,000 dollars")


def _table(title: str, made: Counts, yes: str, no: str) -> Figure:
    tp, fn, fp, tn = map(int, made)
    grid = np.array([[tn, fp], [fn, tp]])
    heat = Series("heat", [no, yes], [no, yes], grid / grid.sum(1, keepdims=True), "share of the true class",
                  text=grid.astype(str).tolist())  # fmt: skip
    return Figure(f"Test images, {title}: F1 {float(made.f1):.4f}", [heat], "predicted", "true", square=True)


def claim_least_squares_fits_of_the_houses(config: Config, record: Record) -> bool:
    """Claim 1: medv on rm: -30.00512015, 8.26855732, R² 0.471467. On lstat: 32.540410, -0.843738, R² 0.577353, MSE
    26.0928; quadratic 39.420565, -1.954889, 0.03445603, R² 0.657362, MSE 21.1533. At each the gradient is 0 (1e-9 of
    the mean of lstat² times the largest value)."""
    rooms, poor, square = record.houses[3:]
    near = lambda a, b, tolerance: bool(np.all(np.abs(np.asarray(a) - b) <= np.asarray(tolerance) / 2))  # noqa: E731
    first = near(rooms.coefficients, [-30.00512015, 8.26855732], 1e-8) and near(rooms.r2, 0.471467, 1e-6)
    second = near(poor.coefficients, [32.540410, -0.843738], 1e-6) and near(poor.r2, 0.577353, 1e-6)
    third = near(square.coefficients, [39.420565, -1.954889, 0.03445603], [1e-6, 1e-6, 1e-8])
    errors = near(poor.mse, 26.0928, 1e-4) and near(square.mse, 21.1533, 1e-4) and near(square.r2, 0.657362, 1e-6)
    scale = np.mean(record.houses.poor**2) * np.abs(record.houses.value).max()
    flat = all(np.abs(line.gradient).max() <= 1e-9 * scale for line in (rooms, poor, square))
    return first and second and third and errors and flat


def claim_one_feature_finds_the_ones(config: Config, record: Record) -> bool:
    """Claim 2: theta 0.865, training F1 0.9028719433; test TP 1000, FN 135, FP 84, TN 8781, F1 0.9013068950."""
    made = record.digits
    training = abs(made.theta - 0.865) < 1e-9 and abs(made.train_f1.max() - 0.9028719433) <= 5e-11
    return bool(
        training and tuple(map(int, made.one)) == (1000, 135, 84, 8781) and abs(made.one.f1 - 0.901306895) <= 5e-11
    )


def claim_least_squares_tells_threes_from_zeros(config: Config, record: Record) -> bool:
    """Claim 3: 3 against 0 on test: TP 1000, FN 10, FP 3, TN 977, F1 0.9935419771."""
    made = record.digits.three
    return tuple(map(int, made)) == (1000, 10, 3, 977) and bool(abs(made.f1 - 0.9935419771) <= 5e-11)


def claim_areas_of_single_features(config: Config, record: Record) -> bool:
    """Claim 4: AUC on all 569 rows: worst smoothness 0.754056, mean area 0.938316."""
    y, smoothness, area = record.tumours[:3]
    return bool(abs(auc(y, smoothness) - 0.754056) <= 5e-7 and abs(auc(y, area) - 0.938316) <= 5e-7)


def claim_identities_of_f1_and_auc(config: Config, record: Record) -> bool:
    """Claim 5: F1 = 2TP/(2TP+FP+FN); AUC = P(s+ > s-) + P(tie)/2 = trapezoid area; ROC is unchanged by strictly
    increasing maps of the score."""
    made = [record.digits.one, record.digits.three]
    harmonic = [2 / (1 / c.precision + 1 / c.recall) for c in made]
    same = np.allclose([2 * c.tp / (2 * c.tp + c.fp + c.fn) for c in made], harmonic, rtol=1e-9, atol=0)
    y, scores = record.tumours.y, record.tumours[1:3]
    return bool(same and all(_areas_agree(y, s) and all(_same_roc(y, s, map) for map in INCREASING) for s in scores))


def _areas_agree(y: np.ndarray, s: np.ndarray) -> bool:
    above, tie = (np.mean(how(s[y == 1][:, None], s[y == 0][None])) for how in (np.greater, np.equal))
    fpr, tpr, _ = roc_curve(y, s)
    return bool(np.allclose([above + tie / 2, np.trapezoid(tpr, fpr)], auc(y, s), rtol=1e-9, atol=0))


def _same_roc(y: np.ndarray, s: np.ndarray, increasing: Callable[[np.ndarray], np.ndarray]) -> bool:
    units = (s - s.mean()) / s.std()
    before, after = roc_curve(y, units), roc_curve(y, increasing(units))
    return bool(np.array_equal(before.fpr, after.fpr) and np.array_equal(before.tpr, after.tpr))


def claim_thirty_features_separate_and_the_solver_says_so(config: Config, record: Record) -> bool:
    """Claim 6: with 30 features all 569 rows are linearly separable (linear program), so the unpenalised fit has no
    finite optimum; the solver says so."""
    return record.tumours.program == "complete" == record.tumours.solver


def claim_thirty_features_rank_better_than_one(config: Config, record: Record) -> bool:
    """Claim 7: test AUC of (b): full > univariate on each of 5 splits."""
    rows = zip(record.tumours.y_test, record.tumours.one, record.tumours.thirty, strict=True)
    return all(auc(y, thirty) > auc(y, one) for y, one, thirty in rows)
