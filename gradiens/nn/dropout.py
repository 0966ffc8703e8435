"""Dropout: while training, each unit is silenced with probability 1 - p, and those that are kept are made up for it.

    training    y = m ⊙ x / p,   m of independent 0 and 1, 1 with probability p
    inference   y = x

E[y] = x, so that inference needs no correction. Each mask is a network of its own on the weights of all: what is
trained is their ensemble. For maps the `whole` map is kept or silenced, since its neighbouring numbers tell each other.

Book: 5.7.  Source: Srivastava et al. (2014), inverted; Tompson et al. (2015) for whole maps.
"""

from __future__ import annotations

import equinox as eqx
import jax
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.core.module import Module, knob


class Dropout(Module):
    """Kept with probability p, divided by p; without a key the identity, and p = 1 is the identity always.

    Book: 5.7.  Source: Srivastava et al. (2014).
    """

    keep: float = knob(0.5, 0.0, 1.0, says="probability p that a unit is kept")
    whole: bool = eqx.field(static=True, default=False)

    def __check_init__(self) -> None:
        if isinstance(self.keep, int | float) and self.keep == 0:
            raise Mistake("a probability of being kept above 0", "0", "Dropout(0.5) keeps every second unit")

    @classmethod
    def example(cls, key: Array) -> tuple[Dropout, Array]:
        """A layer and an input for it."""
        return cls(), jax.random.normal(key, (3,))

    def __call__(self, x: Float[Array, " n *window"], key: Array | None = None) -> Float[Array, " n *window"]:
        """The identity, or with a key y = m ⊙ x / p."""
        return x if key is None else self._silenced(x, key, 1)

    def on_batch(self, X: Float[Array, "B n *window"], key: Array | None = None) -> tuple[Array, Dropout]:
        """A batch with one draw for all of it, each example by a mask of its own; the layer itself."""
        return X if key is None else self._silenced(X, key, 2), self

    def _silenced(self, x: Array, key: Array, front: int) -> Array:
        p = self.keep
        own = self._own(x.ndim, front)
        m = jax.random.bernoulli(key, p, (*x.shape[:own], *[1] * (x.ndim - own)))
        return m.astype(x.dtype) * (x / p)

    def _own(self, rank: int, front: int) -> int:
        """How many axes, from the left, have a draw for each place; `front` of them are those of the batch and the units."""
        return front if self.whole else rank

    @property
    def flops(self) -> int:
        """None at inference."""
        return 0
