"""Max-norm: any method, and after its step the weights into each unit are brought back into a ball.

    w' = w min(1, c / ‖w‖),   w the weights into one unit, a row of W

A bound instead of a price: inside the ball nothing happens, so weights can grow fast and not without end.

Book: 5.7.  Source: Srivastava et al. (2014), section 5.1; Srebro & Shraibman (2005).
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.optim.optax_bridge import as_optimizer
from gradiens.optim.optimizer import Optimizer


def cap_rows(W: Float[Array, "out in *window"], most: float | Array) -> Float[Array, "out in *window"]:
    """W with the weights into each unit no longer than `most`."""
    over = tuple(range(1, W.ndim))
    lengths = jnp.sqrt(jnp.sum(W**2, axis=over, keepdims=True))
    return W * jnp.where(lengths > most, most / lengths, 1)  # at length 0 the branch not taken is inf, and is not taken


class _MaxNorm(Optimizer):
    """A method whose steps end inside of the balls. Arrays of one axis or none, biases and gains, are free."""

    optimizer: Optimizer
    most: float | Array

    def init_tree(self, theta: Any) -> Any:
        """The state of the method."""
        return self.optimizer.init_tree(theta)

    def step_tree(self, state: Any, g: Any, theta: Any) -> tuple[Any, Any]:
        """The step of the method, and the way back into the balls."""
        state, update = self.optimizer.step_tree(state, g, theta)
        return state, jax.tree.map(self._inside, theta, update)

    def _inside(self, θ: Array, Δ: Array) -> Array:
        return cap_rows(θ + Δ, self.most) - θ if θ.ndim >= 2 else Δ


def max_norm(optimizer: Any, most: float | Array = 3.0) -> Optimizer:
    """`optimizer` (ours or Optax's) with the weights into each unit held to a norm of at most `most`."""
    if isinstance(most, float | int) and not most > 0:
        raise Mistake("a largest norm above 0", f"{most:g}", "3 is common")
    return _MaxNorm(as_optimizer(optimizer), most)
