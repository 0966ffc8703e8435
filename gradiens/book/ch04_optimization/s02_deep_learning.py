"""Optimization in the Context of Deep Learning.

The cost is a mean over many examples, and a step follows the gradient of a few of them. Such a gradient is right on average
and never at rest: with a constant step the iterates hover about the minimum, unless all examples agree on it. Steps that
shrink like 1/t come closer, and so does a running mean of the iterates. What is minimised is not what is wanted: the cost
on other images falls and then rises, so that training is stopped early. And the landscapes are not convex: already two
weights give one whose infimum lies at infinity.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.book.ch04_optimization.early_stopping import Curves, train
from gradiens.book.ch04_optimization.examples import Batches, Sums, batches, descend
from gradiens.book.ch04_optimization.valley import BETTER, FAR, INFIMA, LOSSES, landscape, symmetric_minima, valley
from gradiens.book.landscapes import contour
from gradiens.core.module import Module, count, knob
from gradiens.nn.mlp import MLP
from gradiens.optim.noise_scale import noise_scale
from gradiens.optim.problems.finite_sum import FiniteSum
from gradiens.optim.schedules import (
    Constant,
    Cosine,
    Exponential,
    OneCycle,
    Polynomial,
    RobbinsMonro,
    StepDecay,
    WarmUp,
)
from gradiens.report.figure import Figure, Series
from gradiens.train.early_stopping import stopped

Numbers = Array | np.ndarray
SEEDS = 5
LARGE = (784, 400, 200, 100, 50, 10)
LONG_EPOCHS, LONG_RATE, LONG_IMAGES = 200, 1e-5, (1000, 500)
SCHEDULES = (Constant, Cosine, WarmUp, OneCycle, RobbinsMonro, Exponential, Polynomial, StepDecay)


class Config(Module):
    """The descents on the finite sum, the network that is trained past its best, and the grid of the landscape."""

    start_1: float = knob(6.0, -10.0, 10.0, says="first coordinate of the start")
    start_2: float = knob(6.0, -10.0, 10.0, says="second coordinate of the start")
    steps: int = knob(1000, 200, 100_000, says="iterations on the finite sum")
    rate: float = knob(0.01, 1e-5, 0.2, "log", says="step size on the finite sum")
    delay: float = knob(200.0, 1.0, 1e5, "log", says="τ of the step sizes that shrink like 1/(1 + t/τ)")
    memory: float = knob(0.99, 0.0, 0.9999, says="memory of the mean of the iterates")
    hidden: int = knob(64, 1, 1000, says="hidden units of the network")
    training: int = knob(300, 10, 10_000, says="training images of MNIST")
    validation: int = knob(500, 10, 10_000, says="validation images")
    epochs: int = knob(100, 2, 1000, says="passes over the training images")
    batch: int = knob(10, 1, 1000, says="images a minibatch")
    adam_rate: float = knob(1e-3, 1e-6, 1.0, "log", says="step size of ADAM")
    patience: int = knob(10, 1, 1000, says="epochs without a lower validation cost that end the training")
    grid: float = knob(0.1, 0.02, 2.0, says="step of the grid on which the landscape is computed")


class Landscape(NamedTuple):
    """Both costs on the grid, rows by w₂; along the valley their least value for fixed w₁, and w₂ there."""

    w: Float[Numbers, "G"]
    cost: Float[Numbers, "2 G G"]
    valley: Float[Numbers, "2 F"]
    at: Float[Numbers, "2 F"]


class Record(NamedTuple):
    """Everything that the default run gives."""

    sums: Sums
    batches: Batches
    noise: Float[Numbers, "2"]  # gradient noise scale at the start and halfway to the minimiser
    large: Int[Numbers, ""]  # parameters of the large network
    curves: Curves
    landscape: Landscape
    symmetric: Float[Numbers, "3"]  # small network: copies of a minimum, largest cost at them, highest cost between two


class LongRecord(NamedTuple):
    """The large network's curves."""

    curves: Curves


def run(config: Config, key: Array) -> Record:
    """Descend the finite sum, list all its minibatches, train, and map the landscape."""
    at, seeds, networks, large = jax.random.split(key, 4)
    images, sizes = (config.training, config.validation), (784, config.hidden, 10)
    start, best = jnp.asarray([config.start_1, config.start_2]), jnp.asarray(FiniteSum().minimisers()[0])
    examples = lambda theta: jax.jacobian(FiniteSum().terms)(theta)  # noqa: E731
    w, cost = landscape(config.grid)
    return Record(
        sums=descend(config, start, seeds, SEEDS),
        batches=batches(examples(3 * jax.random.normal(at, (2,)))),
        noise=jnp.stack([noise_scale(examples(theta)) for theta in (start, (start + best) / 2)]),
        large=np.asarray(count(MLP.make(LARGE, large))),
        curves=train(sizes, networks, images, config.adam_rate, config.batch, config.epochs, SEEDS),
        landscape=Landscape(w, cost, *valley()),
        symmetric=symmetric_minima(),
    )


