"""Averaging: any method, and beside it the mean of the parameters it has been at.

    x' = x + (θ - x) / (t + 1)                            of all of them (Polyak, Ruppert)
    x' = x + (1 - β) (θ - x) / (1 - β^(t + 1))            with a memory β: exponential, its bias corrected

The method takes its steps as if nothing were averaged. Where gradients are noisy its iterates hover about the minimum at a
distance that the step size sets; their mean comes closer, for C convex with the best rate there is.

Book: 4.2, 4.3.  Source: Polyak & Juditsky (1992); Ruppert (1988).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int

from gradiens.core.check import Mistake
from gradiens.optim.optax_bridge import as_optimizer
from gradiens.optim.optimizer import Optimizer


class State(NamedTuple):
    """Parameters averaged, their mean, the state of the method."""

    t: Int[Array, ""]
    x: Any
    optimizer: Any


class _Averaged(Optimizer):
    """A method, and the mean of the parameters that its steps began with. `beta` None: all weigh the same."""

    optimizer: Optimizer
    beta: float | Array | None

    def init_tree(self, theta: Any) -> State:
        """Nothing averaged: the mean is the start."""
        return State(jnp.int32(0), jax.tree.map(jnp.copy, theta), self.optimizer.init_tree(theta))

    def step_tree(self, state: State, g: Any, theta: Any) -> tuple[State, Any]:
        """θ into the mean, then the step of the method."""
        β, t = self.beta, state.t + 1

        def mean(x: Array, θ: Array) -> Array:
            n = t.astype(x.dtype)
            share = 1 / n if β is None else (1 - β) / (1 - β**n)
            return x + (θ - x) * share

        inner, update = self.optimizer.step_tree(state.optimizer, g, theta)
        return State(t, jax.tree.map(mean, state.x, theta), inner), update


def averaged(optimizer: Any, beta: float | Array | None = None) -> Optimizer:
    """`optimizer` (ours or Optax's) with the mean of its parameters in its state; `optim.solution` reads it.

    `beta` in [0, 1) is the memory of an exponential average, about the last 1/(1-β) steps; None averages all.
    """
    if isinstance(beta, float | int) and not 0 <= beta < 1:
        raise Mistake("a memory β of at least 0 and below 1", f"{beta:g}", "leave it out for the mean of all steps")
    return _Averaged(as_optimizer(optimizer), beta)
