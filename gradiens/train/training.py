"""Training as an algorithm for the one loop: minibatches of rows held on the device, descent on their mean cost."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from gradiens.core.cost import cost_of
from gradiens.core.module import Module, join
from gradiens.data.preprocessing import Preprocessing
from gradiens.optim.descent import Descent


def mean_cost(
    features: Callable[[Any], Any], loss: Callable[[Array, Array], Array], model: Any, x: Any, y: Array
) -> Float[Array, ""]:
    """C = 1/B Σ C(x⁽ⁱ⁾, y⁽ⁱ⁾): each example through the model alone, `vmap` makes the batch."""
    return jnp.mean(jax.vmap(lambda x, y: cost_of(model, loss, features(x), y))(x, y))


class Training(Module):
    """`step(state, rows)`: one step of `descent` on the rows of x and y with these indices."""

    descent: Descent
    x: Any
    y: Array

    def init(self, theta: Any) -> Any:
        """The descent's state at `theta`."""
        return self.descent.init(theta)

    def step(self, state: Any, rows: Int[Array, " B"]) -> tuple[Any, Any]:
        """Gather the minibatch, descend."""
        take = lambda a: jnp.take(a, rows, axis=0, mode="clip")  # noqa: E731 - indices are in range: no check for them
        return self.descent.step(state, jax.tree.map(take, (self.x, self.y)))


@dataclasses.dataclass(frozen=True, eq=False)
class Cost:
    """The cost of a minibatch as a function of the trainable parameters, the untrained `rest` of the model being given.

    Two are equal where they compute the same: then a program compiled for one serves the other.
    """

    features: Callable[[Any], Any]
    loss: Callable[[Array, Array], Array]
    rest: Any

    def __call__(self, theta: Any, batch: tuple[Any, Array]) -> Float[Array, ""]:
        """C of the batch."""
        return mean_cost(self.features, self.loss, join(theta, self.rest), *batch)

    def _key(self) -> tuple[Any, ...]:
        leaves, form = jax.tree.flatten(self.rest)
        return self.features, self.loss, form, *map(id, leaves)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cost) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())


def make_cost(preprocessing: Preprocessing, loss: Callable[[Array, Array], Array], rest: Any) -> Cost:
    """The cost of a minibatch of stored rows."""
    return Cost(preprocessing.features, loss, rest)
