"""Mixed precision: convolutions and dense products in half precision, everything else, and the parameters, in single.

    z = single(half(W) half(x)) + b

Where the device has units for half-precision products this is several times faster, and what the products keep takes half the
room. The parameters stay in single precision: an update is often smaller than half precision can add to a weight (bfloat16
keeps 8 bits). Normalisation, sums of the cost and the optimizer never see half precision.

Book: 6.5.  Source: Micikevicius et al. (2018), sections 3.1 and 3.3.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array

from gradiens.core.check import Mistake
from gradiens.nn.batched import Composite, Run
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv_transpose2d import ConvTranspose2d
from gradiens.nn.convolutions.convolution_layer import ConvolutionLayer
from gradiens.nn.dense import Dense

KIND = "transformation"
FORMATS = ("bfloat16", "float16")


class HalfPrecision(Composite):
    """A network of layers whose products are computed in `format`; its parameters are those of `network`.

    bfloat16 has the range of single precision; with float16 a cost has to be scaled so that small gradients do not vanish.

    Book: 6.5.  Source: Micikevicius et al. (2018).
    """

    network: Any
    format: str = eqx.field(static=True, default="bfloat16")

    def __check_init__(self) -> None:
        if self.format not in FORMATS:
            raise Mistake("bfloat16 or float16", self.format)
        if not isinstance(self.network, Composite):
            what = type(self.network).__name__
            raise Mistake("a network of layers", what, "put a layer into a chain: Chain.make(layer)")

    @classmethod
    def example(cls, key: Array) -> tuple[HalfPrecision, Array]:
        """A small network and an input for it."""
        network, x = Chain.example(key)
        return cls(network), x

    def forward(self, x: Any, run: Run) -> Any:
        """The output of the network, in the precision of x."""
        half = jnp.dtype(self.format)

        def through(layer: Any, x: Any) -> Any:
            if isinstance(layer, Composite):
                return layer.forward(x, through)
            if not isinstance(layer, ConvolutionLayer | ConvTranspose2d | Dense):
                return run(layer, x)
            low = jax.tree.map(lambda leaf: leaf.astype(half), layer)
            return low(x.astype(half)).astype(x.dtype)

        return through(self.network, x)
