"""Linear Models at Our Core.

House values are a line in the number of rooms, and a plane in the space of all 490 values: least squares drops a
perpendicular onto it. Four routes lead to its foot; where columns depend on each other only two do, and they give the
shortest solution. Which error is made small says which noise is believed in: squared error is the likelihood of normal
noise, absolute error that of Laplace noise, and Huber's loss is the one near zero and the other far out. So one number
that moves away takes the mean along without limit, while the median and Huber's estimate stay where the others are.
"""

from __future__ import annotations

from textwrap import indent
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch02_principles.tracts import columns, tracts
from gradiens.classical.coefficients import CoefficientTable
from gradiens.classical.features.indicators import Indicators
from gradiens.classical.features.interaction_features import interaction_features
from gradiens.classical.linear.design_rank import condition_number, rank
from gradiens.classical.linear.hat_matrix import hat_matrix, leverage
from gradiens.classical.linear.huber_regression import fit_huber
from gradiens.classical.linear.least_squares_routes import ROUTES, solve_least_squares
from gradiens.classical.linear.linear_regression import LinearRegression, fit_linear_regression
from gradiens.classical.linear.noise import (
    laplace_log_density,
    laplace_log_likelihood,
    normal_log_density,
    normal_log_likelihood,
)
from gradiens.classical.linear.quantile_regression import fit_least_absolute, fit_quantile
from gradiens.core.module import Module, knob
from gradiens.data.sets.mnist import mnist
from gradiens.functions.losses import absolute, huber, quantile, squared
from gradiens.report.figure import Figure, Series

Numbers = Array | np.ndarray
SHORTEST = ("svd", "pseudo-inverse")  # the routes that need no independent columns
TAUS = (0.1, 0.5, 0.9)
PULLED = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)  # the numbers beside the outlier


class Config(Module):
    """The outlier, Huber's threshold, and how many other solutions the best ones are compared with."""

    delta: float = knob(1.0, 1e-3, 100.0, "log", "threshold δ of Huber's loss")
    farthest: float = knob(1000.0, 7.0, 1e9, "log", "the outlier o at its last place")
    images: int = knob(60_000, 1000, 60_000, says="images of MNIST whose design has its rank counted")
    others: int = knob(1000, 10, 100_000, says="other lines and other solutions that are tried")


class Lines(NamedTuple):
    """medv on rm: the data, each route's coefficients, the hat matrix, and the lines of other losses."""

    X: Float[np.ndarray, "N 2"]
    y: Float[np.ndarray, "N"]
    routes: Float[np.ndarray, "4 2"]
    hat: Float[np.ndarray, "N N"]
    rank: int
    condition: float
    absolute: Float[np.ndarray, "2"]
    quantiles: Float[np.ndarray, "3 2"]  # for TAUS
    huber: Float[np.ndarray, "2"]
    weighted: Float[np.ndarray, "2"]  # rows weighted by 1 - their leverage
    others: Float[np.ndarray, "M 2"]  # lines around the best one


class Dependent(NamedTuple):
    """A design whose last column is the sum of two others: solutions by two routes, and others with the same residuals."""

    X: Float[np.ndarray, "N p"]
    y: Float[np.ndarray, "N"]
    hat: Float[np.ndarray, "N N"]
    rank: int
    shortest: Float[np.ndarray, "2 p"]
    others: Float[np.ndarray, "M p"]


class Record(NamedTuple):
    """Lines, a design of lower rank, the rank of MNIST, where the estimates of location go, and the fitted models."""

    lines: Lines
    dependent: Dependent
    mnist_rank: int
    errors: Float[Numbers, "E"]
    losses: Float[Numbers, "4 E"]  # squared, absolute, Huber, and the 0.9-quantile's at the errors
    corners: Float[Numbers, "2 2 2"]  # Huber's loss, and its slope, just inside and outside of -δ and of δ
    outlier: Float[np.ndarray, "K"]
    location: Float[np.ndarray, "3 K"]  # mean, median, Huber's
    simple: LinearRegression
    table: CoefficientTable  # of the larger model


