"""Mixed precision: convolutions and dense products in half precision, everything else, and the parameters, in single.

    z = single(half(W) half(x)) + b

Where the device has units for half-precision products this is several times faster, and what the products keep takes half the
room. The parameters stay in single precision: an update is often smaller than half precision can add to a weight (bfloat16
keeps 8 bits). Normalisation, sums of the cost and the optimizer never see half precision.

Book: 6.5.  Source: Micikevicius et al. (2018), sections 3.1 and 3.3.
"""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from gradiens.core.check import Mistake
from gradiens.core.module import Module
from gradiens.functions.convolution import over_maps
from gradiens.nn.batched import Composite, Run
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv_transpose2d import ConvTranspose2d
from gradiens.nn.convolutions.convolution_layer import ConvolutionLayer
from gradiens.nn.dense import Dense

KIND = "transformation"
FORMATS = ("bfloat16", "float16")

Product = ConvolutionLayer | ConvTranspose2d | Dense


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

        def through(layer: Any, x: Any) -> Any:
            if isinstance(layer, Composite):
                return layer.forward(x, through)
            return run(_HalfProduct(layer, self.format) if isinstance(layer, Product) else layer, x)

        return through(self.network, x)


class _HalfProduct(Module):
    """A layer whose product is computed in `format`, as the networks of `HalfPrecision` run it."""

    ALIKE: ClassVar[bool] = True

    layer: Product
    format: str = eqx.field(static=True)

    def __call__(self, x: Any, key: Array | None = None) -> Any:
        """z = single(half(W) half(x)) + b, of one example or of a batch."""
        half, b = jnp.dtype(self.format), self.layer.b
        low = dataclasses.replace(self.layer, W=self.layer.W.astype(half), b=None)
        z = low(x.astype(half)).astype(x.dtype)
        axes = 0 if isinstance(self.layer, Dense) else self.layer.W.ndim - 2
        return z if b is None else z + over_maps(b, z, axes)

    def on_batch(self, X: Any, key: Array | None = None) -> tuple[Any, _HalfProduct]:
        """Each example, in one product."""
        return self(X), self
