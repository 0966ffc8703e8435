"""Stochastic depth: while training, the whole branch of a residual block is silenced with probability 1 - p.

    training    y = x + m f(x) / p,   one m of 0 and 1 an example, 1 with probability p
    inference   y = x + f(x)

A shallower network is trained, a different one for each example; the short way x is always open.

Book: 5.7.  Source: Huang et al. (2016), divided by p while training instead of multiplied by p afterwards.
"""

from __future__ import annotations

import jax
from jaxtyping import Array

from gradiens.nn.dropout import Dropout


class StochasticDepth(Dropout):
    """The branch f(x) of a block as a whole: `x + drop(f(x))`.

    Book: 5.7.  Source: Huang et al. (2016).
    """

    @classmethod
    def example(cls, key: Array) -> tuple[StochasticDepth, Array]:
        """A layer and the output of a branch for it."""
        return cls(0.8), jax.random.normal(key, (3,))

    def _own(self, rank: int, front: int) -> int:
        return front - 1
