"""Building Convolutional Neural Networks.

Convolution, a nonlinearity, pooling; then once more; then all numbers in one vector and a dense layer. Such a network
is a dense one that is not allowed much: its matrices are mostly zeros, and the rest is a few weights again and again. With a
thirtieth of the parameters of a dense network it reads digits better. Pooling keeps the largest number of a window and
sends the gradient back to where that number stood; or it takes the mean, and is a convolution itself. A stride can take its
place. So can the means of whole maps that of the long vector, with a third of the parameters, and at a price: sixteen means do
not know where a stroke was, and after as many passes that network reads little more than half of the digits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.book.ch06_convolutional.digit_networks import Digits, accuracy_on, convolutional, dense, digits
from gradiens.core.module import Module, count, knob
from gradiens.functions.activations import relu, tanh
from gradiens.functions.convolution import convolve
from gradiens.functions.convolving.matrix import convolution_matrix
from gradiens.functions.losses import categorical_cross_entropy
from gradiens.functions.pooling import average_pool, max_pool
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.draft import Draft
from gradiens.nn.pictures.small_cnn import SmallCNN
from gradiens.nn.shapes import shape_table
from gradiens.optim.adam import Adam
from gradiens.report.figure import Figure, Series
from gradiens.train.train_network import train_network

SEEDS = 3
NETWORKS = ("convolutional", "dense")
RATE = 0.005
MONOTONE = (relu, tanh, jnp.exp, jnp.floor)  # non-decreasing
LONG = {"images": 5000, "batch": 1000, "epochs": 30}


class Config(Module):
    """The training."""

    images: int = knob(2000, 100, 30_000, says="training images, as many for validation")
    batch: int = knob(100, 10, 10_000, says="images in a minibatch")
    epochs: int = knob(5, 1, 100, says="passes over the images")


class Identities(NamedTuple):
    """What is computed in two ways."""

    pooled: Float[np.ndarray, "S 3 4 4"]  # S(x), then the maximum, for each map S
    mapped: Float[np.ndarray, "S 3 4 4"]  # the maximum, then S
    means: Float[np.ndarray, "3 4 4"]
    filtered: Float[np.ndarray, "3 4 4"]  # by a depthwise convolution with stride
    gradient: Float[np.ndarray, "3 8 8"]  # of Σ c ⊙ maxpool(x) in x
    scattered: Float[np.ndarray, "3 8 8"]  # each c at the place of its maximum
    layer: Float[np.ndarray, " out"]  # a convolution with padding and stride, as one vector
    product: Float[np.ndarray, " out"]  # A vec x + b
    matrix: Float[np.ndarray, "out in"]
    weights: int  # of the kernels


class Record(NamedTuple):
    """Counts by array, accuracies by network, seed and epoch, those of two variants, and the identities."""

    counts: Int[np.ndarray, "2 3"]  # parameters of each layer, by network
    accuracy: Float[np.ndarray, "2 S E"]
    variants: Float[np.ndarray, "2 2"]  # parameters and validation accuracy of each variant, first seed
    normalised: int  # parameters of a network of three stages with batch normalisation, which is not trained here
    identities: Identities


class LongRecord(NamedTuple):
    """Accuracies of the full-size training."""

    accuracy: Float[np.ndarray, "2 S E"]


def strided(key: Array) -> Chain:
    """Stride 2 in the place of pooling."""
    draft = Draft(key, (1, 28, 28))
    one = draft.conv(8, 5, 2, 0, bias=True), "relu"
    two = draft.conv(16, 3, 2, 0, bias=True), "relu"
    return Chain.make(*one, *two, draft.flatten(), draft.dense(10))


def averaged(key: Array) -> Chain:
    """The mean of each map in the place of the long vector."""
    draft = Draft(key, (1, 28, 28))
    one = draft.conv(8, 5, padding=0, bias=True), "relu", draft.pool()
    two = draft.conv(16, 3, padding=0, bias=True), "relu"
    return Chain.make(*one, *two, draft.global_average(), draft.dense(10))


VARIANTS = {
    "stride instead of pooling": strided,
    "global means instead of a long vector": averaged,
}


def run(config: Config, key: Array) -> Record:
    """Train the two networks for each seed, the variants for the first; compute the identities."""
    data = digits(config.images, config.images)
    keys = jax.random.split(key, SEEDS + 1)
    made = [jax.jit(make)(keys[0]) for make in VARIANTS.values()]
    ends = [_accuracies(network, data, 0, config.epochs, config.batch)[-1] for network in made]
    return Record(
        counts=np.array([_counts(make) for make in (convolutional, dense)]),
        accuracy=_trained(data, keys[:SEEDS], config.epochs, config.batch),
        variants=np.array([(count(network), end) for network, end in zip(made, ends, strict=True)]),
        normalised=_normalised(keys[0]),
        identities=_identities(keys[SEEDS]),
    )


def long_run(config: Config, key: Array) -> LongRecord:
    """Train on more images for longer."""
    data = digits(LONG["images"], LONG["images"])
    return LongRecord(_trained(data, jax.random.split(key, SEEDS), LONG["epochs"], LONG["batch"]))


def _trained(data: Digits, keys: Array, epochs: int, batch: int) -> Float[np.ndarray, "2 S E"]:
    """Validation accuracies of both networks, by seed and epoch."""
    starts = [(make, seed, key) for make in map(jax.jit, (convolutional, dense)) for seed, key in enumerate(keys)]
    found = [_accuracies(make(key), data, seed, epochs, batch) for make, seed, key in starts]
    return np.array(found).reshape(2, len(keys), epochs)


def _accuracies(network: Chain, data: Digits, seed: int, epochs: int, batch: int) -> list[float]:
    """The validation accuracy after each epoch."""
    found = []
    network = jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.float32), network)
    watch = lambda network, epoch: found.append(accuracy_on(network, data.x_val, data.y_val))  # noqa: E731
    told = {"epochs": epochs, "batch": batch, "seed": seed, "name": "digits", "between": watch}
    train_network(network, data.x, data.y, categorical_cross_entropy, Adam(RATE), **told)
    return found


def _counts(make: Callable[[Array], Chain]) -> list[int]:
    """Parameters of each of the three layers with weights."""
    blocks = jax.eval_shape(make, jax.random.key(0)).blocks
    sizes = [sum(leaf.size for leaf in jax.tree.leaves(block)) for block in blocks]
    return [size for size in sizes if size]


def _normalised(key: Array) -> int:
    """The parameters of `small_cnn`, by shapes alone."""
    network = eqx.filter_eval_shape(SmallCNN.make, 10, key)
    return sum(row.parameters for row in shape_table(network, (1, 28, 28)))


def _identities(key: Array) -> Identities:
    at, drawn, layer_key = jax.random.split(key, 3)
    x, c = jax.random.normal(at, (3, 8, 8)), jax.random.normal(drawn, (3, 4, 4))
    layer = Conv2d.make(2, 3, 3, layer_key, stride=2, padding=1)
    layer = Conv2d(layer.W, jax.random.normal(drawn, (3,)), layer.stride, layer.padding)
    maps = jax.random.normal(at, (2, 6, 5))
    A = convolution_matrix(np.asarray(layer.W), (6, 5), 2, 1)
    bias = np.repeat(np.asarray(layer.b), len(A) // 3)
    return Identities(
        *_pooling(x, c),
        scattered=_scattered(np.asarray(x), np.asarray(c)),
        layer=jax.jit(lambda layer, maps: layer(maps).reshape(-1))(layer, maps),
        product=A @ np.asarray(maps).reshape(-1) + bias,
        matrix=A,
        weights=layer.W.size,
    )


@jax.jit
def _pooling(x: Array, c: Array) -> tuple[Array, ...]:
    """Maximum and S in both orders; means in two ways; the gradient of Σ c ⊙ maxpool(x)."""
    return (
        jnp.stack([max_pool(S(x), 2) for S in MONOTONE]),
        jnp.stack([S(max_pool(x, 2)) for S in MONOTONE]),
        average_pool(x, 2),
        convolve(jnp.full((3, 1, 2, 2), 0.25), x, stride=2, groups=3),
        jax.grad(lambda x: jnp.sum(c * max_pool(x, 2)))(x),
    )


def _scattered(x: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Zeros, and each entry of c where the largest entry of its window of x stands."""
    out = np.zeros_like(x)
    for m, i, j in np.ndindex(c.shape):
        window = x[m, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
        u, v = np.unravel_index(window.argmax(), window.shape)
        out[m, 2 * i + u, 2 * j + v] = c[m, i, j]
    return out


def values(config: Config, record: Record) -> dict[str, float]:
    """Parameters, accuracies, and how sparse and how tied the matrix is."""
    told: dict[str, float] = {f"{name}: parameters": record.counts[i].sum() for i, name in enumerate(NETWORKS)}
    told |= _named(record.accuracy)
    for name, (parameters, accuracy) in zip(VARIANTS, record.variants, strict=True):
        told |= {f"{name}: parameters": parameters, f"{name}: validation accuracy": accuracy}
    told["three stages with batch normalisation: parameters"] = record.normalised
    A = record.identities.matrix
    told |= {"matrix of a convolution: share of zeros": np.mean(A == 0), "its different weights": _different(A)}
    return {name: float(value) for name, value in told.items()}


def long_values(config: Config, record: LongRecord) -> dict[str, float]:
    """The accuracies."""
    return {f"{LONG['images']:,} images: {name}": value for name, value in _named(record.accuracy).items()}


def _named(accuracy: np.ndarray) -> dict[str, float]:
    ends = accuracy[:, :, -1]
    told = {f"{name}: validation accuracy, median": float(np.median(ends[i])) for i, name in enumerate(NETWORKS)}
    return told | {
        f"{name}: validation accuracy, seed {seed}": float(end)
        for i, name in enumerate(NETWORKS)
        for seed, end in enumerate(ends[i])
    }


def _different(A: np.ndarray) -> int:
    return len(np.unique(A[A != 0]))


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The curves, the layers, and the matrix."""
    names = ["first layer", "second layer", "third layer"]
    bars = [
        Series("bars", names, row, label=name, text=[f"{n:,}" for n in row])
        for name, row in zip(NETWORKS, record.counts, strict=True)
    ]
    A = record.identities.matrix
    places = Series("heat", z=A[::-1], label="weight")
    share = f"{np.mean(A == 0):.0%} zeros, and {_different(A)} different weights in {A.size:,} places."
    return (
        _curves(record.accuracy),
        Figure("Parameters of each layer", bars, "", "parameters", log_y=True),
        Figure("The matrix of a convolution: 2 maps of 6 × 5 to 3 maps of 3 × 3, stride 2", [places],
               "input number", "output number, from below", summary=share),
    )  # fmt: skip


def long_show(config: Config, record: LongRecord) -> Figure:
    """The curves."""
    return _curves(record.accuracy)


def _curves(accuracy: np.ndarray) -> Figure:
    epochs, drawn = np.arange(1, accuracy.shape[2] + 1), []
    for i, name in enumerate(NETWORKS):
        drawn.append(
            Series("band", epochs, accuracy[i].min(0), accuracy[i].max(0), label=f"{name}, all seeds", colour=i)
        )
        drawn.append(Series("line", epochs, np.median(accuracy[i], axis=0), label=f"{name}, median", colour=i))
    return Figure("Validation accuracy", drawn, "epoch", "share of the digits read rightly")


def claim_the_networks_have_these_parameters(config: Config, record: Record) -> bool:
    """Claim 1: parameters 208 + 1,168 + 4,010 = 5,386 against 178,110."""
    return record.counts[0].tolist() == [208, 1168, 4010] and record.counts.sum(1).tolist() == [5386, 178_110]


def claim_convolution_reads_digits_better(config: Config, record: Record) -> bool:
    """Claim 2: median validation accuracy over 3 seeds: convolutional > dense by 0.01."""
    convolved, connected = np.median(record.accuracy[:, :, -1], axis=1)
    return bool(convolved - connected > 0.01)


def claim_pooling_is_what_it_is(config: Config, record: Record) -> bool:
    """Claim 3: max pooling commutes with non-decreasing maps (relu, tanh, exp, floor: exactly); average pooling is a strided
    depthwise convolution (1e-9); the gradient of max goes to the arg max only (no ties; exactly)."""
    same = record.identities
    commutes = np.array_equal(same.pooled, same.mapped)
    convolved = np.allclose(same.means, same.filtered, rtol=1e-9, atol=1e-15)
    return bool(commutes and convolved and np.array_equal(same.gradient, same.scattered))


def claim_a_convolution_is_a_sparse_tied_dense_layer(config: Config, record: Record) -> bool:
    """Claim 4: a conv layer equals a dense layer with a sparse, tied matrix (1e-9): no row has more than C k² weights, and no
    other weights stand in it than those of the kernels."""
    same = record.identities
    equal = np.allclose(same.layer, same.product, rtol=1e-9, atol=1e-12)
    sparse = np.count_nonzero(same.matrix, axis=1).max() <= 2 * 3 * 3
    return bool(equal and sparse and _different(same.matrix) == same.weights)


def long_claim_accuracies_of_the_long_training(config: Config, record: LongRecord) -> bool:
    """Claim 2, full size: 5,000 images, batch 1,000, 30 epochs: medians of 3 seeds 0.96 and 0.94 (0.015), convolutional > dense
    by 0.01."""
    convolved, connected = np.median(record.accuracy[:, :, -1], axis=1)
    near = abs(convolved - 0.96) <= 0.015 and abs(connected - 0.94) <= 0.015
    return bool(near and convolved - connected > 0.01)
