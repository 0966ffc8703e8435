"""Maxout: each unit is the largest of k affine functions of its input, so that its shape is trained too.

    a = max(W₁ x + b₁, …, W_k x + b_k)

A unit is a convex piecewise linear function with at most k pieces; relu, leaky relu and |·| are maxout units with k = 2, and a
difference of two of them with enough pieces comes as near to any continuous function as one likes.

Book: 5.3.  Source: Goodfellow et al. (2013).
"""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array

from gradiens.core.check import Mistake
from gradiens.nn.batched import Composite, Run
from gradiens.nn.dense import Dense


class Maxout(Composite):
    """The largest of k dense layers, unit by unit; k n_out (n_in + 1) parameters.

    Book: 5.3.  Source: Goodfellow et al. (2013).
    """

    pieces: tuple[Dense, ...]

    @classmethod
    def make(cls, n_in: int, n_out: int, key: Array, pieces: int = 2, init: str = "lecun") -> Maxout:
        """`pieces` layers from n_in inputs to n_out units."""
        if pieces < 1:
            raise Mistake("at least one piece", pieces, "2 pieces are the usual choice")
        return cls(tuple(Dense.make(n_in, n_out, k, init) for k in jax.random.split(key, pieces)))

    @classmethod
    def example(cls, key: Array) -> tuple[Maxout, Array]:
        """A small layer and an input for it."""
        return cls.make(3, 2, key), jax.random.normal(key, (3,))

    def forward(self, x: Any, run: Run) -> Any:
        """The largest of the pieces, unit by unit."""
        return functools.reduce(jnp.maximum, [run(piece, x) for piece in self.pieces])
