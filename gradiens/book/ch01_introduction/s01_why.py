"""Why Deep Learning?

A classifier of pictures is a map from pixels to a probability vector. A small network learns it from five thousand
handwritten digits in seconds; what it says of a digit are its most probable classes, and how probable they are. It has
learned from digits in the middle of the picture: when one is moved by a few pixels, the network is lost, and just as sure of
itself. A network of convolutions, trained elsewhere on photographs, says what is on them by the same few steps: resize,
crop, normalise, predict.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.book.ch01_introduction.photographs import Photographs, photographs
from gradiens.core.iterate import iterate
from gradiens.core.module import Module, count, knob
from gradiens.data.sets.mnist import mnist
from gradiens.functions.activations import identity, softmax
from gradiens.functions.losses import categorical_cross_entropy
from gradiens.functions.metrics import accuracy, calibration_curve, calibration_error
from gradiens.functions.ranking import top_k, top_k_accuracy
from gradiens.nn.mlp import MLP
from gradiens.optim.adam import Adam
from gradiens.optim.descent import Descent
from gradiens.report.figure import Figure, Series
from gradiens.report.schematics import convolutional, feed_forward, recurrent
from gradiens.train import training
from gradiens.train.epochs import Epochs

Numbers = Array | np.ndarray
SEEDS = 5
SHOWN = 8  # test images whose three most probable classes are shown
SHIFTS = tuple(range(0, 13, 2))
BATCH = 100

TASKS = (  # (task, from, to, a loss of it)
    ("classification", "a picture", "probabilities of K classes", "cross-entropy"),
    ("localisation", "a picture", "a class and four numbers, the corners of a box", "cross-entropy + squared error"),
    ("segmentation", "a picture", "probabilities of K classes for every pixel", "mean cross-entropy"),
    ("text classification", "a sequence of tokens", "probabilities of K classes", "cross-entropy"),
    ("translation", "a sequence of tokens", "probabilities of each next token", "cross-entropy a token"),
    ("generation", "random numbers", "a picture or a text like those of the data", "a game or a likelihood"),
    (
        "control",
        "the state of an environment",
        "probabilities of actions, or their values",
        "minus the expected return",
    ),
)


class Config(Module):
    """The network and its training."""

    hidden: int = knob(64, 1, 1024, says="hidden units")
    images: int = knob(5000, 100, 60_000, says="training images of MNIST, the first")
    epochs: int = knob(5, 1, 200, says="passes over the training images")
    rate: float = knob(1e-3, 1e-6, 1.0, "log", says="step size of ADAM")
    moved: int = knob(0, 0, 9999, says="the test image that is moved")


class Record(NamedTuple):
    """Of the first seed's network: logits of all test images, and probabilities of one image moved to the right."""

    pixels: Float[Numbers, "8 28 28"]
    logits: Float[Numbers, "N 10"]
    y: Int[Numbers, " N"]
    shifted: Float[Numbers, "7 10"]
    accuracies: Float[Numbers, " S"]  # of all seeds' networks on the test images
    photographs: Photographs


def run(config: Config, key: Array) -> Record:
    """Train five networks at once; look at the test images through the first."""
    data = mnist()
    x, y = _rows(data.pixels[: config.images]), jnp.asarray(data.labels[: config.images], jnp.int32)
    test = np.asarray(data.test_pixels)
    networks = _train(config, key, x, y)
    logits = np.asarray(jax.jit(jax.vmap(lambda net: jax.vmap(net)(_rows(test))))(networks))
    first = jax.tree.map(lambda leaf: leaf[0], networks)
    moved = np.stack([_moved(test[config.moved], by) for by in SHIFTS])
    labels = np.asarray(data.test_labels)
    return Record(
        pixels=test[:SHOWN] / data.maximum,
        logits=logits[0],
        y=labels,
        shifted=jax.vmap(lambda row: softmax(first(row)))(_rows(moved)),
        accuracies=np.array([accuracy(labels, np.argmax(z, axis=1)) for z in logits]),
        photographs=photographs(),
    )


def _rows(pixels: np.ndarray) -> Float[Array, "N 784"]:
    return jnp.asarray(pixels.reshape(len(pixels), -1) / np.float32(255))


def _moved(image: np.ndarray, by: int) -> np.ndarray:
    """The image moved to the right, black on the left."""
    out = np.zeros_like(image)
    out[:, by:] = image[:, : image.shape[1] - by]
    return out


def mean_cost(network: MLP, rows: tuple[Array, Array]) -> Float[Array, ""]:
    """The mean cross-entropy of these rows."""
    return training.mean_cost(identity, categorical_cross_entropy, network, *rows)


def _train(config: Config, key: Array, x: Array, y: Array) -> MLP:
    """Networks with a leading axis, one a seed, in single precision."""
    keys = jax.vmap(lambda seed: jax.random.fold_in(key, seed))(jnp.arange(SEEDS))
    starts = jax.jit(jax.vmap(lambda k: MLP.make((784, config.hidden, 10), k)))(keys)
    starts = jax.tree.map(lambda leaf: leaf.astype(jnp.float32), starts)
    epochs = Epochs(Descent(mean_cost, Adam(config.rate)), (x, y), BATCH, mean_cost, (x, y))
    outcome = iterate(epochs, starts, steps=config.epochs, key=keys, start_axis=0, name=f"{SEEDS} networks")
    return outcome.state.theta


