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
from jaxtyping import Array

from gradiens.core.module import Module
from gradiens.optim.descent import Descent


class Epochs(Module):
    """A new order of the rows by the step's key, the descent on minibatches in that order; then what is watched.

    `rows` are arrays with one leading axis, `watch(theta, watched)` gives the info of the step. Rows left over by the last
    minibatch wait for another epoch.

    Book: 1.1, 4.2.
    """

    descent: Descent
    rows: Any
    batch: int = eqx.field(static=True)
    watch: Callable[[Any, Any], Any] = eqx.field(static=True)
    watched: Any

    def init(self, theta: Any) -> Any:
        """The descent's state at `theta`."""
        return self.descent.init(theta)

    def step(self, state: Any, key: Array) -> tuple[Any, Any]:
        """All minibatches of an epoch."""
        n = len(jax.tree.leaves(self.rows)[0])
        batch = min(self.batch, n)
        order = jax.random.permutation(key, n)[: n // batch * batch].reshape(-1, batch)
        take = lambda rows: jax.tree.map(lambda a: a[rows], self.rows)  # noqa: E731
        state, _ = jax.lax.scan(lambda s, rows: self.descent.step(s, take(rows)), state, order)
        return state, self.watch(state.theta, self.watched)
