"""Layers without parameters that make maps smaller: pooling, global averages, and the step from maps to one vector.

Book: 6.3.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import Module
from gradiens.functions.pooling import adaptive_average_pool, average_pool, max_pool

Maps = Float[Array, "C H W"]


class MaxPool(Module):
    """The largest entry of each k × k window, by default of windows side by side.

    Book: 6.3.
    """

    window: int = eqx.field(static=True, default=2)
    stride: int | None = eqx.field(static=True, default=None)
    padding: int = eqx.field(static=True, default=0)
    ceil: bool = eqx.field(static=True, default=False)  # whether windows that are not full count

    @classmethod
    def example(cls, key: Array) -> tuple[MaxPool, Array]:
        """Windows of 2 × 2, and maps for them."""
        return cls(2), jax.random.normal(key, (2, 4, 6))

    def __call__(self, x: Maps, key: Array | None = None) -> Maps:
        """The pooled maps of one example."""
        return max_pool(x, self.window, self.stride, self.padding, self.ceil)


class AveragePool(Module):
    """The mean of each k × k window.

    Book: 6.3.
    """

    window: int = eqx.field(static=True, default=2)
    stride: int | None = eqx.field(static=True, default=None)
    padding: int = eqx.field(static=True, default=0)

    @classmethod
    def example(cls, key: Array) -> tuple[AveragePool, Array]:
        """Windows of 2 × 2, and maps for them."""
        return cls(2), jax.random.normal(key, (2, 4, 6))

    def __call__(self, x: Maps, key: Array | None = None) -> Maps:
        """The pooled maps of one example."""
        return average_pool(x, self.window, self.stride, self.padding)


class AdaptiveAverage(Module):
    """Means over size × size windows that cover the maps, whatever their size.

    Book: 6.3.
    """

    size: int = eqx.field(static=True, default=1)

    @classmethod
    def example(cls, key: Array) -> tuple[AdaptiveAverage, Array]:
        """To 2 × 2, from maps that 2 does not divide."""
        return cls(2), jax.random.normal(key, (2, 5, 3))

    def __call__(self, x: Maps, key: Array | None = None) -> Maps:
        """The pooled maps of one example."""
        return adaptive_average_pool(x, self.size)


class GlobalAverage(Module):
    """The mean of each map: C × H × W becomes a vector of C numbers.

    Book: 6.3.
    """

    @classmethod
    def example(cls, key: Array) -> tuple[GlobalAverage, Array]:
        """The layer, and maps for it."""
        return cls(), jax.random.normal(key, (3, 4, 2))

    def __call__(self, x: Maps, key: Array | None = None) -> Float[Array, " C"]:
        """The means of one example."""
        return jnp.mean(x, axis=(-2, -1))


class Flatten(Module):
    """Maps as one vector, channel by channel, row by row.

    Book: 6.3.
    """

    @classmethod
    def example(cls, key: Array) -> tuple[Flatten, Array]:
        """The layer, and maps for it."""
        return cls(), jax.random.normal(key, (2, 3, 2))

    def __call__(self, x: Float[Array, "*shape"], key: Array | None = None) -> Float[Array, " n"]:
        """The numbers of one example."""
        return x.reshape(-1)
