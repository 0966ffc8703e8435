"""Squeeze and excitation: each map is weighed by what all maps say on average.

    y = s ⊙ x,   s = σ(W₂ S(W₁ m + b₁) + b₂),   m the mean of each map

The matrices are convolutions with window 1 on maps of one pixel.

Book: 6.6.  Source: Hu, Shen & Sun (2018), section 3.
"""

from __future__ import annotations

from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.functions.activations import Activation, named, sigmoid
from gradiens.nn.batched import Composite, Run
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.draft import Draft

KIND = "layer"


class SqueezeExcitation(Composite):
    """σ(W₂ S(W₁ m + b₁) + b₂) ⊙ x, m the mean of each map.

    Book: 6.6.  Source: Hu, Shen & Sun (2018).
    """

    NAMES: ClassVar[dict[str, str]] = {"squeeze": "fc1", "excite": "fc2"}

    squeeze: Conv2d
    excite: Conv2d
    activation: Activation = eqx.field(static=True)

    @classmethod
    def make(cls, draft: Draft, squeezed: int, activation: str = "relu") -> SqueezeExcitation:
        """For the maps that the draft has reached, with so many `squeezed` numbers between."""
        way = draft.branch()
        way.shape = (draft.channels, 1, 1)
        squeeze = way.conv(squeezed, 1, bias=True)
        return cls(squeeze, way.conv(draft.channels, 1, bias=True), named(activation))

    @classmethod
    def example(cls, key: Array) -> tuple[SqueezeExcitation, Array]:
        """A small layer and maps for it."""
        return cls.make(Draft(key, (3, 2, 2)), 2), jax.random.normal(key, (3, 2, 2))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """The weighed maps."""
        m = jnp.mean(x, axis=(-2, -1), keepdims=True)
        s = sigmoid(run(self.excite, self.activation(run(self.squeeze, m))))
        return s * x
