"""Parametric relu: the slope below 0 is trained, one for each unit or one for all.

    y = {x if x > 0; α ⊙ x otherwise}

A unit is a number, or a map: x may be (n,) or (n, H, W), and α is then one number for the whole map. α = 0 is relu, α = 1
the identity; α starts at ¼.

Book: 5.3.  Source: He et al. (2015), section 2.1.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.core.module import Module


class PReLU(Module):
    """Relu with trained slopes below 0: the derivative in α is Σ min(0, x) δ over what the slope is for.

    Book: 5.3.  Source: He et al. (2015).
    """

    alpha: Float[Array, " n"]

    @classmethod
    def make(cls, n: int = 1, alpha: float = 0.25) -> PReLU:
        """n slopes that begin at `alpha`; n = 1 is shared by all units."""
        if n < 1:
            raise Mistake("at least one slope", n, "1 is one slope for all units")
        return cls(jnp.full(n, alpha))

    @classmethod
    def example(cls, key: Array) -> tuple[PReLU, Array]:
        """A layer and an input for it, below 0, where the slopes matter."""
        return cls.make(3), -jnp.abs(jax.random.normal(key, (3,)))

    def __call__(self, x: Float[Array, "n *window"], key: Array | None = None) -> Float[Array, "n *window"]:
        """One example: each unit by its slope. Raises `Mistake` for another number of units than slopes."""
        if self.alpha.size not in (1, len(x)):
            raise Mistake(f"{self.alpha.size} units, one a slope", len(x), "PReLU.make() has one slope for all units")
        α = jnp.reshape(self.alpha, (-1, *[1] * (x.ndim - 1)))  # one number for each map
        return jnp.where(x > 0, x, α * x)

    @property
    def flops(self) -> int:
        """None beside the activation."""
        return 0
