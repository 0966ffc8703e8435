"""Two networks that read the digits of MNIST, one dense and one convolutional, and their training.

    convolutional   conv 5×5 to 8 maps, S, pool, conv 3×3 to 16 maps, S, pool, dense 400-10
    dense           dense 784-200, relu, dense 200-100, tanh, dense 100-10

Both take one picture as maps, 1 × 28 × 28, and return ten logits; pictures are pixels divided by 255, in single precision.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.core.iterate import iterate
from gradiens.data.minibatch import Minibatches
from gradiens.data.sets.mnist import mnist
from gradiens.functions.losses import categorical_cross_entropy
from gradiens.functions.metrics import accuracy
from gradiens.nn.batched import on_batch
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.convolutions.pool import Flatten, MaxPool
from gradiens.nn.dense import Dense
from gradiens.optim.adam import Adam
from gradiens.optim.descent import Descent

RATE = 0.005  # step size of ADAM


class Digits(NamedTuple):
    """Pictures and classes to learn from, and others to judge by."""

    x: Float[np.ndarray, "N 1 28 28"]
    y: Int[np.ndarray, " N"]
    x_val: Float[np.ndarray, "M 1 28 28"]
    y_val: Int[np.ndarray, " M"]


def digits(train: int, validation: int) -> Digits:
    """The first training images of MNIST, and those after them."""
    data = mnist()
    maps = data.pixels[: train + validation, None].astype(np.float32) / np.float32(data.maximum)
    y = data.labels[: train + validation].astype(np.int32)
    return Digits(maps[:train], y[:train], maps[train:], y[train:])


def convolutional(key: Array, activation: str = "relu", pool: Any = MaxPool) -> Chain:
    """208 + 1,168 + 4,010 = 5,386 parameters, He's start; `pool` makes a pooling layer of its window."""
    one, two, three = jax.random.split(key, 3)
    return _single(
        Chain.make(
            *(Conv2d.make(1, 8, 5, one, padding=0, size=(28, 28)), activation, pool(2)),
            *(Conv2d.make(8, 16, 3, two, padding=0, size=(12, 12)), activation, pool(2)),
            *(Flatten(), Dense.make(400, 10, three)),
        )
    )


def dense(key: Array) -> Chain:
    """784-200 (relu)-100 (tanh)-10: 178,110 parameters, He's start."""
    one, two, three = jax.random.split(key, 3)
    first, second, last = Dense.make(784, 200, one), Dense.make(200, 100, two), Dense.make(100, 10, three)
    return _single(Chain.make(Flatten(), first, "relu", second, "tanh", last))


def _single(network: Chain) -> Chain:
    """In single precision."""
    return jax.tree.map(lambda leaf: leaf.astype(jnp.float32), network)


def cost(network: Chain, rows: tuple[Array, Array]) -> Float[Array, ""]:
    """The mean cross-entropy of a minibatch."""
    x, y = rows
    return jnp.mean(jax.vmap(categorical_cross_entropy)(on_batch(network, x)[0], y))


def trained(network: Chain, data: Digits, seed: int, epochs: int = 5, batch: int = 100, rate: float = RATE) -> Chain:
    """The network after `epochs` passes of ADAM over the rows, in an order by the seed."""
    batches = Minibatches(len(data.x), batch, seed)

    def rows(first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        at = batches(first, last)
        return data.x[at], data.y[at]

    steps = epochs * batches.steps_per_epoch
    told = {"feed": rows, "every": batches.steps_per_epoch, "keep": 1, "name": "digits"}
    return iterate(Descent(cost, Adam(rate)), network, steps=steps, **told).state.theta


@jax.jit
def logits(network: Chain, x: Float[Array, "N 1 28 28"]) -> Float[Array, "N 10"]:
    """Of each picture."""
    return on_batch(network, x)[0]


def accuracy_on(network: Chain, x: np.ndarray, y: np.ndarray, rows: int = 1000) -> float:
    """The share of pictures read rightly, so many rows at a time."""
    found = [np.asarray(logits(network, x[i : i + rows])).argmax(1) for i in range(0, len(x), rows)]
    return float(accuracy(y, np.concatenate(found)))
