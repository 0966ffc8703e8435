"""Embedding: a learned vector for each level of a category, e = E_c, the same as Eᵀ times the one-hot vector of c.

Book: 7.1.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from gradiens.core.check import Mistake
from gradiens.core.module import Module


class Embedding(Module):
    """Row c of E for the code c in 0 … levels-1.

    Book: 7.1.
    """

    E: Float[Array, "levels width"]

    @classmethod
    def make(cls, levels: int, key: Array, width: int | None = None) -> Embedding:
        """Rows N(0, 1/width), so of length about 1; the default width is ⌈√levels⌉, at most 16."""
        width = width or default_width(levels)
        if min(levels, width) < 1:
            raise Mistake("at least one level and one number a level", f"{levels} levels of width {width}")
        return cls(jax.random.normal(key, (levels, width)) / math.sqrt(width))

    @classmethod
    def example(cls, key: Array) -> tuple[Embedding, Array]:
        """A small table and a code."""
        return cls.make(5, key), jnp.int32(2)

    def __call__(self, x: Int[Array, ""], key: Array | None = None) -> Float[Array, " width"]:
        """The row of one code."""
        return jnp.take(self.E, x, axis=0, mode="clip")

    @property
    def flops(self) -> int:
        """None: a row is looked up."""
        return 0


def default_width(levels: int) -> int:
    """⌈√levels⌉, at most 16."""
    return min(16, math.ceil(math.sqrt(levels)))
