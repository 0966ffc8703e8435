"""Layer normalisation: the units of one example shifted and scaled together, then each by numbers of its own.

    y = γ ⊙ (x - m) / √(v + ε) + β,   m and v the mean and the variance of the units of x

The batch plays no part. A unit is a number, or a map: then the mean is over the units at each place of the map.

Book: 5.6.  Source: Ba, Kiros & Hinton (2016).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.core.module import Module, knob
from gradiens.functions.normalising import standardised


class LayerNorm(Module):
    """A gain γ and a bias β a unit: 2n trained numbers. The same for x and for a x + c, a > 0, up to ε.

    Book: 5.6.  Source: Ba, Kiros & Hinton (2016).
    """

    gamma: Float[Array, " n"]
    beta: Float[Array, " n"]
    eps: float = knob(1e-5, 0.0, 1.0, "log", "floor ε of the variance")

    @classmethod
    def make(cls, n: int, eps: float = 1e-5) -> LayerNorm:
        """n units, gain 1 and bias 0."""
        if n < 1:
            raise Mistake("at least one unit", n)
        return cls(jnp.ones(n), jnp.zeros(n), eps)

    @classmethod
    def example(cls, key: Array) -> tuple[LayerNorm, Array]:
        """A small layer and an input for it."""
        return cls.make(4), jax.random.normal(key, (4,))

    def __call__(self, x: Float[Array, "n *window"], key: Array | None = None) -> Float[Array, "n *window"]:
        """One example, by its own mean and variance."""
        each = (slice(None), *[None] * (x.ndim - 1))
        over = 0 if x.ndim > 1 else None
        return self.gamma[each] * standardised(x, self.eps, over) + self.beta[each]

    @property
    def flops(self) -> int:
        """Eight operations a unit, at one place of a map: two sums and a square for m and v, then those of the formula."""
        return 8 * self.gamma.size
