"""Dense layer: an affine map of one example, a = W x + b.

Book: 5.1.
"""

from __future__ import annotations

from typing import ClassVar

import jax
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.core.module import Module
from gradiens.functions.dense import product
from gradiens.nn import initialisers


class Dense(Module):
    """a = W x + b, with n_out (n_in + 1) parameters.

    Book: 5.1.
    """

    ALIKE: ClassVar[bool] = True

    W: Float[Array, "out in"]
    b: Float[Array, " out"] | None

    @classmethod
    def make(cls, n_in: int, n_out: int, key: Array, init: str = "he", bias: bool = True) -> Dense:
        """Weights by the initialiser `init`, biases zero (or none)."""
        if min(n_in, n_out) < 1:
            raise Mistake("a layer of at least one input and one unit", f"{n_in} → {n_out}")
        return cls(initialisers.named(init)(key, (n_out, n_in)), initialisers.zeros(key, (n_out,)) if bias else None)

    @classmethod
    def example(cls, key: Array) -> tuple[Dense, Array]:
        """A small layer and an input for it."""
        return cls.make(3, 2, key), jax.random.normal(key, (3,))

    def __call__(self, x: Float[Array, " in"], key: Array | None = None) -> Float[Array, " out"]:
        """The affine map of one example."""
        z = product(self.W, x)
        if self.b is None:
            return z
        return z + (self.b if z.ndim == 1 else self.b[None])

    def on_batch(self, X: Float[Array, "B in"], key: Array | None = None) -> tuple[Float[Array, "B out"], Dense]:
        """Each row, in one product."""
        return self(X), self

    @property
    def flops(self) -> int:
        """Multiplications and additions of one example: n_in products and n_in - 1 sums a unit, and the bias."""
        n_out, n_in = self.W.shape
        return n_out * (2 * n_in - (self.b is None))
