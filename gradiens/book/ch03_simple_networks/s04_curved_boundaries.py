"""Beyond Affine Decision Boundaries.

A model that is linear in its weights need not be linear in x. Presence is likely at a middling precipitation and
unlikely at a low or a high one: no line fits that, a parabola in the logit does, and the drop of the deviance says
that this is no chance. Monomials of higher degree bend the boundary of two classes around each other, here two arms
of a spiral, and around four classes of seventeen points. Each degree contains the lower ones, so that the training
cost can only fall. Splines, random cosines and kernels are other ways to the same end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.book.ch03_simple_networks.spiral import DEGREES, OTHERS, fits, monomials, others, regions, spiral
from gradiens.classical.classifiers.binomial_regression import BinomialFit, fit_binomial
from gradiens.classical.classifiers.likelihood_ratio import likelihood_ratio_test
from gradiens.classical.features.polynomial_features import polynomial_features
from gradiens.core.module import Module, knob
from gradiens.data.sets.four_class_toy import four_class_toy
from gradiens.data.sets.precipitation_presence import precipitation_presence
from gradiens.functions.metrics import accuracy
from gradiens.report.figure import Figure, Series

Numbers = Array | np.ndarray
TOY_DEGREES = (1, 2, 8)
LEVEL = 10.83  # of chi-square with 1 degree of freedom: exceeded with probability 0.001


class Config(Module):
    """The spirals and the pictures."""

    spirals: int = knob(10, 1, 100, says="spirals, each with its own noise and split")
    l2: float = knob(1e-6, 1e-9, 1.0, "log", says="weight λ of the penalty λ/2 ‖w‖² on the spirals")
    grid: int = knob(201, 21, 601, says="points along each side of the grid on which regions are drawn")


class Curve(NamedTuple):
    """A fit of presence on powers of the precipitation."""

    coefficients: Float[Numbers, "p"]  # intercept first
    deviance: Float[Numbers, ""]
    right: Int[Numbers, ""]


class Spirals(NamedTuple):
    """By seed and degree; the first spiral with its regions."""

    train: Float[Numbers, "S 4"]
    test: Float[Numbers, "S 4"]
    cross_entropy: Float[Numbers, "S 4"]
    converged: Int[Numbers, "S 4"]
    others: Float[Numbers, "3"]  # test accuracy with OTHERS, first spiral
    x: Float[Numbers, "600 2"]
    y: Int[Numbers, "600"]
    regions: Int[Numbers, "4 G G"]


class Toy(NamedTuple):
    """The seventeen points by degree."""

    x: Float[Numbers, "17 2"]
    y: Int[Numbers, "17"]
    accuracy: Float[Numbers, "3"]
    cross_entropy: Float[Numbers, "3"]
    regions: Int[Numbers, "3 G G"]


class Record(NamedTuple):
    """Precipitation, spirals, toy."""

    x: Float[Numbers, "38"]
    y: Int[Numbers, "38"]
    linear: Curve
    quadratic: Curve
    ratio: Float[Numbers, "2"]  # drop of the deviance, and its p-value
    spirals: Spirals
    toy: Toy


def run(config: Config, key: Array) -> Record:
    """Two curves on the precipitation, four degrees on each spiral, three on the toy."""
    table = precipitation_presence().frame
    x, y = table["precipitation"].to_numpy(), table["presence"].to_numpy().astype(np.int64)
    powers = polynomial_features(x[:, None], 2)[:, 1:]
    linear, quadratic = (fit_binomial(powers[:, :d], y) for d in (1, 2))
    ratio = likelihood_ratio_test(linear, quadratic)
    return Record(
        x=x,
        y=y,
        linear=_curve(linear, powers[:, :1], y),
        quadratic=_curve(quadratic, powers, y),
        ratio=np.array([ratio.statistic, ratio.p_value]),
        spirals=_spirals(config, key),
        toy=_toy(config),
    )


def _curve(fit: BinomialFit, powers: np.ndarray, y: np.ndarray) -> Curve:
    right = np.sum(fit.predict(powers) == y)
    return Curve(np.append(fit.b, fit.w), np.array(fit.deviance), right)


def _spirals(config: Config, key: Array) -> Spirals:
    drawn = [spiral(jax.random.fold_in(key, seed)) for seed in range(config.spirals)]
    found = [fits(one.x, one.y, 2, DEGREES, config.l2) for one in drawn]

    def shares(test: bool) -> np.ndarray:
        sides = [(one.x_test, one.y_test) if test else (one.x, one.y) for one in drawn]
        return np.array(
            [
                [accuracy(y, fit.predict(monomials(x, d))) for fit, d in zip(row, DEGREES, strict=True)]
                for (x, y), row in zip(sides, found, strict=True)
            ]
        )

    return Spirals(
        train=shares(False),
        test=shares(True),
        cross_entropy=np.array([[fit.cross_entropy for fit in row] for row in found]),
        converged=np.array([[fit.converged for fit in row] for row in found]).astype(np.int64),
        others=others(drawn[0], config.l2),
        x=drawn[0].x,
        y=drawn[0].y,
        regions=regions(found[0], DEGREES, np.linspace(-1.1, 1.1, config.grid)),
    )


def _toy(config: Config) -> Toy:
    table = four_class_toy().frame
    x, y = table.select("x1", "x2").to_numpy(), table["label"].to_numpy().astype(np.int64)
    found = fits(x, y, 4, TOY_DEGREES, 0.0)
    shares = [accuracy(y, fit.predict(monomials(x, d))) for fit, d in zip(found, TOY_DEGREES, strict=True)]
    entropy = np.array([fit.cross_entropy for fit in found])
    return Toy(x, y, np.array(shares), entropy, regions(found, TOY_DEGREES, np.linspace(0, 1, config.grid)))


def values(config: Config, record: Record) -> dict[str, float]:
    """Coefficients and deviances on the precipitation, accuracies on the spirals (medians) and on the toy."""
    found: dict[str, Any] = {}
    for name, curve in (("linear", record.linear), ("quadratic", record.quadratic)):
        powers = ("intercept", "x", "x²")
        found |= {f"{name}: {power}": b for power, b in zip(powers, curve.coefficients, strict=False)}
        found |= {f"{name}: deviance": curve.deviance, f"{name}: right of 38": curve.right}
    found |= {"quadratic: peak": _peak(record), "drop of the deviance": record.ratio[0], "p-value": record.ratio[1]}
    for i, d in enumerate(DEGREES):
        found |= {f"spiral, degree {d}: median training accuracy": np.median(record.spirals.train[:, i])}
        found |= {f"spiral, degree {d}: median test accuracy": np.median(record.spirals.test[:, i])}
    found |= {
        f"first spiral, {name}: test accuracy": share for name, share in zip(OTHERS, record.spirals.others, strict=True)
    }
    found |= {f"toy, degree {d}: accuracy": share for d, share in zip(TOY_DEGREES, record.toy.accuracy, strict=True)}
    return {name: float(value) for name, value in found.items()}


def _peak(record: Record) -> float:
    """Where the fitted probability of the quadratic is largest: -b₁/(2 b₂)."""
    _, b1, b2 = record.quadratic.coefficients
    return float(-b1 / (2 * b2))


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The two curves; the regions of each degree on the first spiral and on the toy; accuracy against degree."""
    square, unit = np.linspace(-1.1, 1.1, config.grid), np.linspace(0, 1, config.grid)
    arms = [_regions("Spiral", d, square, z, record.spirals.x, record.spirals.y)
            for d, z in zip(DEGREES, record.spirals.regions, strict=True)]  # fmt: skip
    toys = [_regions("Toy", d, unit, z, record.toy.x, record.toy.y)
            for d, z in zip(TOY_DEGREES, record.toy.regions, strict=True)]  # fmt: skip
    return (_curves(record), *arms, _by_degree(record), *toys)


