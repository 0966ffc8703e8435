"""Three small networks for photographs of 3 × 32 × 32, told by their layers.

    A   conv 3×3 pad 1 to 8, pool, conv 3×3 to 4, pool, dense 80, 40, 3
    B   conv 5×5 pad 1 to 8, pool, conv 3×3 to 4
    C   conv 5×5 pad 1 to 8, pool, conv 3×3 pad 1 to 6, pool

A ReLU follows each convolution and each hidden dense layer; normalised, batch normalisation stands before the ReLU of a
convolution. Weights and biases begin uniform on ±1/√fan-in. With `keep` below 1 dropout keeps so many of the pooled maps, and
of the units before a hidden or last dense layer.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
from jaxtyping import Array

from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.convolutions.pool import Flatten, MaxPool
from gradiens.nn.dense import Dense
from gradiens.nn.dropout import Dropout
from gradiens.nn.normalisation.batch_norm import BatchNorm

SHAPE = (3, 32, 32)
NETWORKS = {  # (window, maps, padding, whether a pool follows) of each convolution, then the widths of dense layers
    "A": (((3, 8, 1, True), (3, 4, 0, True)), (80, 40, 3)),
    "B": (((5, 8, 1, True), (3, 4, 0, False)), ()),
    "C": (((5, 8, 1, True), (3, 6, 1, True)), ()),
}
_START = "fan_in_uniform"


def network(name: str, key: Array, normalised: bool = False, keep: float = 1.0) -> Chain:
    """The network of this name; B and C end with their features as one vector."""
    convolutions, dense = NETWORKS[name]
    return built(convolutions, dense, key, normalised, keep)


def built(
    convolutions: Sequence[tuple[int, int, int, bool]],
    dense: Sequence[int],
    key: Array,
    normalised: bool = False,
    keep: float = 1.0,
) -> Chain:
    """Convolutions of (window, maps, padding, whether a pool follows), then dense layers of these widths."""
    keys = iter(jax.random.split(key, 5))
    maps_dropped, dropped = ([Dropout(keep, whole=whole)] if keep < 1 else [] for whole in (True, False))
    blocks: list[Any] = []
    channels, side = SHAPE[:2]
    for window, maps, padding, pooled in convolutions:
        key = next(keys)
        conv = Conv2d.make(channels, maps, window, key, padding=padding, size=(side, side), init=_START)
        norm, pool = [BatchNorm.make(maps)] if normalised else [], [MaxPool(2), *maps_dropped] if pooled else []
        blocks += [_with_biases(conv, key), *norm, "relu", *pool]
        channels, side = maps, conv.places((side, side))[0] // (2 if pooled else 1)
    for i, (n_in, n_out) in enumerate(itertools.pairwise((channels * side**2, *dense))):
        key = next(keys)
        start = ["relu", *dropped] if i else [Flatten()]
        blocks += [*start, _with_biases(Dense.make(n_in, n_out, key, _START), key)]
    return Chain.make(*blocks, *([] if dense else [Flatten()]))


def _with_biases(layer: Any, key: Array) -> Any:
    """The layer with its biases drawn as its weights are."""
    r = 1 / math.sqrt(layer.W[0].size)
    drawn = jax.random.uniform(jax.random.fold_in(key, 1), layer.b.shape, minval=-r, maxval=r)
    return eqx.tree_at(lambda layer: layer.b, layer, drawn)
