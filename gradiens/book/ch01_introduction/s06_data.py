"""DATA, Data, data!

Before any model the data are looked at. Most of a picture of a digit is paper, and how much is ink depends on the
digit; the classes of MNIST are nearly in balance, those of Fashion-MNIST and of CIFAR-10 exactly. Every set is read from its
public files, whose checksums are known, as a tensor of bytes or a table; what a model needs, one-hot codes and
normalised numbers, can be turned back into what was read.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Array, Float, Int, UInt8

from gradiens.calculus.tape_text import columns
from gradiens.core.module import Module, knob
from gradiens.data.exploration import Exploration, explore_images
from gradiens.data.one_hot import one_hot
from gradiens.data.pictures import denormalise, normalise
from gradiens.data.sets.adult import adult
from gradiens.data.sets.california_housing import california_housing
from gradiens.data.sets.cifar10 import CLASSES, cifar10_labels, cifar10_test
from gradiens.data.sets.digits import digits
from gradiens.data.sets.fashion_mnist import fashion_mnist
from gradiens.data.sets.iris import iris
from gradiens.data.sets.mnist import mnist
from gradiens.data.texts.tiny_shakespeare import tiny_shakespeare
from gradiens.report.figure import Figure, Series

Numbers = Array | np.ndarray
TRAIN = (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949)
TEST = (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009)
FRACTIONS = (0.6833624860, 0.8087977041, 0.0066811650)  # mean of non-zero pixels, share of zeros, share of ones
SAMPLES = 30
MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)  # of CIFAR-10's channels
COLUMNS = ("set", "rows", "test rows", "one row", "classes")


class Config(Module):
    """What is drawn."""

    bin: int = knob(10, 1, 100, says="width of the bins of non-zero pixels")
    samples: int = knob(20, 1, 400, says="photographs that are drawn")


class Record(NamedTuple):
    """What the sets hold."""

    first: UInt8[Numbers, "30 28 28"]
    fractions: Float[Numbers, "3"]  # as FRACTIONS
    counts: Int[Numbers, "3 2 10"]  # images of each class: MNIST, Fashion-MNIST, CIFAR-10; training, test
    nonzero: Float[Numbers, "10 B"]  # density of the number of non-zero pixels of each digit
    edges: Float[Numbers, " B1"]
    fashion: Float[Numbers, "2 10"]  # mean intensity of each class: training, test
    photographs: UInt8[Numbers, "S 32 32 3"]
    kinds: Int[Numbers, " S"]  # their classes
    coded: Int[Numbers, ""]  # codes that one-hot coding and argmax do not give back
    returned: Int[Numbers, ""]  # pixels that normalising and its inverse do not give back
    rows: Int[Numbers, "8 3"]  # rows, test rows, numbers of one row, of each set
    characters: Int[Numbers, "2"]  # of the text: all, different


def run(config: Config, key: Array) -> Record:
    """Read every set; count."""
    digits_, fashion = mnist(), fashion_mnist()
    train, test = explore_images(digits_), explore_images(digits_, test=True)
    clothes = [explore_images(fashion, test=part) for part in (False, True)]
    labels = cifar10_labels()
    photographs, kinds = cifar10_test(config.samples)
    text = tiny_shakespeare()
    edges = np.arange(0, train.nonzero.max() + config.bin + 1, config.bin)
    density = [np.histogram(train.nonzero[digits_.labels == k], edges, density=True)[0] for k in range(10)]
    back = denormalise(normalise(photographs, MEAN, STD), MEAN, STD)
    tables = [iris().frame, adult().frame, california_housing().frame]
    return Record(
        first=digits_.pixels[:SAMPLES],
        fractions=np.array([train.mean_nonzero, train.zeros, train.ones]),
        counts=np.array([_counts(train, test), _counts(*clothes), [np.bincount(y, minlength=10) for y in labels]]),
        nonzero=np.stack(density),
        edges=edges,
        fashion=np.stack([part.class_mean for part in clothes]),
        photographs=photographs,
        kinds=kinds,
        coded=np.sum(one_hot(digits_.labels, 10).argmax(-1) != digits_.labels),
        returned=np.sum(back != photographs),
        rows=np.array(
            [
                *[[len(s.pixels), len(s.test_pixels), s.pixels[0].size] for s in (digits_, fashion)],  # pyright: ignore[reportArgumentType]
                [*map(len, labels), photographs[0].size],
                [len(digits().pixels), 0, 64],
                *[[table.height, 0, table.width - 1] for table in tables],
                [text.count("\n"), 0, 1],
            ]
        ),
        characters=np.array([len(text), len(set(text))]),
    )


def _counts(train: Exploration, test: Exploration) -> list[np.ndarray]:
    return [train.counts, test.counts]


NAMES = ("MNIST", "Fashion-MNIST", "CIFAR-10", "digits", "iris", "adult", "California housing", "tiny Shakespeare")
ROW = ("28 × 28 bytes", "28 × 28 bytes", "32 × 32 × 3 bytes", "8 × 8 numbers to 16", "4 numbers",
       "6 numbers, 8 categories", "8 numbers, 1 category", "a line of characters")  # fmt: skip
KINDS = ("10", "10", "10", "10", "3", "2", "a number", "")


def text(config: Config, record: Record) -> str:
    """The table of the sets."""
    rows: list[list[str]] = [[*COLUMNS]]
    for name, (n, m, _), row, classes in zip(NAMES, record.rows, ROW, KINDS):
        rows.append([name, f"{int(n):,}", f"{int(m):,}" if m else "", row, classes])
    lines = ["    " + line for line in columns(rows).splitlines()]
    described = "ImageNet: 1.28 million photographs of 1,000 classes, described only; nothing here is trained on it."
    return "Data sets that are read here from their public files, checked by sha256.\n\n" + "\n".join(
        [*lines, "", described]
    )


def values(config: Config, record: Record) -> dict[str, float]:
    """Fractions of MNIST, the balance of classes, sizes."""
    names = ("mean of non-zero pixels", "share of zeros", "share of ones")
    found = {f"MNIST: {name}": float(value) for name, value in zip(names, record.fractions)}
    smallest, largest = record.counts[0, 0].min(), record.counts[0, 0].max()
    found |= {"MNIST: largest class over smallest": float(largest / smallest)}
    found |= {f"{name}: numbers of one row": float(d) for name, (_, _, d) in zip(NAMES[:4], record.rows)}
    gap = np.max(np.abs(record.fashion[0] - record.fashion[1]))
    found |= {"Fashion-MNIST: largest difference of class means, train and test": float(gap)}
    return found | {
        "Shakespeare: characters": float(record.characters[0]),
        "Shakespeare: different characters": float(record.characters[1]),
    }


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The first digits, ink by digit, class counts, brightness of clothes, photographs."""
    middle = (record.edges[:-1] + record.edges[1:]) / 2
    ink = [Series("line", middle, record.nonzero[k], label=str(k)) for k in range(10)]
    names = [str(k) for k in range(10)]
    parts = [Series("bars", names, record.counts[0, i], label=part) for i, part in enumerate(("training", "test"))]
    kinds = ("T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Boot")
    clothes = [
        Series("bars", list(kinds), record.fashion[i], label=part) for i, part in enumerate(("training", "test"))
    ]
    written = [Series("picture", z=one) for one in record.first]
    seen = [Series("picture", z=one, label=CLASSES[k]) for one, k in zip(record.photographs, record.kinds)]
    return (
        Figure("The first 30 images of MNIST", written, summary="Handwritten digits: 5 0 4 1 9 2 1 3 1 4 and so on."),
        Figure("Non-zero pixels of a digit", ink, "non-zero pixels of 784", "density"),
        Figure("Images of each digit", parts, "digit", "images"),
        Figure("Mean intensity by class, Fashion-MNIST", clothes, "", "mean pixel / 255"),
        Figure("Photographs of CIFAR-10", seen, summary="The first test images, each above its class."),
    )  # fmt: skip