def long_run(config: Config, key: Array) -> LongRecord:
    """The large network on 1,000 images."""
    return LongRecord(train(LARGE, key, LONG_IMAGES, LONG_RATE, 10, LONG_EPOCHS, SEEDS))


def _distance(path: Numbers, to: Numbers | Sequence[float]) -> np.ndarray:
    return np.linalg.norm(np.asarray(path) - np.asarray(to), axis=-1)


def _best() -> np.ndarray:
    return FiniteSum().minimisers()[0]


def values(config: Config, record: Record) -> dict[str, float]:
    """Distances on the finite sum, noise scales, epochs and costs of early stopping, least values of the landscape."""
    last = slice(-200, None)
    found = {"full gradient: distance": float(_distance(record.sums.full[-1], _best()))}
    for name in ("single", "mean", "shrinking", "schedule_free"):
        path = getattr(record.sums, name)
        found[f"{name.replace('_', '-')}, last 200 steps: distance"] = float(_distance(path[last], _best()).mean())
    at = {"the start": record.noise[0], "halfway": record.noise[1]}
    found |= {f"gradient noise scale at {where}": float(value) for where, value in at.items()}
    found |= _stops(record.curves, config.patience)
    found |= {f"{name}: least on the grid": float(c.min()) for name, c in zip(LOSSES, record.landscape.cost)}
    names = ("copies of a minimum", "largest cost at a copy", "highest cost on the way to one")
    return found | {f"small network: {name}": float(v) for name, v in zip(names, record.symmetric, strict=True)}


def long_values(config: Config, record: LongRecord) -> dict[str, float]:
    """Epochs and costs of early stopping, large network."""
    return {f"large, {name}": value for name, value in _stops(record.curves, config.patience).items()}


def _stops(curves: Curves, patience: int) -> dict[str, float]:
    found = {}
    for seed, row in enumerate(np.asarray(curves.validation)):
        end, best = stopped(row, patience)
        found |= {f"seed {seed}: epoch of the least validation cost": float(np.argmin(row) + 1)}
        found |= {f"seed {seed}: epoch at which training stops": float(end + 1)}
        found |= {
            f"seed {seed}: validation cost, stopped": float(row[best]),
            f"seed {seed}: at the end": float(row[-1]),
        }
    return found


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """Paths and distances on the finite sum, schedules, the curves of early stopping, both landscapes."""
    sums = record.sums
    around = contour(FiniteSum(), np.linspace(-0.5, 6.5, 71), np.linspace(-0.5, 6.5, 71))
    ways = {"full gradient": sums.full, "single examples": sums.single[:, 0], "their mean": sums.mean[:, 0]}
    paths = [Series("line", p[:, 0], p[:, 1], label=name) for name, p in ways.items()]
    best = Series("points", *_best()[:, None], label="minimum")
    far = {**ways, "1/t steps": sums.shrinking[:, 0], "schedule-free ADAMW": sums.schedule_free[:, 0]}
    lines = [Series("line", None, _distance(p, _best()), label=name) for name, p in far.items()]
    lines.append(Series("line", None, _distance(sums.meeting[:, 0], (2.0, 2.0)), label="single, one point"))
    t = jnp.arange(1001)
    factors = [Series("line", t, jax.vmap(kind(1000))(t), label=kind.__name__) for kind in SCHEDULES]
    return (
        Figure("Five quadratics, each with a minimum of its own", [around, *paths, best], "θ₁", "θ₂", square=True),
        Figure("The distance to the minimum, first seed", lines, "step", "distance", log_y=True),
        Figure("Schedules of the step size over 1,000 steps", factors, "step", "factor"),
        _early(record.curves, config.patience, f"784-{config.hidden}-10 on {config.training} images"),
        *(_map(name, record.landscape, i) for i, name in enumerate(LOSSES)),
    )


def long_show(config: Config, record: LongRecord) -> Figure:
    """The curves of the large network."""
    return _early(record.curves, config.patience, "784-400-200-100-50-10 on 1,000 images")


