"""Autoencoder with tied weights: one matrix reads the code and, transposed, draws from it.

    z = S(W x + b),   x̂ = T(Wᵀ z + c)

Half the weights of the shallow autoencoder. The best linear one (S and T the identity, centred data) has orthonormal rows
W Wᵀ = I that span the leading principal subspace: W is determined up to a rotation of the code.

Book: 3.5.  Source: Baldi & Hornik (1989), the linear one.
"""

from __future__ import annotations

import equinox as eqx
import jax
from jax.ad_checkpoint import checkpoint_name
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.core.module import Module
from gradiens.functions.activations import Activation, named
from gradiens.nn.initialisers import glorot, zeros

KIND = "model"


class TiedAutoencoder(Module):
    """One matrix for encoder and decoder, D M + M + D parameters.

    Book: 3.5.
    """

    W: Float[Array, "M D"]
    b: Float[Array, " M"]
    c: Float[Array, " D"]
    activation: Activation = eqx.field(static=True, converter=named)
    output: Activation = eqx.field(static=True, converter=named)

    @classmethod
    def make(
        cls, n_in: int, units: int, key: Array, activation: str = "tanh", output: str = "identity"
    ) -> TiedAutoencoder:
        """Glorot's weights, biases zero; a code of `units` numbers."""
        if min(n_in, units) < 1:
            raise Mistake("at least one input and one unit of the code", f"{n_in} and {units}")
        return cls(glorot(key, (units, n_in)), zeros(key, (units,)), zeros(key, (n_in,)), activation, output)

    @classmethod
    def example(cls, key: Array) -> tuple[TiedAutoencoder, Array]:
        """A small network and an input for it."""
        return cls.make(4, 2, key), jax.random.normal(key, (4,))

    def encode(self, x: Float[Array, " D"]) -> Float[Array, " M"]:
        """The code z = S(W x + b) of one example."""
        return self.activation(self.W @ x + self.b)

    def decode(self, z: Float[Array, " M"]) -> Float[Array, " D"]:
        """T(Wᵀ z + c)."""
        return self.output(self.W.T @ z + self.c)

    def __call__(self, x: Float[Array, " D"], key: Array | None = None) -> Float[Array, " D"]:
        """The reconstruction x̂ of one example."""
        return self.decode(checkpoint_name(self.encode(x), "z"))

    @property
    def flops(self) -> int:
        """Multiplications and additions of one example: two products with the matrix, and the biases."""
        M, D = self.W.shape
        return 4 * M * D
