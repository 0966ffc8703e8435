"""Networks trained past their best: the cross-entropy of each epoch on training and validation images of MNIST, by seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.core.iterate import iterate
from gradiens.core.module import Module
from gradiens.data.sets.mnist import mnist
from gradiens.functions.losses import categorical_cross_entropy
from gradiens.nn.mlp import MLP
from gradiens.optim.adam import Adam
from gradiens.optim.descent import Descent, State

Numbers = Array | np.ndarray
Rows = tuple[Float[Array, "N D"], Int[Array, "N"]]


class Curves(NamedTuple):
    """Mean cross-entropy after each epoch, a row a seed."""

    training: Float[Numbers, "S E"]
    validation: Float[Numbers, "S E"]


class Epochs(Module):
    """An epoch as a step: a new order of the rows by the step's key, the descent on minibatches in that order.

    Rows that are left over by the last minibatch wait for another epoch.
    """

    descent: Descent
    training: Rows
    validation: Rows
    batch: int = eqx.field(static=True)

    def init(self, theta: MLP) -> State:
        """The descent's state at `theta`."""
        return self.descent.init(theta)

    def step(self, state: State, key: Array) -> tuple[State, tuple[Array, Array]]:
        """All minibatches; then the cost of all training and validation rows."""
        n = len(self.training[1])
        order = jax.random.permutation(key, n)[: n // self.batch * self.batch].reshape(-1, self.batch)
        take = lambda rows: jax.tree.map(lambda a: a[rows], self.training)  # noqa: E731
        state, _ = jax.lax.scan(lambda s, rows: self.descent.step(s, take(rows)), state, order)
        return state, (mean_cost(state.theta, self.training), mean_cost(state.theta, self.validation))


def mean_cost(network: Callable[[Array], Array], rows: Rows) -> Float[Array, ""]:
    """The mean cross-entropy of `rows`."""
    x, y = rows
    return jnp.mean(jax.vmap(categorical_cross_entropy)(jax.vmap(network)(x), y))


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
    algorithm = Epochs(Descent(mean_cost, Adam(rate)), first, last, batch)
    outcome = iterate(algorithm, starts, steps=epochs, key=keys, start_axis=0, keep=None, name=f"{seeds} networks")
    training, validation = (np.asarray(curve).T for curve in outcome.trace)
    return Curves(training, validation)


def stopped(validation: Float[np.ndarray, "E"], patience: int) -> tuple[int, int]:
    """Early stopping: the epochs (from 0) at which training ends and of the network that is kept.

    It ends when the validation cost has not become lower for `patience` epochs; kept is the lowest seen until then.
    """
    best = 0
    for epoch, cost in enumerate(validation):
        if cost < validation[best]:
            best = epoch
        if epoch - best >= patience:
            return epoch, best
    return len(validation) - 1, best
