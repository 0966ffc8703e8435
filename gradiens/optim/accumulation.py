"""Accumulation: the mean of the gradients of k minibatches makes one step, as one minibatch k times as large would.

    m' = m + (g - m) / j             j = 1 … k counts the minibatches of the step
    Δ = the method's update of m' when j = k, 0 before

For batches that do not fit into memory. With batch normalisation it is not quite the large batch: each minibatch is
normalised by itself.

Book: 4.2.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int

from gradiens.core.check import Mistake
from gradiens.optim.clipping import clip_by_norm
from gradiens.optim.optax_bridge import as_optimizer
from gradiens.optim.optimizer import Optimizer


class State(NamedTuple):
    """Minibatches of the step so far, the mean of their gradients, the state of the method."""

    j: Int[Array, ""]
    mean: Any
    optimizer: Any


class _Accumulated(Optimizer):
    """A method that steps by the mean of `every` gradients, its norm capped at `clip` (None: not)."""

    optimizer: Optimizer
    every: int
    clip: float | None

    def init_tree(self, theta: Any) -> State:
        """No minibatch seen."""
        return State(jnp.int32(0), jax.tree.map(jnp.zeros_like, theta), self.optimizer.init_tree(theta))

    def step_tree(self, state: State, g: Any, theta: Any) -> tuple[State, Any]:
        """The gradient into the mean; after the last of the step, the method's update, and a new mean."""
        j = state.j + 1
        mean = jax.tree.map(lambda m, g: m + (g - m) / j.astype(m.dtype), state.mean, g)

        def step(_: None) -> tuple[State, Any]:
            capped = mean if self.clip is None else clip_by_norm(mean, self.clip)[0]
            inner, update = self.optimizer.step_tree(state.optimizer, capped, theta)
            return State(jnp.int32(0), jax.tree.map(jnp.zeros_like, mean), inner), update

        def wait(_: None) -> tuple[State, Any]:
            return State(j, mean, state.optimizer), jax.tree.map(jnp.zeros_like, theta)

        return jax.lax.cond(j >= self.every, step, wait, None)


def accumulated(optimizer: Any, every: int, clip: float | None = None) -> Optimizer:
    """`optimizer` (ours or Optax's), stepping once in `every` minibatches by the mean of their gradients; of 1, itself.

    `clip` caps the norm of that mean.
    """
    if every < 1:
        raise Mistake("minibatches of a step of at least 1", every)
    inner = as_optimizer(optimizer)
    return inner if every == 1 and clip is None else _Accumulated(inner, every, clip)
