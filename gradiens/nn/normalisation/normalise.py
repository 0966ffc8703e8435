"""Normalisation of one vector to mean 0 and variance 1, without parameters.

    y = (x - m) / √(v + ε),  m and v the mean and the variance of the entries of x (divided by n)

Book: 1.5.  Source: Ba, Kiros & Hinton (2016), without their gain and bias.
"""

from __future__ import annotations

import jax
from jaxtyping import Array, Float

from gradiens.core.module import Module, knob
from gradiens.functions.normalising import standardised


class Normalise(Module):
    """y = (x - m) / √(v + ε): unchanged when a constant is added to x, or when x is multiplied (up to ε).

    Book: 1.5.  Source: Ba, Kiros & Hinton (2016).
    """

    eps: float = knob(1e-5, 0.0, 1.0, "log", "floor ε of the variance")

    @classmethod
    def example(cls, key: Array) -> tuple[Normalise, Array]:
        """The layer and an input for it."""
        return cls(), jax.random.normal(key, (4,))

    def __call__(self, x: Float[Array, " n"], key: Array | None = None) -> Float[Array, " n"]:
        """One example, by its own mean and variance."""
        return standardised(x, self.eps)
