"""Model Tuning for Feed-Forward Deep Networks.

How deep, how wide, how long? Nine networks, one to three hidden layers in three sizes, are trained alike and judged by
images that they have not seen. Seeds are a factor of their own, so the widths are compared on five; the step size can
follow the validation loss instead of a plan; networks of several seeds can vote. Optimizer and
minibatch are choices too. With many epochs the large networks are best long before the end.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch05_feed_forward.digit_training import Rows, digits, each, judge_all, lane, seeds, stacked, train
from gradiens.core.module import Module, count, knob
from gradiens.data.minibatch import Minibatches
from gradiens.data.split import split
from gradiens.functions.activations import softmax
from gradiens.nn.mlp import MLP
from gradiens.optim.adam import Adam
from gradiens.optim.rmsprop import RMSprop
from gradiens.report.figure import Figure, Series
from gradiens.train.early_stopping import stopped
from gradiens.train.plateau import Plateau, Reduced

Numbers = Array | np.ndarray
WIDTHS = ("small", "medium", "large")
LAYERS = ("1 hidden layer", "2 hidden layers", "3 hidden layers")
HIDDEN = (
    ((16,), (64,), (256,)),
    ((16, 8), (64, 32), (256, 128)),
    ((16, 8, 4), (64, 32, 16), (256, 128, 64)),
)
MEDIUM = HIDDEN[0][1]  # what is trained in other ways too
SMALL_BATCH = 32
OTHERS = ("ADAM", f"minibatches of {SMALL_BATCH}")
LARGER = 10.0  # how many times larger the step size begins that is reduced on plateaus
LONG_IMAGES, LONG_EPOCHS, LONG_SEEDS = 60_000, 25, 3


class Config(Module):
    """The training that all nine share."""

    images: int = knob(6000, 500, 60_000, says="images of MNIST, four fifths to train on and a fifth to validate")
    epochs: int = knob(8, 1, 100, says="passes over the training images")
    seeds: int = knob(5, 1, 20, says="networks of one hidden layer, each with its weights and its orders")
    deep_seeds: int = knob(1, 1, 20, says="networks of each deeper kind")
    batch: int = knob(128, 1, 10_000, says="images a minibatch")
    rate: float = knob(1e-3, 1e-6, 1.0, "log", says="step size of RMSprop")
    patience: int = knob(1, 1, 50, says="epochs without a lower validation loss before the step size is reduced")
    factor: float = knob(0.3, 0.0, 1.0, says="factor of the step size then")


class Curves(NamedTuple):
    """By epoch and seed."""

    training: Float[Numbers, "epochs seeds"]  # cross-entropy, of as many training as validation images
    validation: Float[Numbers, "epochs seeds"]
    accuracy: Float[Numbers, "epochs seeds"]  # on the validation images


class Record(NamedTuple):
    """The nine networks in the order of HIDDEN, the medium one with a step size that is reduced, a vote, and the medium one by
    another optimizer and with another minibatch."""

    steps: tuple[int, int]  # steps of an epoch here, and of 48,000 images
    parameters: Float[Numbers, "3 3"]
    curves: tuple[tuple[Curves, ...], ...]
    reduced: Curves
    rates: Float[Numbers, "epochs seeds"]  # its step size in each epoch
    vote: Float[Numbers, ""]  # validation accuracy of the mean probabilities of the large networks of one layer
    others: tuple[Curves, ...]  # by OTHERS


class LongRecord(NamedTuple):
    """The nine networks on 48,000 images, 25 epochs."""

    curves: tuple[tuple[Curves, ...], ...]


def run(config: Config, key: Array) -> Record:
    """Train the nine networks, and the medium one of one layer in other ways: with a step size that is reduced, by OTHERS."""
    parts = _parts(config.images, key)
    starts, networks = _starts(key, max(config.seeds, config.deep_seeds)), {}
    curves = []
    for kinds in HIDDEN:
        row = []
        for hidden in kinds:
            lanes = config.seeds if len(hidden) == 1 else config.deep_seeds
            networks[hidden], found, _ = _trained(config, starts[hidden], key, parts, lanes)
            row.append(found)
        curves.append(tuple(row))
    medium = functools.partial(_trained, config, starts[MEDIUM], key, parts)
    _, reduced, rates = medium(config.seeds, RMSprop(LARGER * config.rate, 0.9), config.factor)
    others = (medium(config.deep_seeds, Adam(config.rate))[1], medium(config.deep_seeds, batch=SMALL_BATCH)[1])
    x, y = parts[1]
    p = each(lambda network, x: jax.vmap(lambda row: softmax(network(row)))(x), networks[(256,)], x)
    return Record(
        steps=(_steps(len(parts[0][1]), config.batch), _steps(48_000, config.batch)),
        parameters=np.array([[count(lane(networks[hidden], 0)) for hidden in kinds] for kinds in HIDDEN]),
        curves=tuple(curves),
        reduced=reduced,
        rates=rates,
        vote=jnp.mean((jnp.argmax(jnp.mean(p, axis=0), axis=1).astype(y.dtype) == y).astype(jnp.float32)),
        others=others,
    )


def _parts(images: int, key: Array) -> tuple[Rows, Rows]:
    """Four fifths and a fifth of the first images, of the same shares of classes."""
    ((x, y),) = digits(images)
    seed = int(jax.random.randint(key, (), 0, 2**31 - 1))
    train_rows, validation_rows, _ = split(np.asarray(y), "classes", seed, (0.8, 0.2, 0.0))
    return (x[train_rows], y[train_rows]), (x[validation_rows], y[validation_rows])


def _starts(key: Array, lanes: int) -> dict[tuple[int, ...], MLP]:
    """The networks of each kind before training, by their hidden layers; made by one program."""
    kinds = sum(HIDDEN, ())
    made = lambda k: [MLP.make((784, *hidden, 10), k, init="glorot") for hidden in kinds]  # noqa: E731
    return dict(zip(kinds, stacked(made, seeds(key, lanes)), strict=True))


def _trained(
    config: Config,
    networks: MLP,
    key: Array,
    parts: tuple[Rows, Rows],
    lanes: int,
    optimizer: Any = None,
    factor: float = 1.0,
    batch: int = 0,
) -> tuple[MLP, Curves, np.ndarray]:
    """The networks, their curves, and the step size by epoch and seed: RMSprop and the minibatch of `config`, unless others are
    given; on a plateau of the validation loss the step size is multiplied by `factor`."""
    orders = seeds(jax.random.fold_in(key, 1), lanes)
    optimizer = optimizer or RMSprop(config.rate, 0.9)
    rule = lambda epochs: Reduced(epochs, Plateau(factor, config.patience), _validation)  # noqa: E731
    judged = len(parts[1][1])
    seen = parts[0][0][:judged], parts[0][1][:judged]
    networks = jax.tree.map(lambda a: a[:lanes], networks)
    networks, (told, scale) = train(
        networks,
        optimizer,
        parts[0],
        config.epochs,
        batch or config.batch,
        orders,
        judge_all,
        (seen, parts[1]),
        rule=rule,
    )
    (training, _), (validation, right) = told
    return networks, Curves(training, validation, right), optimizer.lr * scale


def _validation(told: Any) -> Array:
    """The validation loss, of what is told of an epoch."""
    return told[1][0]


def _steps(images: int, batch: int) -> int:
    return Minibatches(images, batch, 0).steps_per_epoch


def long_run(config: Config, key: Array) -> LongRecord:
    """48,000 and 12,000 images, 25 epochs: three seeds of the large networks, one of the others."""
    full = Config(images=LONG_IMAGES, epochs=LONG_EPOCHS, batch=config.batch, rate=config.rate)
    parts = _parts(LONG_IMAGES, key)
    lanes, starts = (1, 1, LONG_SEEDS), _starts(key, LONG_SEEDS)
    trained = lambda hidden, lanes: _trained(full, starts[hidden], key, parts, lanes)[1]  # noqa: E731
    return LongRecord(tuple(tuple(map(trained, kinds, lanes)) for kinds in HIDDEN))


def values(config: Config, record: Record) -> dict[str, float]:
    """Accuracies, best epochs and those that early stopping would train of the nine, the reduced step size, and the vote."""
    told = _told(record.curves, config.patience)
    told |= {f"{_name(HIDDEN[0][1])}, reduced: validation accuracy": np.median(record.reduced.accuracy[-1]),
             f"{_name(HIDDEN[0][1])}, reduced: validation loss": np.median(record.reduced.validation[-1]),
             f"{_name(HIDDEN[0][1])}, reduced: step size at the end": np.median(record.rates[-1]),
             f"{_name(HIDDEN[0][2])}, vote of the seeds: validation accuracy": record.vote,
             "steps an epoch": record.steps[0]}  # fmt: skip
    for name, one in zip(("as all nine", *OTHERS), (record.curves[0][1], *record.others), strict=True):
        told |= {f"{_name(MEDIUM)}, {name}, seed 0: validation loss": one.validation[-1, 0],
                 f"{_name(MEDIUM)}, {name}, seed 0: validation accuracy": one.accuracy[-1, 0]}  # fmt: skip
    return {name: float(value) for name, value in told.items()}


def _told(curves: Sequence[Sequence[Curves]], patience: int) -> dict[str, float]:
    told = {}
    for hidden, found in zip(sum(HIDDEN, ()), sum(map(tuple, curves), ()), strict=True):
        best = [int(np.argmin(row)) + 1 for row in np.asarray(found.validation).T]
        ends = [stopped(row, patience)[0] + 1 for row in np.asarray(found.validation).T]
        told |= {f"{_name(hidden)}: validation accuracy": np.median(found.accuracy[-1]),
                 f"{_name(hidden)}: epoch of least validation loss": np.median(best),
                 f"{_name(hidden)}: epochs with patience {patience}, of {len(found.validation)}": np.median(ends)}  # fmt: skip
    return told


def _name(hidden: Sequence[int]) -> str:
    return "-".join(map(str, hidden))


def long_values(config: Config, record: LongRecord) -> dict[str, float]:
    """Accuracies and best epochs of the nine on 48,000 images, with a patience of 3."""
    return {name: float(value) for name, value in _told(record.curves, 3).items()}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The heat map of validation accuracy, the curves of each depth, and the reduced step size."""
    accuracy = np.array([[np.median(found.accuracy[-1]) for found in row] for row in record.curves])
    text = [[f"{share:.3f}" for share in row] for row in accuracy]
    heat = Series("heat", list(WIDTHS), list(LAYERS), accuracy, "validation accuracy", text=text)
    by_depth = [_curves(depth, hidden, row) for depth, hidden, row in zip(LAYERS, HIDDEN, record.curves, strict=True)]
    epochs = np.arange(1, config.epochs + 1)
    plain = record.curves[0][1]
    pair = [
        Series("line", epochs, np.median(found.validation, axis=1), label=name)
        for name, found in (("constant step size", plain), ("ten times larger, reduced on plateaus", record.reduced))
    ]
    rates = [Series("line", epochs, row, label=f"seed {seed}") for seed, row in enumerate(np.asarray(record.rates).T)]
    return (
        Figure(f"Validation accuracy after {config.epochs} epochs", [heat]),
        *by_depth,
        Figure("64 units: the step size by plan and by the loss", pair, "epoch", "validation loss"),
        Figure("64 units: the reduced step size", rates, "epoch", "step size", log_y=True),
    )


