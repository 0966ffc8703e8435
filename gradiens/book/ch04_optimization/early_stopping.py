"""Networks trained past their best: the cross-entropy of each epoch on training and validation images of MNIST, by seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.core.iterate import iterate
from gradiens.data.sets.mnist import mnist
from gradiens.functions.activations import identity
from gradiens.functions.losses import categorical_cross_entropy
from gradiens.nn.mlp import MLP
from gradiens.optim.adam import Adam
from gradiens.optim.descent import Descent
from gradiens.train import training as library
from gradiens.train.epochs import Epochs

Numbers = Array | np.ndarray
Rows = tuple[Float[Array, "N D"], Int[Array, "N"]]


class Curves(NamedTuple):
    """Mean cross-entropy after each epoch, a row a seed."""

    training: Float[Numbers, "S E"]
    validation: Float[Numbers, "S E"]


def mean_cost(network: Callable[[Array], Array], rows: Rows) -> Float[Array, ""]:
    """The mean cross-entropy of `rows`."""
    return library.mean_cost(identity, categorical_cross_entropy, network, *rows)


def both_costs(network: Callable[[Array], Array], parts: tuple[Rows, Rows]) -> tuple[Array, Array]:
    """The cost of all training and of all validation rows."""
    return mean_cost(network, parts[0]), mean_cost(network, parts[1])


def train(
    sizes: tuple[int, ...], key: Array, images: tuple[int, int], rate: float, batch: int, epochs: int, seeds: int = 5
) -> Curves:
    """ADAM on the first training images of MNIST, the next ones for validation; each seed has its weights and its orders.

    In single precision.
    """
    data = mnist()
    x = jnp.asarray(data.pixels[: sum(images)].reshape(sum(images), -1) / data.maximum, jnp.float32)
    y = jnp.asarray(data.labels[: sum(images)], jnp.int32)
    first, last = (x[: images[0]], y[: images[0]]), (x[images[0] :], y[images[0] :])
    keys = jax.vmap(lambda seed: jax.random.fold_in(key, seed))(jnp.arange(seeds))
    starts = jax.vmap(lambda k: MLP.make(sizes, k))(keys)
    starts = jax.tree.map(lambda leaf: leaf.astype(jnp.float32), starts)
    algorithm = Epochs(Descent(mean_cost, Adam(rate)), first, batch, both_costs, (first, last))
    outcome = iterate(algorithm, starts, steps=epochs, key=keys, start_axis=0, keep=None, name=f"{seeds} networks")
    training, validation = (np.asarray(curve).T for curve in outcome.trace)
    return Curves(training, validation)
