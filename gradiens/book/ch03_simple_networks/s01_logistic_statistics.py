"""Logistic Regression in Statistics.

The odds of malignancy grow by a constant factor with each unit of a cell nucleus' area: that is logistic regression, and
its likelihood has one maximum, found by a handful of weighted least-squares fits. At the maximum the score vanishes,
so the mean probability is the share of malignant cases; the curvature there gives every coefficient a standard error, and
drawing the rows again gives nearly the same.
With two features p = 1/2 is a line. With all thirty the classes are completely separated and no maximum exists: there
Firth's penalty gives finite estimates. The probit link fits nearly as well as the logit.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.book.ch03_simple_networks.wisconsin import wisconsin
from gradiens.classical.classifiers.binomial_regression import fit_binomial
from gradiens.classical.classifiers.bootstrap_logistic import bootstrap_logistic
from gradiens.classical.classifiers.firth import fit_firth
from gradiens.classical.classifiers.likelihood_ratio import likelihood_ratio_test
from gradiens.classical.classifiers.logistic_inference import LogisticInference, information, logistic_inference, score
from gradiens.classical.classifiers.logistic_regression import LogisticFit, fit_logistic
from gradiens.classical.classifiers.reweighted_least_squares import ReweightedLeastSquares
from gradiens.classical.classifiers.separation import separation
from gradiens.classical.classifiers.wald import wald
from gradiens.classical.coefficients import CoefficientTable
from gradiens.core.module import Module, knob
from gradiens.functions.decision_cost import cost_curve, cost_threshold
from gradiens.functions.metrics import accuracy, auc
from gradiens.report.figure import Figure, Series

Numbers = Array | np.ndarray
COLUMNS = ("mean_area", "mean_texture")
KINDS = ("none", "quasi", "complete")


class Config(Module):
    """The intervals and the pictures."""

    level: float = knob(0.95, 0.5, 0.999, says="level of the Wald intervals")
    resamples: int = knob(200, 20, 10_000, says="bootstrap resamples of the larger model")
    missed: float = knob(
        10.0, 0.1, 1000.0, "log", says="cost of a malignant case that is missed; a false alarm costs 1"
    )
    grid: int = knob(121, 11, 601, says="points along each side of the probability surface")


class Model(NamedTuple):
    """A fit without penalty, its inference, and how it classifies its own rows."""

    estimate: Float[Numbers, "p"]  # intercept first
    information: Float[Numbers, "p p"]
    cross_entropy: Float[Numbers, ""]
    deviance: Float[Numbers, ""]
    probability: Float[Numbers, "569"]
    score: Float[Numbers, "p"]  # over Σ |x̃ᵢⱼ|
    path: Float[Numbers, "T"]  # mean cross-entropy of reweighted least squares from β = 0, step by step


class Record(NamedTuple):
    """Both models, the steps compared, and what stands beside them."""

    x: Float[Numbers, "569 2"]
    y: Int[Numbers, "569"]
    one: Model
    two: Model
    reweighted: Float[Numbers, "P 3"]  # one step from P points, standardised features
    newton: Float[Numbers, "P 3"]  # Newton's step on the mean cross-entropy from the same points
    ratio: Float[Numbers, "2"]  # likelihood-ratio statistic of texture, and its p-value
    wald: Float[Numbers, "2"]  # Wald's of both features, and its p-value
    bootstrap: Float[Numbers, "B 3"]  # coefficients of the larger model, rows drawn again
    probit: Float[Numbers, ""]  # mean cross-entropy of the larger model with the probit link
    separated: Int[Numbers, ""]  # all thirty features: 0 no, 1 quasi, 2 complete
    firth: Float[Numbers, "2"]  # accuracy, and largest standardised weight, of Firth's estimate there


def run(config: Config, key: Array) -> Record:
    """Fit both models; step from random points; look at all thirty features."""
    x, y = wisconsin(COLUMNS)
    (one, small), (two, large) = _model(x[:, :1], y), _model(x, y)
    ratio = likelihood_ratio_test(small, large)
    both = wald(large.coefficients.estimate, large.covariance, np.eye(3)[1:])
    reweighted, newton = _steps(x, y, key)
    every = _standardised(wisconsin()[0])
    firth = fit_firth(every, y)
    return Record(
        x=x,
        y=y,
        one=one,
        two=two,
        reweighted=reweighted,
        newton=newton,
        ratio=np.array([ratio.statistic, ratio.p_value]),
        wald=np.array([both.statistic, both.p_value]),
        bootstrap=bootstrap_logistic(
            x, y, config.resamples, seed=int(jax.random.randint(key, (), 0, 2**31 - 1))
        ).resampled,
        probit=np.array(fit_binomial(x, y, "probit").deviance / (2 * len(y))),
        separated=np.array(KINDS.index(separation(every, y, 2).kind)),
        firth=np.array([accuracy(y, firth.predict(every)), np.abs(firth.w).max()]),
    )


def _model(x: np.ndarray, y: np.ndarray) -> tuple[Model, LogisticInference]:
    fit: LogisticFit = fit_logistic(x, y, 2)
    inference = logistic_inference(fit, x, y)
    model = Model(
        estimate=inference.coefficients.estimate,
        information=information(fit, x),
        cross_entropy=np.array(fit.cross_entropy),
        deviance=np.array(inference.deviance),
        probability=fit.predict_proba(x)[:, 1],
        score=score(fit, x, y) / np.append(len(x), np.abs(x).sum(0)),
        path=fit_binomial(x, y).deviances / (2 * len(y)),
    )
    return model, inference


def _steps(x: np.ndarray, y: np.ndarray, key: Array) -> tuple[Array, Array]:
    """From 10 points: a reweighted least-squares step, and θ - H⁻¹∇ of the mean cross-entropy by differentiation."""
    X, t = jnp.asarray(np.hstack([np.ones((len(x), 1)), _standardised(x)])), jnp.asarray(y, float)
    cost = lambda θ: jnp.mean(jax.nn.softplus(X @ θ) - t * (X @ θ))  # noqa: E731
    newton = lambda θ: θ - jnp.linalg.solve(jax.hessian(cost)(θ), jax.grad(cost)(θ))  # noqa: E731
    points = 0.5 * jax.random.normal(key, (10, 3))
    algorithm = ReweightedLeastSquares(X, t)
    return jax.jit(jax.vmap(lambda θ: (algorithm.step(θ, None)[0], newton(θ))))(points)


def _standardised(x: np.ndarray) -> np.ndarray:
    return (x - x.mean(0)) / x.std(0, ddof=1)


def values(config: Config, record: Record) -> dict[str, float]:
    """Coefficients with standard errors and intervals, cross-entropy, accuracy and AUC of both models; what stands beside
    them."""
    found: dict[str, float] = {}
    for name, columns, model in _named(record):
        for row in _table(config, columns, model).rows():
            at = f"{name}: {row['name']}"
            found |= {at: row["estimate"], f"{at}, standard error": row["standard_error"]}
            found |= {f"{at}, low": row["low"], f"{at}, high": row["high"]}
        found |= {f"{name}: CE": float(model.cross_entropy), f"{name}: deviance": float(model.deviance)}
        found |= {f"{name}: accuracy": _accuracy(record, model), f"{name}: AUC": auc(record.y, model.probability)}
        found[f"{name}: steps to 1e-9"] = float(_steps_to_least(model))
    beside = {"texture: likelihood ratio": record.ratio[0], "texture: p-value": record.ratio[1]}
    beside |= {"area and texture: Wald statistic": record.wald[0], "area and texture: p-value": record.wald[1]}
    costs = cost_curve(record.y, record.two.probability, missed=config.missed)
    beside |= {"threshold in theory": cost_threshold(config.missed), "threshold of least cost": costs.best}
    spread = np.std(record.bootstrap, axis=0, ddof=1)
    names = ("intercept", *COLUMNS)
    beside |= {f"area and texture: {name}, bootstrap standard error": s for name, s in zip(names, spread, strict=True)}
    beside["area and texture, probit: CE"] = record.probit
    beside |= {"30 features, Firth: accuracy": record.firth[0], "30 features, Firth: largest weight": record.firth[1]}
    beside["30 features: completely separated"] = float(record.separated == 2)
    return found | {name: float(value) for name, value in beside.items()}


def _named(record: Record) -> tuple[tuple[str, tuple[str, ...], Model], ...]:
    return ("area", COLUMNS[:1], record.one), ("area and texture", COLUMNS, record.two)


def _table(config: Config, columns: tuple[str, ...], model: Model) -> CoefficientTable:
    names, covariance = ("intercept", *columns), np.linalg.inv(model.information)
    return CoefficientTable.of(np.asarray(model.estimate), covariance, None, names, config.level)


def _accuracy(record: Record, model: Model) -> float:
    return accuracy(record.y, np.asarray(model.probability) > 0.5)


def _steps_to_least(model: Model) -> int:
    """Reweighted least-squares steps from zero until the cross-entropy is within 1e-9 of its minimum."""
    return int(np.argmax(np.asarray(model.path) <= model.cross_entropy + 1e-9))


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The fitted curve with the data; the probability surface with the line p = 1/2; the steps to the maximum."""
    area = record.x[:, 0]
    b, w = record.one.estimate
    axis = np.linspace(area.min(), area.max(), 200)
    grades = [("benign", 0), ("malignant", 1)]
    rows = [Series("points", area[record.y == k], record.y[record.y == k], label=name, colour=k) for name, k in grades]
    curve = Series("line", axis, _sigmoid(b + w * axis), label="probability", colour=2)
    half = Series("line", [-b / w, -b / w], [0, 1], label="p = 1/2", guide=True)
    costs = cost_curve(record.y, record.two.probability, missed=config.missed)
    paid = Series("line", costs.thresholds[:-1], costs.cost[:-1], label=f"a miss costs {config.missed:g}")
    theory = Series("line", [cost_threshold(config.missed)] * 2, [0, costs.cost.max()], label="in theory", guide=True)
    return (
        Figure("Malignant by mean area of the nuclei", [*rows, curve, half], "mean area", "probability of malignant"),
        _surface(config, record, grades),
        _resampled(config, record),
        _descent(record),
        Figure("Mean cost of a decision, area and texture", [paid, theory], "threshold", "cost"),
    )


