"""Layer scale: each map, or number, times one trained number, near nothing at the start: a residual branch that begins small.

    y = γ ⊙ x

Book: 6.6.  Source: Touvron et al. (2021), section 2.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import Module

KIND = "layer"


class LayerScale(Module):
    """y = γ ⊙ x, one γ a map.

    Book: 6.6.  Source: Touvron et al. (2021).
    """

    NAMES: ClassVar[dict[str, str]] = {"gamma": "layer_scale"}

    gamma: Float[Array, " n"]

    @classmethod
    def make(cls, n: int, start: float = 1e-6) -> LayerScale:
        """n numbers that are `start`."""
        return cls(jnp.full(n, start))

    @classmethod
    def example(cls, key: Array) -> tuple[LayerScale, Array]:
        """A small layer and maps for it."""
        return cls.make(2, 0.5), jax.random.normal(key, (2, 3, 2))

    def __call__(self, x: Float[Array, "n *window"], key: Array | None = None) -> Float[Array, "n *window"]:
        """One example."""
        return self.gamma[(slice(None), *[None] * (x.ndim - 1))] * x

    @property
    def flops(self) -> int:
        """One product a unit, at one place of a map."""
        return self.gamma.size