def run(config: Config, key: Array) -> Record:
    """Fit the houses by every route and loss; count the rank of MNIST; move the outlier."""
    by_line, by_space = jax.random.split(key)
    errors = jnp.linspace(-2.0, 2.0, 401)
    zero, δ = jnp.zeros(()), config.delta
    losses = [squared, absolute, lambda e, y: huber(e, y, δ), lambda e, y: quantile(e, y, 0.9)]
    corner = jax.vmap(jax.value_and_grad(lambda e: huber(e, zero, δ)))
    beside = δ * jnp.asarray([[-1 + 1e-12, -1 - 1e-12], [1 - 1e-12, 1 + 1e-12]])
    outlier = np.unique(np.round(np.geomspace(6, config.farthest, 60)))
    return Record(
        lines=_lines(config, by_line),
        dependent=_dependent(config, by_space),
        mnist_rank=rank(_mnist_design(config.images)),
        errors=errors,
        losses=jnp.stack([jax.vmap(lambda e, loss=loss: loss(e, zero))(errors) for loss in losses]),
        corners=jnp.stack(corner(beside.ravel())).reshape(2, 2, 2),
        outlier=outlier,
        location=np.stack([_locations(np.array([*PULLED, o]), float(δ)) for o in outlier], axis=1),
        simple=fit_linear_regression(columns(tracts(), "rm"), columns(tracts(), "medv")[:, 0], ["rm"]),
        table=_larger_model(),
    )


def _lines(config: Config, key: Array) -> Lines:
    x, y = columns(tracts(), "rm"), columns(tracts(), "medv")[:, 0]
    X = np.hstack([np.ones_like(x), x])
    routes = np.stack([solve_least_squares(X, y, route) for route in ROUTES])
    spread = np.sqrt(np.diag(np.linalg.inv(X.T @ X)) * len(y))
    flat = fit_least_absolute(x, y)
    levels, robust = [fit_quantile(x, y, tau) for tau in TAUS], fit_huber(x, y, float(config.delta))
    return Lines(
        *(X, y, routes, hat_matrix(X), rank(X), condition_number(X)),
        absolute=np.array([flat.b, *flat.w]),
        quantiles=np.array([[level.b, *level.w] for level in levels]),
        huber=np.array([robust.b, *robust.w]),
        weighted=solve_least_squares(X, y, "qr", weights=1 - leverage(X)),
        others=routes[2] + spread * np.asarray(jax.random.normal(key, (config.others, 2))),
    )


def _dependent(config: Config, key: Array) -> Dependent:
    """Rooms, the poor, and their sum."""
    frame = tracts()
    x, y = columns(frame, "rm", "lstat"), columns(frame, "medv")[:, 0]
    X = np.hstack([np.ones((len(x), 1)), x, x.sum(1, keepdims=True)])
    shortest = np.stack([solve_least_squares(X, y, route) for route in SHORTEST])
    null = np.array([0.0, 1.0, 1.0, -1.0])
    others = shortest[0] + np.asarray(jax.random.normal(key, (config.others, 1))) * null
    return Dependent(X, y, hat_matrix(X), rank(X), shortest, others)


def _mnist_design(images: int) -> np.ndarray:
    pixels = mnist().pixels[:images].reshape(images, -1)
    return np.hstack([np.full((images, 1), 255, np.uint8), pixels])  # 255 times the design: the rank is the same


def _locations(y: np.ndarray, delta: float) -> list[float]:
    """Mean, median and Huber's estimate: regressions on nothing but an intercept."""
    mean = solve_least_squares(np.ones((len(y), 1)), y, "normal equations")[0]
    empty = np.zeros((len(y), 0))
    return [mean, fit_least_absolute(empty, y).b, fit_huber(empty, y, delta).b]


