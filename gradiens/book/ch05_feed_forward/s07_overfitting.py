"""Mitigating Overfitting with Dropout and Regularization.

Two thousand digits are few for a network of 235,000 weights: it learns them by heart, and its loss on others stalls.
A penalty on the weights, units silenced at random, changed pictures, and an end in time keep the two losses closer together.
Dropout leaves every signal what it is in the mean, and adds a price on the squares of weights and signals; what it trains is
an ensemble of thinned networks, for which the whole network stands at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch05_feed_forward.digit_training import (
    Rows,
    digits,
    each,
    judge,
    judge_all,
    lane,
    seeds,
    stacked,
    train,
    unseen_digits,
)
from gradiens.book.ch05_feed_forward.dropout_identities import LONGEST, Estimate, Identities, identities
from gradiens.core.module import Module, knob
from gradiens.data.augmentation import augmentation
from gradiens.functions.activations import softmax
from gradiens.nn.batched import on_batch
from gradiens.nn.dropout import Dropout
from gradiens.nn.mlp import MLP
from gradiens.optim.adam import Adam
from gradiens.optim.penalties import L2
from gradiens.report.figure import Figure, Series
from gradiens.train.early_stopping import stopped

Numbers = Array | np.ndarray
SIZES = (784, 256, 128, 10)
TRAINED = ("none", "L2", "dropout")
WAYS = (*TRAINED, "early stopping")  # the network of "none", at the epoch that is kept
AUGMENTATION = augmentation("shift=2,mixup=0.2")
SEEDS, RATE, BATCH = 5, 1e-3, 100
WIDTHS, LONG_SEEDS, LONG_EPOCHS, LONG_BATCH = (16, 64, 256), 3, 8, 128


class Config(Module):
    """The training on few digits, and what keeps it from overfitting."""

    images: int = knob(2000, 100, 30_000, says="images to train on, and as many others to validate")
    epochs: int = knob(15, 1, 200, says="passes over the training images")
    strength: float = knob(1e-3, 0.0, 1.0, "log", says="factor of the squared weights")
    keep: float = knob(0.5, 0.05, 1.0, says="probability that a hidden unit is kept")
    patience: int = knob(3, 1, 100, says="epochs without a lower validation loss before training ends")
    masks: int = knob(30, 1, 1000, says="thinned networks in the ensemble")


class Record(NamedTuple):
    """The identities; cross-entropies in evaluation mode by way, epoch and seed; the ensemble of thinned networks."""

    identities: Identities
    training: Float[Numbers, "3 epochs seeds"]
    validation: Float[Numbers, "3 epochs seeds"]
    accuracy: Float[Numbers, "3 epochs seeds"]  # on the validation images
    ensemble: Float[
        Numbers, " masks"
    ]  # validation cross-entropy of the mean of the first thinned networks' probabilities
    augmented: Float[
        Numbers, "3"
    ]  # seed 0 on shifted and mixed images: training and validation loss, and accuracy, at the end


class LongRecord(NamedTuple):
    """Test accuracies after training on all of MNIST, by width and seed."""

    accuracy: Float[Numbers, "widths seeds"]


def run(config: Config, key: Array) -> Record:
    """The identities; five networks each without help, with the penalty, and with dropout, from the same weights."""
    parts = digits(config.images, config.images)
    start = stacked(lambda k: MLP.make(SIZES, k), seeds(key, SEEDS))
    curves, networks = [], start
    for way in TRAINED:
        dropout = Dropout(config.keep) if way == "dropout" else None
        penalty = L2(config.strength) if way == "L2" else None
        networks, told = _trained(
            config, MLP(start.layers, start.activation, dropout), key, (parts[0], parts[1]), penalty
        )
        curves.append(told)
    training, validation, accuracy = (np.stack(which) for which in zip(*curves, strict=True))
    ensemble = _ensemble(lane(networks, 0), parts[1], config.masks, key)
    _, told = _trained(config, jax.tree.map(lambda a: a[:1], start), key, (parts[0], parts[1]), None, _changed)
    return Record(identities(key), training, validation, accuracy, ensemble, np.array([row[-1, 0] for row in told]))


def _trained(
    config: Config,
    networks: MLP,
    key: Array,
    parts: tuple[Rows, Rows],
    penalty: Callable[[Any], Array] | None,
    augment: Callable[..., Any] | None = None,
) -> tuple[Any, tuple[np.ndarray, ...]]:
    """The networks, and by epoch and seed their training and validation loss, and their validation accuracy."""
    orders = seeds(jax.random.fold_in(key, 1), len(networks.layers[0].W))
    networks, told = train(
        *(networks, Adam(RATE), parts[0], config.epochs, BATCH, orders, judge_all, parts),
        penalty=penalty,
        augment=augment,
    )
    (training, _), (validation, right) = told
    return networks, (training, validation, right)


def _changed(key: Array, X: Array, y: Array) -> tuple[Array, ...]:
    """The images of a minibatch shifted and mixed in pairs."""
    pictures, *targets = AUGMENTATION(key, X.reshape(-1, 1, 28, 28), y)
    return pictures.reshape(X.shape), *targets


def _ensemble(network: MLP, rows: Rows, masks: int, key: Array) -> np.ndarray:
    """The cross-entropy of the mean probabilities of the first 1, 2, … thinned networks."""

    @eqx.filter_jit
    def every(network: MLP, x: Array, y: Array, key: Array) -> Array:
        def more(total: Array, key: Array) -> tuple[Array, Array]:
            total = total + jax.vmap(softmax)(on_batch(network, x, key)[0])
            p = total / jnp.sum(total, axis=1, keepdims=True)
            return total, -jnp.mean(jnp.log(p[jnp.arange(len(y)), y]))

        return jax.lax.scan(more, jnp.zeros((len(y), 10), x.dtype), jax.random.split(key, masks))[1]

    return np.asarray(every(network, *rows, key))


def long_run(config: Config, key: Array) -> LongRecord:
    """All of MNIST, one hidden layer of 16, 64 and 256 units, 8 epochs of ADAM, batch 128, three seeds."""
    (rows,), test = digits(60_000), unseen_digits()
    found = []
    for width in WIDTHS:
        networks = stacked(lambda k, width=width: MLP.make((784, width, 10), k), seeds(key, LONG_SEEDS))
        orders = seeds(jax.random.fold_in(key, 1), LONG_SEEDS)
        nothing = lambda network, given: given  # noqa: E731
        done, _ = train(networks, Adam(RATE), rows, LONG_EPOCHS, LONG_BATCH, orders, nothing, jnp.zeros(()))
        found.append(np.asarray(each(lambda network, test: judge(network, test)[1], done, test)))
    return LongRecord(np.stack(found))


def gaps(config: Config, record: Record) -> dict[str, np.ndarray]:
    """Validation minus training cross-entropy, in evaluation mode, by way and seed."""
    gap = record.validation - record.training
    kept = _kept(config, record)
    early = gap[0][kept, np.arange(gap.shape[2])]
    return {way: np.asarray(found) for way, found in zip(WAYS, (*gap[:, -1], early), strict=True)}


def _kept(config: Config, record: Record) -> np.ndarray:
    """The epoch (from 0) that early stopping keeps, by seed."""
    return np.array([stopped(row, config.patience)[1] for row in record.validation[0].T])


def values(config: Config, record: Record) -> dict[str, float]:
    """Median gaps, losses and accuracies of the four ways, and the ensemble of thinned networks."""
    kept = _kept(config, record)
    told = {f"{way}: median gap": np.median(gap) for way, gap in gaps(config, record).items()}
    for way, cost, right in zip(TRAINED, record.validation, record.accuracy, strict=True):
        told |= {f"{way}: median validation loss": np.median(cost[-1]),
                 f"{way}: median validation accuracy": np.median(right[-1])}  # fmt: skip
    at = kept, np.arange(len(kept))
    told |= {"early stopping: median validation loss": np.median(record.validation[0][at]),
             "early stopping: median validation accuracy": np.median(record.accuracy[0][at]),
             "early stopping: median epoch kept": np.median(kept + 1)}  # fmt: skip
    told |= {"dropout, seed 0: validation loss of the whole network": record.validation[2, -1, 0]}
    told |= {f"dropout, seed 0: of {n} thinned networks": record.ensemble[n - 1] for n in (1, len(record.ensemble))}
    names = "training loss", "validation loss", "validation accuracy"
    told |= {f"shifts and mixup, seed 0: {name}": v for name, v in zip(names, record.augmented, strict=True)}
    longest, capped = record.identities.longest
    told |= {"longest row": longest, f"longest row, max-norm {LONGEST:g}": capped}
    told |= _estimates("stochastic depth", record.identities.depth)
    told |= _estimates("mask ⊙ a / p", record.identities.mask) | _estimates("dropout loss", record.identities.squared)
    return {name: float(value) for name, value in told.items()}


def _estimates(name: str, found: Estimate) -> dict[str, float]:
    """The mean over the masks, its standard error, and what it should be; of several numbers, each."""
    columns = np.stack([np.ravel(part) for part in found], axis=1)
    each = [name] if len(columns) == 1 else [f"{name}, unit {i + 1}" for i in range(len(columns))]
    parts = "mean", "standard error", "expected"
    return {
        f"{one}: {part}": v for one, row in zip(each, columns, strict=True) for part, v in zip(parts, row, strict=True)
    }


def long_values(config: Config, record: LongRecord) -> dict[str, float]:
    """Test accuracies by width and seed."""
    rows = zip(WIDTHS, record.accuracy, strict=True)
    return {f"{width} units, seed {seed}: test accuracy": float(a) for width, row in rows for seed, a in enumerate(row)}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """Losses by epoch for each way, the gaps, and the ensemble."""
    epochs = np.arange(1, config.epochs + 1)
    figures = []
    for way, training, validation in zip(TRAINED, record.training, record.validation, strict=True):
        bands = [
            Series("band", epochs, part.min(1), part.max(1), label=f"{name}, five seeds", colour=i)
            for i, (name, part) in enumerate((("training", training), ("validation", validation)))
        ]
        lines = [
            Series("line", epochs, np.median(part, axis=1), label=f"{name}, median", colour=i)
            for i, (name, part) in enumerate((("training", training), ("validation", validation)))
        ]
        figures.append(Figure(f"Losses in evaluation mode: {way}", [*bands, *lines], "epoch", "cross-entropy"))
    middle = [float(np.median(gap)) for gap in gaps(config, record).values()]
    bars = Series("bars", list(WAYS), middle, label="median of five seeds", text=[f"{gap:.3f}" for gap in middle])
    whole = np.full(len(record.ensemble), record.validation[2, -1, 0])
    count = np.arange(1, len(whole) + 1)
    ensemble = [
        Series("line", count, record.ensemble, label="mean of thinned networks"),
        Series("line", count, whole, label="the whole network", guide=True),
    ]
    return (
        *figures,
        Figure("Validation minus training loss", [bars], "", "gap"),
        Figure("Dropout as an ensemble", ensemble, "thinned networks", "validation cross-entropy"),
    )


def claim_dropout_is_right_in_the_mean(config: Config, record: Record) -> bool:
    """Claim 1: E[mask ⊙ a / p] = a, within 3 standard errors of 20,000 masks for each of four units; p = 1 is the
    identity; evaluation is deterministic."""
    a, kept, at_rest = record.identities.rests
    return _within(record.identities.mask) and np.array_equal(kept, a) and np.array_equal(at_rest, a)


def claim_dropout_adds_a_price_on_squares(config: Config, record: Record) -> bool:
    """Claim 2: for a linear unit the expected dropout squared loss is the squared loss plus Σ w² x² (1-p)/p, within 3
    standard errors of 20,000 masks."""
    return _within(record.identities.squared)


def _within(found: Estimate, errors: float = 3) -> bool:
    return bool(np.all(np.abs(found.mean - found.expected) <= errors * found.error))


def claim_decay_is_a_penalty_under_sgd_alone(config: Config, record: Record) -> bool:
    """Claim 3: under plain SGD decay and the gradient of an L2 term coincide (1e-9); under ADAM they differ. The gradient of an
    L1 term is λ sign w."""
    (term, decay), (adam, adamw) = record.identities.decay
    lasso = np.allclose(*record.identities.lasso, rtol=1e-9, atol=1e-12)
    return bool(
        lasso and np.allclose(term, decay, rtol=1e-9, atol=0) and not np.allclose(adam, adamw, rtol=1e-3, atol=0)
    )


def claim_label_smoothing_is_cross_entropy_of_softer_targets(config: Config, record: Record) -> bool:
    """Claim 4: label smoothing s equals the cross-entropy with targets (1-s) y + s/K; relative 1e-9."""
    return bool(np.allclose(*record.identities.smoothed, rtol=1e-9, atol=0))


def claim_dropout_and_l2_narrow_the_gap(config: Config, record: Record) -> bool:
    """Claim 5: the median gap over five seeds: dropout below none by 0.04, L2 below none by 0.015."""
    gap = {way: np.median(each_seed) for way, each_seed in gaps(config, record).items()}
    return bool(gap["dropout"] <= gap["none"] - 0.04 and gap["L2"] <= gap["none"] - 0.015)


def long_claim_wider_layers_read_better(config: Config, record: LongRecord) -> bool:
    """Claim 5, on all of MNIST: the median test accuracy of three seeds is higher with 256 than with 64 than with 16 units
    by 0.002 each."""
    return bool(np.all(np.diff(np.median(record.accuracy, axis=1)) >= 0.002))
