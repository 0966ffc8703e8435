"""Group normalisation: the units of one example in groups, each group shifted and scaled by its own mean and variance.

    y = γ (x - m) / √(v + ε) + β,   m and v over the units of the group and over their maps; γ and β of the unit

One group of all units normalises an example as a whole; groups of one unit, each map by itself, is instance
normalisation. The batch plays no part.

Book: 5.6.  Source: Wu & He (2018); Ulyanov, Vedaldi & Lempitsky (2016) for groups of one.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.core.module import Module, knob
from gradiens.functions.normalising import standardised


class GroupNorm(Module):
    """A gain γ and a bias β a unit: 2n trained numbers. A unit is a number or a map, x is (n,) or (n, H, W).

    Book: 5.6.  Source: Wu & He (2018).
    """

    gamma: Float[Array, " n"]
    beta: Float[Array, " n"]
    groups: int = eqx.field(static=True)
    eps: float = knob(1e-5, 0.0, 1.0, "log", "floor ε of the variance")

    @classmethod
    def make(cls, n: int, groups: int, eps: float = 1e-5) -> GroupNorm:
        """n units in `groups` groups of one size, gain 1 and bias 0."""
        if groups < 1 or n < 1 or n % groups:
            raise Mistake("groups of one size", f"{n} units in {groups} groups", "take a divisor of the units")
        return cls(jnp.ones(n), jnp.zeros(n), groups, eps)

    @classmethod
    def instance(cls, n: int, eps: float = 1e-5) -> GroupNorm:
        """Each of n maps by itself."""
        return cls.make(n, n, eps)

    @classmethod
    def example(cls, key: Array) -> tuple[GroupNorm, Array]:
        """A small layer and maps for it."""
        return cls.make(4, 2), jax.random.normal(key, (4, 3, 2))

    def __call__(self, x: Float[Array, "n *window"], key: Array | None = None) -> Float[Array, "n *window"]:
        """One example, each group by its own mean and variance."""
        each = (slice(None), *[None] * (x.ndim - 1))
        grouped = x.reshape(self.groups, -1)
        return self.gamma[each] * standardised(grouped, self.eps, 1).reshape(x.shape) + self.beta[each]

    @property
    def flops(self) -> int:
        """Eight operations a unit, at one place of a map: two sums and a square for m and v, then those of the formula."""
        return 8 * self.gamma.size
