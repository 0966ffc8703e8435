"""Gradient centralisation: from the gradient of each unit's incoming weights its mean is taken away.

    G'ᵢⱼ = Gᵢⱼ - mean over j of Gᵢⱼ,  i a unit (the first axis), j its inputs (all other axes)

This projects the gradient on the weights whose sum over each unit's inputs stays what it was at the start. Vectors (biases)
are left alone. A transform of gradients, to be put in front of any method.

Book: 4.3.  Source: Yong, Huang, Hua & Zhang (2020).
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array

from gradiens.optim.optax_bridge import as_optimizer
from gradiens.optim.optimizer import Optimizer


def centralise(g: Any) -> Any:
    """The gradient tree with the means taken away from every leaf of two axes or more."""
    return jax.tree.map(_centralise, g)


def _centralise(G: Array) -> Array:
    return G if G.ndim < 2 else G - jnp.mean(G, axis=tuple(range(1, G.ndim)), keepdims=True)


class _Centralised(Optimizer):
    """A method that is given centralised gradients."""

    optimizer: Optimizer

    def init_tree(self, theta: Any) -> Any:
        """The method's own state."""
        return self.optimizer.init_tree(theta)

    def step_tree(self, state: Any, g: Any, theta: Any) -> tuple[Any, Any]:
        """The method's step on the centralised gradient."""
        return self.optimizer.step_tree(state, centralise(g), theta)


def centralised(optimizer: Any) -> Optimizer:
    """`optimizer` (ours or Optax's) with gradient centralisation in front."""
    return _Centralised(as_optimizer(optimizer))