def _early(curves: Curves, patience: int, what: str) -> Figure:
    epochs = np.arange(1, curves.training.shape[1] + 1)
    one, other = np.asarray(curves.training), np.asarray(curves.validation)
    kept = np.array([stopped(row, patience)[1] for row in other])
    series = [
        Series("band", epochs, one.min(0), one.max(0), label="training, all seeds"),
        Series("band", epochs, other.min(0), other.max(0), label="validation, all seeds"),
        Series("line", epochs, np.median(other, axis=0), label="validation, median", colour=1),
        Series("points", kept + 1, other[np.arange(len(kept)), kept], label="kept by early stopping"),
    ]
    return Figure(f"Early stopping: {what}", series, "epoch", "cross-entropy")


def _map(name: str, found: Landscape, i: int) -> Figure:
    step = max(1, round(0.2 / float(found.w[1] - found.w[0])))
    thin = np.asarray(found.cost)[i, ::step, ::step]
    grid = Series("contour", found.w[::step], found.w[::step], np.log10(thin - INFIMA[i] + 1e-6), "log₁₀ (C - inf C)")
    return Figure(f"{name} of σ(w₂ σ(w₁ x))", [grid], "w₁", "w₂", square=True)


def claim_the_full_gradient_reaches_the_minimiser(config: Config, record: Record) -> bool:
    """Claim 1: the minimiser of (a) is (11/6, 7/5); full gradient descent is within 1e-8 of it."""
    exact = np.allclose(_best(), [11 / 6, 7 / 5], rtol=1e-12)
    return bool(exact and _distance(record.sums.full[-1], [11 / 6, 7 / 5]) < 1e-8)


def claim_single_examples_hover_unless_they_agree(config: Config, record: Record) -> bool:
    """Claim 2: single-sample descent stays at a mean distance above 0.01 over the last 200 steps (5 seeds); with all
    points equal it converges to (2, 2) within 1e-8."""
    hovers = _distance(record.sums.single[-200:], [11 / 6, 7 / 5]).mean(axis=0) > 0.01
    return bool(hovers.shape == (5,) and hovers.all() and np.all(_distance(record.sums.meeting[-1], [2, 2]) < 1e-8))


def claim_minibatches_are_right_on_average(config: Config, record: Record) -> bool:
    """Claim 3: the average of all mini-batch gradients is the full gradient; the variance ratio to single samples (without
    replacement) is (N-b)/(b(N-1))."""
    gradients, mean, variance = map(np.asarray, record.batches)
    n = len(gradients)
    b = np.arange(1, n + 1)
    unbiased = np.allclose(mean, gradients.mean(axis=0), rtol=1e-9)
    return unbiased and np.allclose(variance / variance[0], (n - b) / (b * (n - 1)), rtol=1e-9, atol=1e-12)


def claim_the_large_network_has_this_many_parameters(config: Config, record: Record) -> bool:
    """Claim 4: the large network has 419,860 parameters."""
    return int(record.large) == 419_860


def claim_training_is_best_stopped_early(config: Config, record: Record) -> bool:
    """Claim 5: the minimum of validation CE comes before the last epoch on 5 of 5 seeds; the stopped model's validation CE
    is never above the final one."""
    return _early_is_better(record.curves, config.patience)


def _early_is_better(curves: Curves, patience: int) -> bool:
    rows = np.asarray(curves.validation)
    before = [np.argmin(row) < len(row) - 1 for row in rows]
    never_above = [row[stopped(row, patience)[1]] <= row[-1] for row in rows]
    return bool(len(rows) == 5 and all(before) and all(never_above))


def long_claim_training_is_best_stopped_early(config: Config, record: LongRecord) -> bool:
    """Claim 5: the same for the large network on 1,000 images: the minimum of validation CE comes before the last epoch
    on 5 of 5 seeds; the stopped model's validation CE is never above the final one."""
    return _early_is_better(record.curves, config.patience)


def claim_the_infimum_lies_at_infinity(config: Config, record: Record) -> bool:
    """Claim 6: infima 17/12 (squared error, sum) and (3 ln 3 + ln 2)/6 = 0.664831 (CE), approached as |w₁| grows; grid minima
    1.41667 and 0.664833."""
    found, inf = record.landscape, np.array([17 / 12, (3 * np.log(3) + np.log(2)) / 6])
    grid = np.asarray(found.cost).min(axis=(1, 2))
    printed = abs(inf[1] - 0.664831) < 5e-7 and abs(grid[0] - 1.41667) < 5e-6 and abs(grid[1] - 0.664833) < 5e-7
    gap = np.asarray(found.valley) - inf[:, None]  # for |w₁| that doubles, until rounding
    approached = (
        np.all(gap[:, :BETTER] > 0) and np.all(np.diff(gap[:, :BETTER]) < 0) and np.all(np.abs(gap[:, -1]) < 1e-9)
    )
    return bool(printed and np.all(grid > inf) and approached and FAR[-1] > 20)
