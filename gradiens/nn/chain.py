"""Composition: a model is a chain of parametrised maps, each the input of the next.

    f = f_L ∘ … ∘ f_1                    x_0 = x,  x_l = f_l(x_{l-1})
    δ_{l-1} = (∂f_l/∂x)' δ_l             g_l = (∂f_l/∂θ_l)' δ_l,   from δ_L backwards

Forward, backward and parameters are all that a block needs; a chain has them again, so chains can be blocks: composition is
associative.

Book: 1.5.
"""

from __future__ import annotations

from typing import Any, ClassVar

import equinox as eqx
import jax
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.core.module import Module, join, split
from gradiens.functions.activations import Activation, named
from gradiens.nn.batched import Composite, Run
from gradiens.nn.dense import Dense


class Activate(Module):
    """An activation as a block, by its name or as a function.

    Book: 1.5.
    """

    activation: Activation = eqx.field(static=True, converter=named)

    @classmethod
    def example(cls, key: Array) -> tuple[Activate, Array]:
        """A block and an input for it."""
        return cls("tanh"), jax.random.normal(key, (3,))

    def __call__(self, x: Float[Array, " n"], key: Array | None = None) -> Float[Array, " n"]:
        """S(x)."""
        return self.activation(x)


class Chain(Composite):
    """Blocks in the order in which they are applied.

    Book: 1.5.
    """

    NAMES: ClassVar[dict[str, str]] = {"blocks": "{i}"}  # in PyTorch's layout (`gradiens.nn.names`)

    blocks: tuple[Any, ...]

    @classmethod
    def make(cls, *blocks: Any) -> Chain:
        """The composition of modules, activations by their name, and chains; one block or more."""
        if not blocks:
            raise Mistake("one block or more", "none")
        return cls(tuple(Activate(block) if isinstance(block, str) else block for block in blocks))

    @classmethod
    def example(cls, key: Array) -> tuple[Chain, Array]:
        """A small chain and an input for it."""
        one, two = jax.random.split(key)
        return cls.make(Dense.make(3, 4, one), "tanh", Dense.make(4, 2, two)), jax.random.normal(key, (3,))

    def forward(self, x: Any, run: Run) -> Any:
        """The last block's output."""
        for block in self.blocks:
            x = run(block, x)
        return x

    def backward(self, x: Float[Array, " n"], delta: Float[Array, " m"]) -> tuple[Any, Float[Array, " n"]]:
        """The gradients of δ'f(x) in the parameters, shaped like them (`core.module.split`), and in x.

        One vector-Jacobian product a block, the last block first; nothing is kept but the blocks' inputs.
        """
        inputs = [x]
        for block in self.blocks[:-1]:
            inputs.append(block(inputs[-1]))
        found = []
        for block, at in zip(reversed(self.blocks), reversed(inputs)):
            theta, rest = split(block)
            _, back = jax.vjp(lambda theta, x, rest=rest: join(theta, rest)(x), theta, at)
            g, delta = back(delta)
            found.append(g)
        return Chain(tuple(reversed(found))), delta
