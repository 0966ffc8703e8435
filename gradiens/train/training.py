"""Training as an algorithm for the one loop: minibatches of rows held on the device, descent on their mean cost.

A cost is a function of the trainable parameters θ and of one of two things:

    cost(θ, Batch) -> (C, buffers')        rows, a key for noise, the running averages, which come back moved on; then the
                                           descent is one with `aux=True`
    cost(θ, (x, y)) -> C                   rows alone
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
from gradiens.nn.batched import on_batch
from gradiens.optim import descent as descents
from gradiens.optim.descent import Descent

Loss = Callable[[Array, Any], Array]


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


def mean_cost(features: Callable[[Any], Any], loss: Loss, model: Any, x: Any, y: Any) -> Float[Array, ""]:
    """C = 1/B Σ C(x⁽ⁱ⁾, y⁽ⁱ⁾): each example through the model alone, `vmap` makes the batch."""
    return jnp.mean(jax.vmap(lambda x, y: cost_of(model, loss, features(x), y))(x, y))


def batch_cost(loss: Loss, model: Any, X: Any, y: Any, key: Array | None = None) -> tuple[Float[Array, ""], Any]:
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
    """The cost of a `Batch` as the network trains on it; `rest` of the model is neither θ nor running averages.

    `augment(key, X, y)` gives `(X, y, other, share)`: changed examples, and a second target with its share of the cost, or
    `(…, None, 1)`. `penalty(θ)` is added. Two are equal where they compute the same: then a program compiled for one serves
    the other.
    """

    features: Callable[[Any], Any]
    loss: Loss
    rest: Any
    augment: Callable[..., Any] | None = None
    penalty: Callable[[Any], Array] | None = None

    def __call__(self, theta: Any, batch: Batch) -> tuple[Float[Array, ""], Any]:
        """C of the batch, and the running averages after it."""
        (x, y), key, buffers = batch
        model = join(theta, self.rest) if buffers is None else join(theta, buffers, self.rest)
        X, loss, target = jax.vmap(self.features)(x), self.loss, y
        if self.augment is not None and key is not None:
            key, drawn = jax.random.split(key)
            X, target, other, share = self.augment(drawn, X, y)
            if other is not None and getattr(self.augment, "mixes", True):
                loss, target = _shared(loss), (target, other, jnp.broadcast_to(share, y.shape))
        C, after = batch_cost(loss, model, X, target, key)
        if self.penalty is not None:
            C = C + self.penalty(theta)
        return C, None if buffers is None else parts(after)[1]

    def _key(self) -> tuple[Any, ...]:
        leaves, form = jax.tree.flatten(self.rest)
        known = (leaf if isinstance(leaf, float | int) else id(leaf) for leaf in leaves)
        return self.features, self.loss, self.augment, self.penalty, form, *known

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cost) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())


def _shared(loss: Loss) -> Loss:
    """λ C(ŷ, y₁) + (1-λ) C(ŷ, y₂), for a target (y₁, y₂, λ)."""

    def of_two(output: Array, target: Any) -> Array:
        one, other, share = target
        return share * loss(output, one) + (1 - share) * loss(output, other)

    return of_two
