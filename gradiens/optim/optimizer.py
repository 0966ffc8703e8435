"""What an optimizer is: a state, and a step that turns a gradient into an update of the parameters.

    (state', Δ) = step(state, g, θ)          θ' = θ + Δ

A `Coordinatewise` method (SGD, momentum, Adam …) states `init` and `step` for one array; it is mapped over the leaves
of the parameter tree, with one state a leaf. The loop, `optim.descent`, knows only `init_tree` and `step_tree`.

Book: 4.1.
"""

from __future__ import annotations

from typing import Any, ClassVar

import jax
from jaxtyping import Array

from gradiens.core.module import Module


class Optimizer(Module):
    """Base of all optimizers over a parameter tree.

    The update is printed as a vector has it; `OF_VECTORS` says so where that is not all there is to it.
    """

    OF_VECTORS: ClassVar[str] = ""

    def init_tree(self, theta: Any) -> Any:
        """The state before the first step, for the parameter tree `theta`."""
        raise NotImplementedError

    def step_tree(self, state: Any, g: Any, theta: Any) -> tuple[Any, Any]:
        """One step from the gradient tree `g` at `theta`: `(state', Δ)`, with θ' = θ + Δ."""
        raise NotImplementedError


class Coordinatewise(Optimizer):
    """A method whose rule acts on each coordinate alike: stated for one array, mapped over the parameter tree."""

    def init(self, theta: Array) -> Any:
        """The state for one parameter array."""
        raise NotImplementedError

    def step(self, state: Any, g: Array, theta: Array) -> tuple[Any, Array]:
        """One step for one parameter array: `(state', Δ)`."""
        raise NotImplementedError

    def init_tree(self, theta: Any) -> Any:
        """One state a leaf, in the order of the leaves."""
        return tuple(self.init(leaf) for leaf in jax.tree.leaves(theta))

    def step_tree(self, state: Any, g: Any, theta: Any) -> tuple[Any, Any]:
        """`step` on each leaf."""
        leaves, shape = jax.tree.flatten(theta)
        pairs = [self.step(s, grad, leaf) for s, grad, leaf in zip(state, jax.tree.leaves(g), leaves, strict=True)]
        return tuple(s for s, _ in pairs), shape.unflatten([update for _, update in pairs])
