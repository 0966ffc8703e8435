"""Receptive field: the window of inputs that one number in a stack of convolutions and pools depends on.

    r_l = r_{l-1} + (k_l - 1) d_l j_{l-1}        its size, r_0 = 1
    j_l = j_{l-1} s_l                            how far apart, in inputs, the fields of neighbours are, j_0 = 1

It grows by a sum in the windows, and by a product in the strides. That the formula is right can be seen from the gradient of
one output: it is zero outside the field.

Book: 6.4.  Source: Araujo, Norris & Sim (2019).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from gradiens.core.check import Mistake
from gradiens.functions.convolution import each
from gradiens.nn.batched import Composite
from gradiens.nn.chain import Activate, Chain
from gradiens.nn.convolutions.convolution_layer import ConvolutionLayer
from gradiens.nn.convolutions.pool import AveragePool, MaxPool
from gradiens.nn.convolutions.separable_conv2d import SeparableConv2d
from gradiens.nn.normalisation.batch_norm import BatchNorm

KIND = "measure"


class Field(NamedTuple):
    """After a layer: the size r of the field along one axis, and the distance j of neighbouring fields."""

    layer: str
    size: int
    step: int


def receptive_field(network: Any, axis: int = 0) -> list[Field]:
    """The field after each layer of a chain that has a window, along one axis of the maps; up to the end of the chain, or to
    the first layer that sees the whole map (flatten, dense, global pooling).

    Raises `Mistake` for a network that is no chain.

    Book: 6.4.  Source: Araujo, Norris & Sim (2019).
    """
    fields: list[Field] = []
    r, j = 1, 1
    for layer in _flat(network):
        window = _window(layer, axis)
        if window is None:
            break
        k, d, s = window
        r, j = r + (k - 1) * d * j, j * s
        if not isinstance(layer, Activate | BatchNorm):
            fields.append(Field(type(layer).__name__, r, j))
    return fields


def gradient_support(
    f: Callable[[Array], Array], x: Float[Array, "C *n"], place: tuple[int, ...]
) -> Bool[np.ndarray, "*n"]:
    """The places of the input at which the gradient of f(x)[:, *place], summed over the maps, is not zero at x.

    Book: 6.4.
    """
    g = jax.grad(lambda x: jnp.sum(f(x)[(slice(None), *place)]))(x)
    return np.any(np.asarray(g) != 0, axis=0)


def _flat(network: Any) -> Iterator[Any]:
    if isinstance(network, Chain):
        for block in network.blocks:
            yield from _flat(block)
    elif isinstance(network, SeparableConv2d):
        yield from (network.depthwise, network.pointwise)
    elif isinstance(network, Composite):
        raise Mistake("a chain of layers", type(network).__name__, "ask for the fields of its parts")
    else:
        yield network


def _window(layer: Any, axis: int) -> tuple[int, int, int] | None:
    """Size, gaps and stride of the window; None for a layer that sees everything."""
    if isinstance(layer, ConvolutionLayer):
        return layer.window[axis], each(layer.dilation, layer.AXES)[axis], each(layer.stride, layer.AXES)[axis]
    if isinstance(layer, MaxPool | AveragePool):
        return layer.window, 1, layer.window if layer.stride is None else layer.stride
    return (1, 1, 1) if isinstance(layer, Activate | BatchNorm) else None