def _curves(record: Record) -> Figure:
    axis = np.linspace(record.x.min(), record.x.max(), 200)
    curves = (("linear", record.linear), ("quadratic", record.quadratic))
    lines = [Series("line", axis, _probability(curve, axis), label=name) for name, curve in curves]
    points = Series("points", record.x, record.y, label="observed")
    return Figure("Presence by precipitation", [*lines, points], "precipitation", "probability of presence")


def _probability(curve: Curve, x: np.ndarray) -> np.ndarray:
    z = polynomial_features(x[:, None], len(curve.coefficients) - 1) @ np.asarray(curve.coefficients)
    return np.asarray(jax.nn.sigmoid(z))


def _regions(what: str, degree: int, axis: np.ndarray, z: Numbers, x: Numbers, y: Numbers) -> Figure:
    points = [Series("points", *x[y == k].T, label=f"class {k}", colour=k) for k in range(int(y.max()) + 1)]
    title = f"{what}: monomials of degree at most {degree}"
    return Figure(title, [Series("regions", axis, axis, z, "class"), *points], "x₁", "x₂", square=True)


def _by_degree(record: Record) -> Figure:
    ways: Sequence[tuple[str, Numbers]] = (("training", record.spirals.train), ("test", record.spirals.test))
    lines = [Series("line", list(DEGREES), np.median(share, axis=0), label=name) for name, share in ways]
    spread = [
        Series("band", list(DEGREES), share.min(0), share.max(0), label=f"{name}, all seeds") for name, share in ways
    ]
    return Figure("Accuracy on the spirals, median", [*lines, *spread], "degree", "accuracy")


