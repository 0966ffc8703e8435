"""RMS normalisation: the units of one example divided by their root mean square, then each multiplied by its own gain.

    y = γ ⊙ x / √(q + ε),   q the mean of the squares of the units of x

Layer normalisation without its centring: nothing is subtracted and nothing is added.

Book: 5.6.  Source: Zhang & Sennrich (2019).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.core.module import Module, knob
from gradiens.functions.normalising import rescaled


class RMSNorm(Module):
    """A gain γ a unit: n trained numbers. The same for x and for a x, a > 0, up to ε.

    Book: 5.6.  Source: Zhang & Sennrich (2019).
    """

    gamma: Float[Array, " n"]
    eps: float = knob(1e-5, 0.0, 1.0, "log", "floor ε of the mean square")

    @classmethod
    def make(cls, n: int, eps: float = 1e-5) -> RMSNorm:
        """n units, gain 1."""
        if n < 1:
            raise Mistake("at least one unit", n)
        return cls(jnp.ones(n), eps)

    @classmethod
    def example(cls, key: Array) -> tuple[RMSNorm, Array]:
        """A small layer and an input for it."""
        return cls.make(4), jax.random.normal(key, (4,))

    def __call__(self, x: Float[Array, "n *window"], key: Array | None = None) -> Float[Array, "n *window"]:
        """One example, by its own mean square; of maps at each place."""
        each = (slice(None), *[None] * (x.ndim - 1))
        return self.gamma[each] * rescaled(x, self.eps, 0 if x.ndim > 1 else None)

    @property
    def flops(self) -> int:
        """Four operations a unit, at one place of a map: its square and a sum, a quotient, the gain."""
        return 4 * self.gamma.size
