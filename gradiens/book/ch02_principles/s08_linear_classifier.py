"""Linear Classifier using the linear model.

Least squares on targets of ±1 classifies digits. One-vs-rest makes ten scores and takes the largest; one-vs-one makes a vote of
forty-five, each learnt on two classes alone, and is better. Since the targets of a row sum to 2 - K, so do its scores. More
linear pieces can help: a random hyperplane splits the space and each side gets a classifier of its own. Beside them stand the
discriminant analysis of normal classes and output codes, which use the same linear scores in other ways.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.classical.classifiers.discriminant import fit_discriminant
from gradiens.classical.classifiers.linear_classifier import fit_linear_classifier
from gradiens.classical.classifiers.output_codes import fit_output_codes
from gradiens.classical.classifiers.split_classifier import fit_split_classifier
from gradiens.core.module import Module, knob
from gradiens.data.sets.mnist import mnist
from gradiens.functions.metrics import accuracy, confusion
from gradiens.report.figure import Figure, Series

Numbers = Array | np.ndarray
SCHEMES = ("one-vs-rest", "one-vs-one")
SEEDS = 5


class Config(Module):
    """The pictures, and what stands beside the two schemes."""

    images: int = knob(10_000, 2000, 60_000, says="training images of MNIST")
    letters: int = knob(63, 10, 255, says="letters of the random output code")
    shrinkage: float = knob(0.05, 0.001, 1.0, "log", says="shrinkage of the covariance in discriminant analysis")


class Record(NamedTuple):
    """By scheme: confusion matrices on the test images; and what stands beside."""

    confusion: Int[Numbers, "2 10 10"]
    accuracy: Float[Numbers, "2"]
    sums: Float[Numbers, "10000"]  # of the one-vs-rest scores of each test image
    split: Float[Numbers, "5"]  # test accuracy of the split classifier by seed
    discriminant: Float[Numbers, ""]
    codes: Float[Numbers, ""]
    plane: Float[Numbers, "10000 2"]  # test images along the first two discriminant directions
    labels: Int[Numbers, "10000"]


class LongRecord(NamedTuple):
    """All of MNIST: the test accuracy unsplit, and split by seed."""

    unsplit: Float[Numbers, ""]
    split: Float[Numbers, "5"]


class Digits(NamedTuple):
    """Training and test images as rows of numbers in [0, 1], and their classes."""

    x: Float[np.ndarray, "N 784"]
    y: Int[np.ndarray, "N"]
    x_test: Float[np.ndarray, "10000 784"]
    y_test: Int[np.ndarray, "10000"]


def run(config: Config, key: Array) -> Record:
    """Both schemes, five splits, discriminant analysis, output codes."""
    digits, (splits, words) = _digits(config.images), jax.random.split(key)
    fits = [fit_linear_classifier(digits.x, digits.y, 10, scheme) for scheme in SCHEMES]
    answers = [fit.predict(digits.x_test) for fit in fits]
    discriminant = fit_discriminant(digits.x, digits.y, 10, config.shrinkage)
    code = np.where(np.asarray(jax.random.bernoulli(words, 0.5, (10, config.letters))), 1, -1)
    code = code[:, np.ptp(code, axis=0) > 0]
    codes = fit_output_codes(digits.x, digits.y, code)
    return Record(
        confusion=np.stack([confusion(digits.y_test, answer, 10) for answer in answers]),
        accuracy=np.array([accuracy(digits.y_test, answer) for answer in answers]),
        sums=fits[0].scores(digits.x_test).sum(1),
        split=_split(digits, splits),
        discriminant=np.array(accuracy(digits.y_test, discriminant.predict(digits.x_test))),
        codes=np.array(accuracy(digits.y_test, codes.predict(digits.x_test))),
        plane=discriminant.transform(digits.x_test)[:, :2],
        labels=digits.y_test,
    )


def _digits(images: int) -> Digits:
    data = mnist()
    flat = lambda pixels: pixels.reshape(len(pixels), -1).astype(np.float32) / np.float32(data.maximum)  # noqa: E731
    labels = data.labels[:images].astype(np.int64), np.asarray(data.test_labels, np.int64)
    return Digits(flat(data.pixels[:images]), labels[0], flat(data.test_pixels), labels[1])


def _split(digits: Digits, key: Array) -> Float[np.ndarray, "5"]:
    """The test accuracy of the split classifier, one random normal a seed."""
    normals = [np.asarray(jax.random.normal(jax.random.fold_in(key, seed), (784,))) for seed in range(SEEDS)]
    fits = [fit_split_classifier(digits.x, digits.y, 10, normal) for normal in normals]
    return np.array([accuracy(digits.y_test, fit.predict(digits.x_test)) for fit in fits])


def long_run(config: Config, key: Array) -> LongRecord:
    """All 60,000 images: one-vs-rest, unsplit and split."""
    digits = _digits(60_000)
    unsplit: Any = fit_linear_classifier(digits.x, digits.y, 10)
    share = accuracy(digits.y_test, unsplit.predict(digits.x_test))
    return LongRecord(np.array(share), _split(digits, jax.random.split(key)[0]))


def values(config: Config, record: Record) -> dict[str, float]:
    """Test accuracies, and both confusion matrices."""
    found = {scheme: record.accuracy[i] for i, scheme in enumerate(SCHEMES)}
    found |= {f"split, seed {seed}": share for seed, share in enumerate(record.split)}
    found |= {"discriminant analysis": record.discriminant, "output codes": record.codes}
    for i, scheme in enumerate(SCHEMES):
        cells = {f"{scheme}: {a} as {b}": record.confusion[i, a, b] for a in range(10) for b in range(10)}
        found |= cells
    return {name: float(value) for name, value in found.items()}


def long_values(config: Config, record: LongRecord) -> dict[str, float]:
    """Test accuracies of one-vs-rest on all images, unsplit and split."""
    found = {"all images: one-vs-rest": float(record.unsplit)}
    return found | {f"all images: split, seed {seed}": float(share) for seed, share in enumerate(record.split)}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """Both confusion matrices, the accuracies, and the test images in the plane of two discriminants."""
    names = [str(k) for k in range(10)]
    matrices = [
        Figure(
            f"Confusion matrix, {scheme}",
            [Series("heat", names, names, record.confusion[i], "images", text=record.confusion[i].tolist())],
            "predicted",
            "digit",
            square=True,
        )
        for i, scheme in enumerate(SCHEMES)
    ]
    ways = [*SCHEMES, *(f"split {seed}" for seed in range(SEEDS)), "discriminant", "codes"]
    shares = [*record.accuracy, *record.split, record.discriminant, record.codes]
    bars = Series("bars", ways, shares, label="test accuracy", text=[f"{share:.3f}" for share in shares])
    every = np.arange(0, len(record.labels), 5)
    plane, labels = record.plane[every], record.labels[every]
    points = [Series("points", *plane[labels == k].T, label=str(k), colour=k) for k in range(5)]
    return (
        *matrices,
        Figure(f"Linear classifiers, {config.images:,} images", [bars], "", "accuracy"),
        Figure(
            "Test images of five digits along two discriminants of ten", points, "first direction", "second direction"
        ),
    )


def claim_scores_sum_to_two_less_classes(config: Config, record: Record) -> bool:
    """Claim 1: one-vs-rest scores sum over the classes to 2 - K = -8 for every test image (1e-6)."""
    return bool(np.all(np.abs(record.sums + 8) <= 1e-6))


def claim_pairs_beat_rest(config: Config, record: Record) -> bool:
    """Claim 2: one-vs-one > one-vs-rest > 0.3, in test accuracy."""
    rest, pairs = record.accuracy
    return bool(pairs > rest > 0.3)


def long_claim_a_split_helps(config: Config, record: LongRecord) -> bool:
    """Claim 3: all of MNIST: the median of 5 split classifiers beats the unsplit one; none is worse by more than 0.005."""
    return bool(np.median(record.split) > record.unsplit and np.all(record.split >= record.unsplit - 0.005))
