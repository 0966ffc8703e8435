"""Photographs of airplanes, cats and trucks, and the training of a small network on them.

Classes 0, 3 and 9 of CIFAR-10 in file order: the first images to learn from, those after them to validate on, and test images
for the end. Pixels are divided by 255, channels first, in single precision.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.data.sets.cifar10 import cifar10_of
from gradiens.functions.activations import log_softmax
from gradiens.functions.losses import categorical_cross_entropy
from gradiens.optim.adam import Adam
from gradiens.train.train_network import train_network

CLASSES = (0, 3, 9)
ROWS = 500  # pictures judged at a time
Maps = Float[np.ndarray, "N 3 32 32"]
Labels = Int[np.ndarray, " N"]


class Photographs(NamedTuple):
    """Pictures and their classes 0, 1, 2."""

    names: tuple[str, ...]
    x: Maps
    y: Labels
    x_val: Maps
    y_val: Labels
    x_test: Maps
    y_test: Labels


class Learned(NamedTuple):
    """A trained network, and after each epoch the mean cost of its minibatches, and cost and accuracy on validation."""

    network: Any
    cost: Float[np.ndarray, " E"]
    validation: Float[np.ndarray, "E 2"]


def photographs(train: int, validation: int, test: int) -> Photographs:
    """So many images of the three classes together."""
    data = cifar10_of(CLASSES, train + validation, test)
    maps = [_maps(pixels) for pixels in (data.pixels, np.asarray(data.test_pixels))]
    y, y_test = (np.asarray(labels, np.int32) for labels in (data.labels, data.test_labels))
    return Photographs(data.classes, maps[0][:train], y[:train], maps[0][train:], y[train:], maps[1], y_test)


def _maps(pixels: np.ndarray) -> Maps:
    return np.moveaxis(pixels, -1, 1).astype(np.float32) / np.float32(255)


def single(network: Any) -> Any:
    """In single precision."""
    return jax.tree.map(
        lambda leaf: jnp.asarray(np.asarray(leaf, np.float32)) if hasattr(leaf, "shape") else leaf, network
    )


@jax.jit
def _logits(network: Any, x: Float[Array, "N 3 32 32"]) -> Float[Array, "N 3"]:
    return jax.vmap(network)(x)


def scores(network: Any, x: Maps) -> Float[np.ndarray, "N 3"]:
    """Logits of each picture, by the running averages; so many at a time that one program serves all sets of pictures."""
    return np.concatenate([np.asarray(_logits(network, x[i : i + ROWS])) for i in range(0, len(x), ROWS)])


def judgement(z: Float[np.ndarray, "N 3"], y: Labels) -> tuple[float, float]:
    """Mean cross-entropy and accuracy of logits."""
    costs = -np.asarray(log_softmax(jnp.asarray(z)))[np.arange(len(y)), y]
    return float(costs.mean()), float(np.mean(z.argmax(axis=1) == y))


def judged(network: Any, x: Maps, y: Labels) -> tuple[float, float]:
    """Mean cross-entropy and accuracy of a network."""
    return judgement(scores(network, x), y)


def learned(
    network: Any,
    data: Photographs,
    epochs: int,
    rate: float,
    batch: int,
    seed: int,
    augment: Callable[..., Any] | None = None,
) -> Learned:
    """The network after so many epochs of ADAM."""
    seen: list[tuple[float, float]] = []

    def watch(network: Any, epoch: int) -> None:
        seen.append(judged(network, data.x_val, data.y_val))

    after, outcome = train_network(
        network, data.x, data.y, categorical_cross_entropy, Adam(rate), epochs, batch, seed, augment, between=watch,
        name=f"seed {seed}",
    )  # fmt: skip
    steps = -(-len(data.y) // batch)
    return Learned(after, np.asarray(outcome.trace).reshape(epochs, steps).mean(axis=1), np.array(seen))