def claim_fractions_of_mnist(config: Config, record: Record) -> bool:
    """Claim 1: training images of MNIST: mean of non-zero pixels 0.6833624860, fraction of zeros 0.8087977041, fraction equal
    to one 0.0066811650 (last digit)."""
    return bool(np.all(np.abs(record.fractions - np.array(FRACTIONS)) <= 5e-11))


def claim_training_counts(config: Config, record: Record) -> bool:
    """Claim 2: training counts of the digits 0 … 9: 5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949."""
    return bool(np.all(record.counts[0, 0] == np.array(TRAIN)))


def claim_test_counts(config: Config, record: Record) -> bool:
    """Claim 3: test counts: 980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009."""
    return bool(np.all(record.counts[0, 1] == np.array(TEST)))


def claim_balanced_sets(config: Config, record: Record) -> bool:
    """Claim 4: Fashion-MNIST has 6000/1000 and CIFAR-10 5000/1000 images per class."""
    expected = np.array([[6000, 1000], [5000, 1000]])[:, :, None]
    return bool(np.all(record.counts[1:] == expected))


def claim_sums_and_inverses(config: Config, record: Record) -> bool:
    """Claim 5: counts sum to 60,000 and 10,000; one-hot then argmax is the identity; normalise then de-normalise is the
    identity."""
    sums = record.counts[0].sum(axis=1).tolist() == [60_000, 10_000]
    return bool(sums and record.coded == 0 and record.returned == 0)