def _larger_model() -> CoefficientTable:
    """medv on rooms, the poor and their product, and an indicator of the river."""
    frame = tracts()
    river = np.where(columns(frame, "chas")[:, 0] > 0, "river", "no river").tolist()
    x = np.hstack([interaction_features(columns(frame, "rm", "lstat")), Indicators.of(river).apply(river)])
    names = ("rm", "lstat", "rm · lstat", "river")
    return fit_linear_regression(x, columns(frame, "medv")[:, 0], names).coefficients


def values(config: Config, record: Record) -> dict[str, float]:
    """The line and its inference, the lines of other losses, the condition number, where the estimates end."""
    lines, simple = record.lines, record.simple
    named = {"least squares": lines.routes[2], "least absolute": lines.absolute, "Huber": lines.huber}
    named |= {"weighted": lines.weighted}
    found = {f"{name}: {what}": b[i] for name, b in named.items() for i, what in enumerate(("intercept", "slope"))}
    found |= {f"quantile {tau:g}: slope": b[1] for tau, b in zip(TAUS, lines.quantiles, strict=True)}
    judged = {"R2": simple.r2, "sigma": simple.sigma, "F": simple.f, "AIC": simple.aic}
    found |= {f"least squares: {name}": value for name, value in judged.items()}
    found |= {"condition number": lines.condition, "condition number squared": lines.condition**2}
    found |= {"largest leverage": simple.leverage.max(), "rank of the MNIST design": record.mnist_rank}
    ends = zip(("mean", "median", "Huber"), record.location[:, -1], strict=True)
    found |= {f"location at the end: {name}": end for name, end in ends}
    return {name: float(value) for name, value in found.items()}