def values(config: Config, record: Record) -> dict[str, float]:
    """Test accuracies, top-k accuracies, calibration, and the moved image."""
    p = _probabilities(record.logits)
    found = {f"seed {seed}: test accuracy": float(share) for seed, share in enumerate(record.accuracies)}
    found["median test accuracy"] = float(np.median(record.accuracies))
    found |= {f"top-{k} accuracy": top_k_accuracy(record.y, p, k) for k in (1, 2, 3, 5)}
    found["expected calibration error"] = calibration_error(record.y, p)
    truth = record.y[config.moved]
    found |= {f"moved by {by}: probability of {truth}": float(q[truth]) for by, q in zip(SHIFTS, record.shifted)}
    seen = record.photographs
    if len(seen.labels):
        found["photographs, ResNet-20: accuracy"] = accuracy(seen.labels, np.argmax(seen.probabilities, axis=1))
        found["photographs"] = float(len(seen.labels))
    return found


def _probabilities(logits: Numbers) -> np.ndarray:
    return np.asarray(softmax(jnp.asarray(logits)))


def text(config: Config, record: Record) -> str:
    """The kinds of tasks, and the model's card."""
    tasks = "\n\n".join(f"{name}: from {given} to {asked}; {loss}" for name, given, asked, loss in TASKS)
    size = count(MLP.make((784, config.hidden, 10), jax.random.key(0)))
    card = (
        f"Model: a perceptron 784-{config.hidden}-10 with relu and softmax, {size:,} parameters.",
        f"Data: the first {config.images:,} training images of MNIST, handwritten digits in the middle of 28 × 28 pixels.",
        f"Training: ADAM with step size {config.rate:g}, minibatches of {BATCH}, {config.epochs} epochs.",
        f"Measured on 10,000 test images: accuracy {np.median(record.accuracies):.3f} (median of {SEEDS} seeds), "
        f"expected calibration error {calibration_error(record.y, _probabilities(record.logits)):.3f}.",
        "For: showing what a classifier is. Not for: digits that are not centred (see what a shift does), or other hands.",
    )
    return "What such maps are used for\n\n" + tasks + "\n\nThe card of this model\n\n" + "\n\n".join(card)


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The digits with their three most probable classes, the moved digit, calibration, photographs, three schematics."""
    p = _probabilities(record.logits)
    best = top_k(p[:SHOWN], 3)
    names = [f"{i + 1}: a {record.y[i]}" for i in range(SHOWN)]
    bars = [
        Series("bars", names, best.scores[:, k], label=place, text=[f"{c}" for c in best.classes[:, k]], colour=k)
        for k, place in enumerate(("most probable", "second", "third"))
    ]
    digits = [Series("picture", z=one, label=name) for one, name in zip(record.pixels, names, strict=True)]
    curve = calibration_curve((np.argmax(p, axis=1) == record.y).astype(np.int64), p.max(axis=1))
    return (
        Figure("Eight test images", digits),
        Figure("Their three most probable classes", bars, "image", "probability"),
        _shift(config, record),
        Figure(
            "Calibration",
            [
                Series("line", [0.0, 1.0], [0.0, 1.0], label="perfect", guide=True),
                Series("line", curve.predicted, curve.observed, label="this network"),
            ],
            "probability of the predicted class",
            "share that was right",
            square=True,
        ),
        *record.photographs.figures(),
        feed_forward((4, 5, 3)),
        convolutional(7, 3),
        recurrent(4),
    )


def _shift(config: Config, record: Record) -> Figure:
    truth, found = record.y[config.moved], np.asarray(record.shifted)
    lines = [
        Series("line", SHIFTS, found[:, truth], label=f"of {truth}, which it is"),
        Series(
            "line", SHIFTS, found.max(axis=1), label="of the predicted class", text=[str(k) for k in found.argmax(1)]
        ),
    ]
    return Figure(f"A {truth} moved to the right", lines, "pixels", "probability")


def claim_outputs_lie_in_the_simplex(config: Config, record: Record) -> bool:
    """Claim 1: every output lies in the simplex: entries ≥ 0, sum 1 within 1e-6."""
    outputs = [
        np.asarray(jax.vmap(softmax)(jnp.asarray(record.logits))),
        record.shifted,
        record.photographs.probabilities,
    ]
    return all(np.all(p >= 0) and np.allclose(np.sum(p, axis=1), 1, rtol=0, atol=1e-6) for p in outputs)


def claim_constants_change_nothing(config: Config, record: Record) -> bool:
    """Claim 2: adding a constant to all logits leaves the prediction unchanged; scaling the logits by c > 0 keeps the
    ranking."""
    z = jnp.asarray(record.logits, jnp.float32)
    p = jax.vmap(softmax)(z)
    added = all(np.allclose(jax.vmap(softmax)(z + c), p, rtol=1e-4, atol=1e-6) for c in (-3.0, 7.0))
    ranked = np.argsort(z, axis=1, stable=True)
    scaled = all(np.array_equal(np.argsort(c * z, axis=1, stable=True), ranked) for c in (0.25, 8.0))
    return bool(added and scaled)


def claim_top_k_accuracy_grows_to_one(config: Config, record: Record) -> bool:
    """Claim 3: top-k accuracy is non-decreasing in k and equals 1 at k = 10."""
    shares = [top_k_accuracy(record.y, record.logits, k) for k in range(1, 11)]
    return bool(np.all(np.diff(shares) >= 0) and shares[-1] == 1)


def claim_the_network_has_learned(config: Config, record: Record) -> bool:
    """Claim 4: median test accuracy over 5 seeds exceeds 0.85 (always guessing the commonest class: 0.1135)."""
    commonest = np.bincount(record.y).max() / len(record.y)
    return bool(np.median(record.accuracies) > 0.85 and len(record.accuracies) == 5 and commonest == 0.1135)