def _surface(config: Config, record: Record, grades: list[tuple[str, int]]) -> Figure:
    x1, x2 = (np.linspace(column.min(), column.max(), config.grid) for column in record.x.T)
    b, w1, w2 = record.two.estimate
    surface = Series("heat", x1, x2, _sigmoid(b + w1 * x1[None, :] + w2 * x2[:, None]), "probability")
    points = [Series("points", *record.x[record.y == k].T, label=name, colour=k) for name, k in grades]
    line = _line(record.two.estimate, x1)
    inside = (line >= x2[0]) & (line <= x2[-1])
    drawn = Series("line", x1[inside], line[inside], label="p = 1/2", colour=3)
    return Figure("Probability of malignant", [surface, *points, drawn], "mean area", "mean texture")


def _resampled(config: Config, record: Record) -> Figure:
    """The line in the resamples: between their quantiles at every mean area."""
    x1 = np.linspace(450, 900, 91)
    every = np.stack([_line(estimate, x1) for estimate in record.bootstrap])
    low, high = np.quantile(every, [(1 - config.level) / 2, (1 + config.level) / 2], axis=0)
    band = Series("band", x1, low, high, label=f"{100 * config.level:g} % of {len(every)} resamples")
    line = Series("line", x1, _line(record.two.estimate, x1), label="p = 1/2", colour=3)
    return Figure("The line when the rows are drawn again", [band, line], "mean area", "mean texture")