def claim_linear_in_precipitation(config: Config, record: Record) -> bool:
    """Claim 1: (a) linear: intercept -0.158702, slope 0.0031247, deviance 52.632335 (half a unit of the last digit),
    accuracy 20/38."""
    intercept, slope = record.linear.coefficients
    near = abs(intercept + 0.158702) <= 5e-7 and abs(slope - 0.0031247) <= 5e-8
    return bool(near and abs(record.linear.deviance - 52.632335) <= 5e-7 and record.linear.right == 20)


def claim_quadratic_in_precipitation(config: Config, record: Record) -> bool:
    """Claim 2: (a) quadratic: accuracy 33/38, negative x² coefficient, fitted probability peaks at x = 51.4984 (1e-3)."""
    bent = record.quadratic.right == 33 and record.quadratic.coefficients[2] < 0
    return bool(bent and abs(_peak(record) - 51.4984) <= 1e-3)


def claim_the_curve_is_no_chance(config: Config, record: Record) -> bool:
    """Claim 3: the deviance drop exceeds 10.83 (chi-square, 1 degree of freedom, level 0.001)."""
    drop = record.linear.deviance - record.quadratic.deviance
    return bool(drop > LEVEL and record.ratio[1] < 0.001 and np.isclose(drop, record.ratio[0], rtol=1e-9))


def claim_monomials_are_counted(config: Config, record: Record) -> bool:
    """Claim 4: monomials for p = 2: 3, 6, 15, 45 for d = 1, 2, 4, 8."""
    return [polynomial_features(np.ones((1, 2)), d).shape[1] for d in (1, 2, 4, 8)] == [3, 6, 15, 45]


def claim_training_cost_falls_with_the_degree(config: Config, record: Record) -> bool:
    """Claim 5: the optimal training CE is non-increasing in the degree for nested features (precipitation, every spiral, toy;
    within 1e-7)."""
    spirals, toy = record.spirals.cross_entropy, record.toy.cross_entropy
    falls = [np.all(np.diff(entropy, axis=-1) <= 1e-7) for entropy in (spirals, toy)]
    return bool(record.quadratic.deviance <= record.linear.deviance and all(falls))


def claim_higher_degrees_follow_the_spiral(config: Config, record: Record) -> bool:
    """Claim 6: (b) training accuracy on each of the seeds: d = 2 exceeds d = 1 by 0.15, d = 4 exceeds d = 2 by 0.08; d = 8 is at
    most 0.005 below d = 4. The median test accuracy at d = 4 is above 0.95."""
    one, two, four, eight = record.spirals.train.T
    grows = np.all(two - one >= 0.15) and np.all(four - two >= 0.08) and np.all(eight >= four - 0.005)
    return bool(grows and np.median(record.spirals.test[:, 2]) > 0.95)