def text(config: Config, record: Record) -> str:
    """The coefficient tables of the line and of the larger model."""
    simple, larger = (indent(str(table), "    ") for table in (record.simple, record.table))
    return f"medv on rm.\n\n{simple}\n\nmedv on rm, lstat, their product, and the river.\n\n{larger}"


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The losses, the densities, the outlier, and the lines through the houses."""
    e, (square, size, hubers, tilted) = record.errors, record.losses
    wide = np.linspace(-4, 4, 401)
    densities = {"normal": normal_log_density(wide), "Laplace": laplace_log_density(wide)}
    X, y = record.lines.X, record.lines.y
    ends = np.array([X[:, 1].min(), X[:, 1].max()])
    named = {"least squares": record.lines.routes[2], "Huber": record.lines.huber}
    named |= {f"quantile {tau:g}": b for tau, b in zip(TAUS, record.lines.quantiles, strict=True)}
    curves = {"squared": square, "absolute": size, f"Huber, δ = {config.delta:g}": hubers, "quantile 0.9": tilted}
    places = zip(("mean", "median", "Huber"), record.location, strict=True)
    return (
        Figure("Three losses, and one that is tilted", [Series("line", e, c, label=n) for n, c in curves.items()],
               "error", "loss"),
        Figure("Noise: normal and Laplace", [Series("line", wide, np.exp(c), label=n) for n, c in densities.items()],
               "error", "density"),
        Figure("Location of 0, 1, 2, 3, 4, 5 and o",
               [Series("line", record.outlier, c, label=n) for n, c in places], "o", "estimate", log_x=True),
        Figure("House values on rooms",
               [Series("points", X[:, 1], y, label="tracts"),
                *(Series("line", ends, b[0] + b[1] * ends, label=n) for n, b in named.items())], "rm", "medv"),
    )  # fmt: skip


def claim_residuals_are_orthogonal_and_the_hat_matrix_projects(config: Config, record: Record) -> bool:
    """Claim 1: X'(y - Xb) = 0; the hat matrix P is symmetric, P² = P, trace P = rank X (relative 1e-9), for independent
    and for dependent columns."""
    checks = []
    for X, y, P, r, b in (
        (*record.lines[:2], record.lines.hat, record.lines.rank, record.lines.routes[1]),
        (*record.dependent[:2], record.dependent.hat, record.dependent.rank, record.dependent.shortest[0]),
    ):
        size = np.linalg.norm(X, axis=0) * np.linalg.norm(y)
        checks += [np.all(np.abs(X.T @ (y - X @ b)) <= 1e-9 * size), np.allclose(P, P.T, rtol=1e-9, atol=1e-12)]
        checks += [np.allclose(P @ P, P, rtol=1e-9, atol=1e-12), abs(np.trace(P) - r) <= 1e-9 * r]
    return bool(all(checks) and (record.lines.rank, record.dependent.rank) == (2, 3))


def claim_four_routes_agree(config: Config, record: Record) -> bool:
    """Claim 2: normal equations, QR, SVD and pseudo-inverse agree to 1e-8 when X is well conditioned; for dependent
    columns the pseudo-inverse gives the solution of least norm: every other has the same residuals and is longer."""
    agree = np.allclose(record.lines.routes, record.lines.routes[0], rtol=1e-8, atol=0)
    X, y, b = record.dependent.X, record.dependent.y, record.dependent.shortest[1]
    same = np.allclose(X @ record.dependent.others.T, (X @ b)[:, None], rtol=1e-9, atol=1e-9 * np.abs(y).max())
    longer = np.all(np.linalg.norm(record.dependent.others, axis=1) > np.linalg.norm(b))
    return bool(agree and same and longer and np.allclose(record.dependent.shortest[0], b, rtol=1e-8, atol=0))


def claim_mnist_has_rank_713(config: Config, record: Record) -> bool:
    """Claim 3: the MNIST design with intercept (60,000 × 785) has rank 713."""
    return config.images == 60_000 and record.mnist_rank == 713


def claim_losses_are_likelihoods(config: Config, record: Record) -> bool:
    """Claim 4: Huber's loss is continuously differentiable and at most half the squared error; least squares is normal
    maximum likelihood, least absolute deviations is Laplace's: no other line has a larger one, and the likelihoods order
    all lines as the errors do."""
    square, _, hubers, _ = np.asarray(record.losses)
    δ = float(config.delta)
    smooth = np.allclose(record.corners, [[[δ**2 / 2] * 2] * 2, [[-δ] * 2, [δ] * 2]], rtol=1e-9)
    below = np.all(hubers <= square / 2 * (1 + 1e-12) + 1e-15)
    X, y, others = record.lines.X, record.lines.y, record.lines.others
    checks = [smooth, below]
    for best, likelihood, error in (
        (record.lines.routes[1], normal_log_likelihood, lambda e: np.sum(e**2)),
        (record.lines.absolute, laplace_log_likelihood, lambda e: np.sum(np.abs(e))),
    ):
        likely = np.array([likelihood(y - X @ b) for b in (best, *others)])
        wrong = np.array([error(y - X @ b) for b in (best, *others)])
        checks += [likely.argmax() == 0, np.all(np.diff(likely[np.argsort(wrong)]) <= 0)]
    told = np.isclose(normal_log_likelihood(record.simple.residuals), record.simple.log_likelihood, rtol=1e-9)
    return bool(all(checks) and told)


def claim_one_outlier_moves_the_mean_only(config: Config, record: Record) -> bool:
    """Claim 5: at o = 1000 the mean is 145, median and Huber's estimate are 3 (1e-6): the mean grows with o by 1/7
    without bound, the others do not move."""
    mean, *bounded = record.location
    grows = np.allclose(np.diff(mean), np.diff(record.outlier) / 7, rtol=1e-9)
    ends = config.farthest == 1000 and np.allclose(record.location[:, -1], [145, 3, 3], rtol=0, atol=1e-6)
    return bool(ends and grows and np.all(np.ptp(bounded, axis=1) <= 1e-6))
