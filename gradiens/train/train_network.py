"""Train a network on arrays: what a script wants that has its own data and its own model.

Book: 6.3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array

from gradiens.core.check import Failure, Mistake
from gradiens.core.iterate import Outcome, iterate
from gradiens.core.keys import root_key
from gradiens.core.module import join, parts
from gradiens.data.minibatch import Minibatches
from gradiens.optim.adam import Adam
from gradiens.optim.descent import Descent
from gradiens.optim.schedules import Schedule
from gradiens.optim.solution import solution
from gradiens.train.training import Cost, Loss, Training


def train_network(
    model: Any,
    x: Any,
    y: Any,
    loss: Loss,
    optimizer: Any = None,
    epochs: int = 10,
    batch: int = 64,
    seed: int = 0,
    augment: Callable[..., Any] | None = None,
    penalty: Callable[[Any], Array] | None = None,
    between: Callable[[Any, int], bool | None] | None = None,
    schedule: Schedule | None = None,
    name: str = "training",
    quiet: bool | None = None,
) -> tuple[Any, Outcome]:
    """`(model', outcome)`: `model`, a function of one example, after `epochs` passes over x and y in minibatches.

    Batch normalisation and dropout are in force while it trains; the optimizer is by default Adam, with its step size times the
    `schedule`'s factor. The trace of the outcome is
    the loss of every step. `between(model, epoch)` is called after each epoch; a True return ends the training. The order of the
    rows and all noise are functions of the seed.

    Raises `Failure` where the loss stops being finite.

    Book: 6.3.
    """
    n = len(y)
    if epochs < 1 or any(len(leaf) != n for leaf in jax.tree.leaves(x)):
        raise Mistake("x and y of one length, and one epoch or more", f"y of length {n}, {epochs} epochs")
    theta, buffers, rest = parts(model)
    cost = Cost(_identity, loss, rest, augment, penalty)
    descent = Descent(cost, optimizer or Adam(), schedule, aux=True)
    training = Training(descent, jax.tree.map(jnp.asarray, x), jnp.asarray(y), root_key(seed))
    batches = Minibatches(n, batch, seed)

    def whole(state: Any) -> Any:
        return join(solution(state.optimizer, state.theta), state.buffers, rest)

    def pause(state: Any, t: int, numbers: dict[str, float]) -> bool | None:
        at_end = t % batches.steps_per_epoch == 0
        return between(whole(state), t // batches.steps_per_epoch) if at_end and between is not None else None

    outcome = iterate(
        training, theta, buffers, steps=epochs * batches.steps_per_epoch, feed=batches, record=_loss, keep=None,
        every=batches.steps_per_epoch, between=pause, name=name, quiet=quiet,
    )  # fmt: skip
    if outcome.stopped == "nan":
        raise Failure(f"training diverged: {outcome.says}", "try a smaller step size")
    return whole(outcome.state), outcome


def _identity(x: Any) -> Any:
    return x


def _loss(state: Any, info: Any) -> Array:
    return info.loss
