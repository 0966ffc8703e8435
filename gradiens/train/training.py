"""Training as an algorithm for the one loop: minibatches of rows held on the device, descent on their mean cost.

A cost is a function of the trainable parameters θ and of one of two things:

    cost(θ, (x, y)) -> C                   rows alone: what networks of dense layers need
    cost(θ, Batch) -> (C, buffers')        rows, a key for noise, the running averages, which come back moved on; then the
                                           descent is one with `aux=True`
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from gradiens.core.cost import cost_of, raw
from gradiens.core.module import Module, join, parts
from gradiens.data.preprocessing import Preprocessing
from gradiens.nn.batched import on_batch
from gradiens.optim import descent as descents
from gradiens.optim.descent import Descent

Loss = Callable[[Array, Array], Array]


class Batch(NamedTuple):
    """What a step gets beside θ: rows, a key for noise (or None), the network's running averages."""

    rows: Any
    key: Array | None
    buffers: Any


class State(NamedTuple):
    """The state of a descent, and the network's running averages."""

    t: Int[Array, ""]
    theta: Any
    optimizer: Any
    buffers: Any = None


def mean_cost(features: Callable[[Any], Any], loss: Loss, model: Any, x: Any, y: Array) -> Float[Array, ""]:
    """C = 1/B Σ C(x⁽ⁱ⁾, y⁽ⁱ⁾): each example through the model alone, `vmap` makes the batch."""
    return jnp.mean(jax.vmap(lambda x, y: cost_of(model, loss, features(x), y))(x, y))


def batch_cost(loss: Loss, model: Any, X: Any, y: Array, key: Array | None = None) -> tuple[Float[Array, ""], Any]:
    """`(C, model')` of a batch as it trains: by its own averages, with noise by the key; the model with its averages moved on.

    For a model whose layers treat each example alone it is `mean_cost`.
    """
    if not hasattr(model, "on_batch"):
        return mean_cost(_same, loss, model, X, y), model
    Z, after = on_batch(model, X, key)
    return jnp.mean(jax.vmap(loss)(raw(Z), y)), after


def _same(x: Any) -> Any:
    return x


def descend(descent: Descent, state: State, rows: Any, key: Array | None) -> tuple[State, Any]:
    """One step of `descent` on these rows, in either form of its cost."""
    given = Batch(rows, key, state.buffers) if descent.aux else rows
    after, info = descent.step(descents.State(*state[:3]), given)
    return State(*after, info.aux if descent.aux else state.buffers), info._replace(aux=None)


class Training(Module):
    """`step(state, rows)`: one step of `descent` on the rows of x and y with these indices.

    `key` is the root of the noise: step t gets `fold_in(key, t)`.
    """

    descent: Descent
    x: Any
    y: Array
    key: Array | None = None

    def init(self, theta: Any, buffers: Any = None) -> State:
        """No step taken from `theta`."""
        return State(*self.descent.init(theta), buffers)

    def step(self, state: State, rows: Int[Array, " B"]) -> tuple[State, Any]:
        """Gather the minibatch, descend."""
        take = lambda a: jnp.take(a, rows, axis=0, mode="clip")  # noqa: E731 - indices are in range: no check for them
        key = None if self.key is None else jax.random.fold_in(self.key, state.t)
        return descend(self.descent, state, jax.tree.map(take, (self.x, self.y)), key)


@dataclasses.dataclass(frozen=True, eq=False)
class Cost:
    """The cost of a minibatch as a function of the trainable parameters, the untrained `rest` of the model being given.

    Two are equal where they compute the same: then a program compiled for one serves the other.
    """

    features: Callable[[Any], Any]
    loss: Loss
    rest: Any

    def __call__(self, theta: Any, batch: tuple[Any, Array]) -> Float[Array, ""]:
        """C of the batch."""
        return mean_cost(self.features, self.loss, join(theta, self.rest), *batch)

    def _key(self) -> tuple[Any, ...]:
        leaves, form = jax.tree.flatten(self.rest)
        return type(self), self.features, self.loss, form, *map(id, leaves)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cost) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())


@dataclasses.dataclass(frozen=True, eq=False)
class BatchCost(Cost):
    """The cost of a `Batch` as a network with running averages or noise trains on it; `rest` holds neither θ nor buffers.

    `augment(key, X, y)` gives `(X, y, other, share)`: changed examples, and a second target with its share of the cost, or
    `(…, None, 1)`. `penalty(θ)` is added.
    """

    augment: Callable[..., Any] | None = None
    penalty: Callable[[Any], Array] | None = None

    def __call__(self, theta: Any, batch: Batch) -> tuple[Float[Array, ""], Any]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """C of the batch, and the running averages after it."""
        (x, y), key, buffers = batch
        model, X = join(theta, buffers, self.rest), jax.vmap(self.features)(x)
        other, share = None, 1.0
        if self.augment is not None and key is not None:
            key, drawn = jax.random.split(key)
            X, y, other, share = self.augment(drawn, X, y)
        loss = self.loss if other is None else _shared(self.loss)
        target = y if other is None else (y, other, jnp.broadcast_to(share, y.shape))
        C, after = batch_cost(loss, model, X, target, key)  # pyright: ignore[reportArgumentType]
        if self.penalty is not None:
            C = C + self.penalty(theta)
        return C, parts(after)[1]

    def _key(self) -> tuple[Any, ...]:
        return *super()._key(), self.augment, self.penalty


def _shared(loss: Loss) -> Loss:
    """λ C(ŷ, y₁) + (1-λ) C(ŷ, y₂), for a target (y₁, y₂, λ)."""

    def of_two(output: Array, target: Any) -> Array:
        one, other, share = target
        return share * loss(output, one) + (1 - share) * loss(output, other)

    return of_two


def make_cost(preprocessing: Preprocessing, loss: Loss, rest: Any) -> Cost:
    """The cost of a minibatch of stored rows."""
    return Cost(preprocessing.features, loss, rest)