def _curves(depth: str, hidden: Sequence[Sequence[int]], row: Sequence[Curves]) -> Figure:
    series = []
    for i, (widths, found) in enumerate(zip(hidden, row, strict=True)):
        epochs = np.arange(1, len(found.validation) + 1)
        middle = np.median(found.validation, axis=1)
        series.append(Series("line", epochs, middle, label=f"{_name(widths)}, validation", colour=i))
        before = np.median(found.training, axis=1)
        series.append(Series("line", epochs, before, label=f"{_name(widths)}, as many to train", guide=True))
    return Figure(
        f"Losses of the validation images, and of as many to train on: {depth}",
        series,
        "epoch",
        "cross-entropy",
        log_y=True,
    )


def claim_steps_and_parameters(config: Config, record: Record) -> bool:
    """Claim 1: 48,000/128 = 375 steps per epoch; parameter counts follow 5.1: Σ N_l (N_{l-1} + 1)."""
    sizes = [[(784, *hidden, 10) for hidden in kinds] for kinds in HIDDEN]
    formula = [[sum(n * (m + 1) for m, n in pairwise(one)) for one in row] for row in sizes]
    return _steps(48_000, 128) == 375 and np.array_equal(record.parameters, formula)


def claim_accuracy_rises_with_width(config: Config, record: Record) -> bool:
    """Claim 2: one layer: the median validation accuracy of five seeds rises with width, that of 256 units over that of 16
    by at least 0.01."""
    small, medium, large = (np.median(found.accuracy[-1]) for found in record.curves[0])
    return bool(small < medium < large and large - small >= 0.01)


def long_claim_large_networks_are_best_before_the_end(config: Config, record: LongRecord) -> bool:
    """Claim 3, on 48,000 images: for the large networks the minimum of validation loss comes before epoch 25, on 3 of 3
    seeds."""
    best = [np.argmin(row[2].validation, axis=0) + 1 for row in record.curves]
    return bool(np.all(np.concatenate(best) < LONG_EPOCHS))
