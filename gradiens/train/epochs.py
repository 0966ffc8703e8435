"""An epoch as one step of the one loop: what short runs on data that fit the device want, many seeds at once.

`Training` takes the rows of each step from the host; here a step draws a new order of all rows and descends through its
minibatches, so that `iterate(…, key=keys)` trains a network for each key in one program.

Book: 1.1, 4.2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array

from gradiens.core.module import Module
from gradiens.optim.descent import Descent
from gradiens.train.training import State, descend


class Epochs(Module):
    """A new order of the rows by the step's key, the descent on minibatches in that order; then what is watched.

    `rows` are arrays with one leading axis, `watch(theta, watched)` gives the info of the step. Rows left over by the last
    minibatch wait for another epoch. A descent with `aux` gets a `Batch`: rows, a key for noise, running averages; then it is
    `watch((theta, buffers), watched)`. With `costs` the info is `(what is watched, C)`, C the mean cost of the epoch's
    minibatches, each before its step. Networks with convolutions want `Training` instead: they are slow in a compiled loop.

    Book: 1.1, 4.2.
    """

    descent: Descent
    rows: Any
    batch: int = eqx.field(static=True)
    watch: Callable[[Any, Any], Any] = eqx.field(static=True)
    watched: Any
    costs: bool = eqx.field(static=True, default=False)

    def init(self, theta: Any, buffers: Any = None) -> State:
        """No step taken from `theta`."""
        return State(*self.descent.init(theta), buffers)

    def step(self, state: State, key: Array) -> tuple[State, Any]:
        """All minibatches of an epoch."""
        n = len(jax.tree.leaves(self.rows)[0])
        batch = min(self.batch, n)
        order = jax.random.permutation(key, n)[: n // batch * batch].reshape(-1, batch)
        keys = jax.random.split(jax.random.fold_in(key, 1), len(order)) if self.descent.aux else None

        def turn(state: State, at: Any) -> tuple[State, Array | None]:
            rows, noise = at
            state, info = descend(self.descent, state, jax.tree.map(lambda a: a[rows], self.rows), noise)
            return state, info.loss if self.costs else None

        state, losses = jax.lax.scan(turn, state, (order, keys))
        seen = self.watch((state.theta, state.buffers) if self.descent.aux else state.theta, self.watched)
        return state, seen if losses is None else (seen, jnp.mean(losses))
