"""What a network makes of the shape of its input, layer by layer, without computing a number of it.

    n' = ⌊(n + 2p - d(k - 1) - 1)/s⌋ + 1       for each convolution and pool
    products: ∏ W for each place of a convolution, ∏ W once in a dense layer

The network may hold arrays, or only their shapes (`equinox.filter_eval_shape`): a table of 10⁸ parameters costs no memory.

Book: 6.1, 6.4.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp

from gradiens.core.module import buffers
from gradiens.nn.autoencoders.autoencoder import Autoencoder
from gradiens.nn.autoencoders.tied_autoencoder import TiedAutoencoder
from gradiens.nn.batched import Composite
from gradiens.nn.chain import Activate
from gradiens.nn.convolutions.conv_transpose2d import ConvTranspose2d
from gradiens.nn.convolutions.convolution_layer import ConvolutionLayer
from gradiens.nn.convolutions.rotation_conv2d import TURNS, RotationConv2d
from gradiens.nn.dense import Dense
from gradiens.nn.half_precision import HalfPrecision
from gradiens.nn.normalisation.weight_standardisation import WeightStandardised

KIND = "measure"


class ShapeRow(NamedTuple):
    """One layer as it is called: what it is, the shapes before and after it, its trainable numbers, and its products of a
    weight and a number, for one example (0 where it has no matrix)."""

    layer: str
    before: tuple[int, ...]
    after: tuple[int, ...]
    parameters: int
    products: int

    @property
    def features(self) -> int:
        """How many numbers the layer gives."""
        return math.prod(self.after)


def shape_table(network: Any, shape: tuple[int, ...]) -> list[ShapeRow]:
    """A row for each layer in the order in which one example of this shape meets them; activations are left out.

    `network` is a layer, or a network of layers that are called through `run` (`gradiens.nn.batched.Composite`).

    Book: 6.1, 6.4.
    """
    rows: list[ShapeRow] = []

    def run(layer: Any, x: Any) -> Any:
        if isinstance(layer, HalfPrecision):  # the same layers
            return run(layer.network, x)
        if isinstance(layer, Composite):
            return layer.forward(x, run)
        y = layer(x)
        if not isinstance(layer, Activate):
            rows.append(ShapeRow(type(layer).__name__, x.shape, y.shape, _trained(layer), _products(layer, x, y)))
        return y

    eqx.filter_eval_shape(run, network, jnp.zeros(shape))
    return rows


def _trained(layer: Any) -> int:
    """The numbers in the arrays of a layer that are trained."""
    kept = {id(leaf) for leaf in buffers(layer)}
    leaves = [leaf for leaf in jax.tree.leaves(layer) if hasattr(leaf, "shape") and id(leaf) not in kept]
    return sum(math.prod(leaf.shape) for leaf in leaves if jnp.issubdtype(leaf.dtype, jnp.floating))


def _products(layer: Any, x: Any, y: Any) -> int:
    if isinstance(layer, WeightStandardised):
        layer = layer.layer
    if isinstance(layer, Autoencoder):
        return sum(one.W.size for one in layer.layers)
    if isinstance(layer, TiedAutoencoder):
        return 2 * layer.W.size
    if isinstance(layer, RotationConv2d):
        return TURNS * layer.W.size * math.prod(y.shape[1:])
    if isinstance(layer, ConvolutionLayer):
        return layer.W.size * math.prod(y.shape[1:])
    if isinstance(layer, ConvTranspose2d):
        return layer.W.size * math.prod(x.shape[1:])
    return layer.W.size if isinstance(layer, Dense) else 0