def _descent(record: Record) -> Figure:
    gaps = [(name, np.asarray(model.path) - model.cross_entropy) for name, _, model in _named(record)]
    lines = [Series("line", np.flatnonzero(gap > 1e-16), gap[gap > 1e-16], label=name) for name, gap in gaps]
    return Figure("Reweighted least squares from zero", lines, "step", "CE - least CE", log_y=True)


def _line(estimate: Numbers, x1: np.ndarray) -> np.ndarray:
    """x₂ = (-b - w₁ x₁)/w₂."""
    b, w1, w2 = estimate
    return (-b - w1 * x1) / w2


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return np.asarray(jax.nn.sigmoid(jnp.asarray(z)))


def claim_mean_area_alone(config: Config, record: Record) -> bool:
    """Claim 1: mean area: intercept -7.974093, slope 0.011767925, CE 0.286166, accuracy 0.884007, AUC 0.938316 (half a
    unit of the last digit)."""
    intercept, slope = record.one.estimate
    model = abs(intercept + 7.974093) <= 5e-7 and abs(slope - 0.011767925) <= 5e-10
    return bool(model and _quality(record, record.one, 0.286166, 0.884007, 0.938316))


def claim_area_and_texture(config: Config, record: Record) -> bool:
    """Claim 2: area and texture: CE 0.253932, accuracy 0.891037, AUC 0.951800 (half a unit of the last digit)."""
    return _quality(record, record.two, 0.253932, 0.891037, 0.951800)


def _quality(record: Record, model: Model, cross_entropy: float, share: float, area: float) -> bool:
    found = np.array([model.cross_entropy, _accuracy(record, model), auc(record.y, model.probability)])
    return bool(np.all(np.abs(found - [cross_entropy, share, area]) <= 5e-7))


def claim_the_score_vanishes(config: Config, record: Record) -> bool:
    """Claim 3: at the optimum X'(y - p) = 0 (1e-9 of Σ |xᵢⱼ|), hence mean p = 212/569 (relative 1e-9)."""
    zero = all(np.all(np.abs(model.score) <= 1e-9) for model in (record.one, record.two))
    means = [np.mean(model.probability) for model in (record.one, record.two)]
    return bool(zero and np.allclose(means, 212 / 569, rtol=1e-9, atol=0))


def claim_a_reweighted_step_is_a_newton_step(config: Config, record: Record) -> bool:
    """Claim 4: one reweighted least-squares step equals one Newton step (relative 1e-9, 10 random points, standardised
    features); from zero coefficients at most 12 steps bring the CE within 1e-9 of its minimum."""
    size = np.linalg.norm(record.newton, axis=1, keepdims=True)
    same = np.all(np.abs(record.reweighted - record.newton) <= 1e-9 * size)
    soon = [np.any(m.path <= m.cross_entropy + 1e-9) and _steps_to_least(m) <= 12 for m in (record.one, record.two)]
    return bool(same and all(soon))


def claim_the_line_has_probability_half(config: Config, record: Record) -> bool:
    """Claim 5: points on the drawn line have p = 1/2 (1e-9)."""
    x1 = np.linspace(record.x[:, 0].min(), record.x[:, 0].max(), 101)
    b, w1, w2 = record.two.estimate
    return bool(np.all(np.abs(_sigmoid(b + w1 * x1 + w2 * _line(record.two.estimate, x1)) - 0.5) <= 1e-9))
