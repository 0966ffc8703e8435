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
from gradiens.nn.convolutions.blur_pool import BLUR, BlurPool
from gradiens.nn.convolutions.convolution_layer import ConvolutionLayer
from gradiens.nn.convolutions.pool import AdaptiveAverage, AveragePool, Flatten, GlobalAverage, MaxPool
from gradiens.nn.convolutions.rotation_conv2d import RotationConv2d
from gradiens.nn.convolutions.separable_conv2d import SeparableConv2d
from gradiens.nn.dense import Dense
from gradiens.nn.dropout import Dropout
from gradiens.nn.landmarks.layer_scale import LayerScale
from gradiens.nn.normalisation.batch_norm import BatchNorm
from gradiens.nn.normalisation.layer_norm import LayerNorm
from gradiens.nn.normalisation.rms_norm import RMSNorm
from gradiens.nn.normalisation.weight_standardisation import WeightStandardised
from gradiens.nn.prelu import PReLU

KIND = "measure"


PLACEWISE = Activate | PReLU | Dropout | BatchNorm | LayerNorm | RMSNorm | LayerScale  # window 1 and stride 1
WHOLE = Flatten | Dense | GlobalAverage | AdaptiveAverage


class Field(NamedTuple):
    """After a layer: the size r of the field along one axis, and the distance j of neighbouring fields."""

    layer: str
    size: int
    step: int


def receptive_field(network: Any, axis: int = 0) -> list[Field]:
    """The field after each layer of a chain that has a window, along one axis of the maps; up to the end of the chain, or to
    the first layer that sees the whole map (flatten, dense, global and adaptive pooling).

    Raises `Mistake` for a network that is no chain, and a layer whose window is not known.

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
        if not isinstance(layer, PLACEWISE):
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
    elif isinstance(network, WeightStandardised):
        yield network.layer
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
    if isinstance(layer, BlurPool):
        return layer.window + BLUR - 1, 1, layer.stride
    if isinstance(layer, RotationConv2d):
        return layer.W.shape[-1], 1, 1
    if not isinstance(layer, PLACEWISE | WHOLE):
        raise Mistake(
            "layers whose windows are known", type(layer).__name__, "ask for the fields of the layers around it"
        )
    return (1, 1, 1) if isinstance(layer, PLACEWISE) else None
