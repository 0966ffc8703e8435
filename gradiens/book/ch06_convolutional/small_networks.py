"""Three small networks for photographs of 3 × 32 × 32, told by their layers.

    A   conv 3×3 pad 1 to 8, pool, conv 3×3 to 4, pool, dense 80, 40, 3
    B   conv 5×5 pad 1 to 8, pool, conv 3×3 to 4
    C   conv 5×5 pad 1 to 8, pool, conv 3×3 pad 1 to 6, pool

A ReLU follows each convolution and each hidden dense layer; normalised, batch normalisation stands before the ReLU of a
convolution. Weights begin uniform on ±1/√fan-in, biases at zero.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import jax
from jaxtyping import Array

from gradiens.nn.batch_norm import BatchNorm
from gradiens.nn.chain import Chain
from gradiens.nn.conv2d import Conv2d
from gradiens.nn.dense import Dense
from gradiens.nn.pool import Flatten, MaxPool

SHAPE = (3, 32, 32)
NETWORKS = {  # (window, maps, padding, whether a pool follows) of each convolution, then the widths of dense layers
    "A": (((3, 8, 1, True), (3, 4, 0, True)), (80, 40, 3)),
    "B": (((5, 8, 1, True), (3, 4, 0, False)), ()),
    "C": (((5, 8, 1, True), (3, 6, 1, True)), ()),
}
_START = "fan_in_uniform"


def network(name: str, key: Array, normalised: bool = False) -> Chain:
    """The network of this name; B and C end with their features as one vector."""
    keys = iter(jax.random.split(key, 5))
    convolutions, dense = NETWORKS[name]
    blocks: list[Any] = []
    channels, side = SHAPE[:2]
    for window, maps, padding, pooled in convolutions:
        conv = Conv2d.make(channels, maps, window, next(keys), padding=padding, size=(side, side), init=_START)
        blocks += [conv, *([BatchNorm.make(maps)] if normalised else []), "relu", *([MaxPool(2)] if pooled else [])]
        channels, side = maps, conv.places((side, side))[0] // (2 if pooled else 1)
    return Chain.make(*blocks, Flatten(), *_dense((channels * side**2, *dense), keys))


def _dense(sizes: tuple[int, ...], keys: Iterator[Array]) -> list[Any]:
    blocks: list[Any] = []
    for n_in, n_out in itertools.pairwise(sizes):
        blocks += ["relu", Dense.make(n_in, n_out, next(keys), _START)]
    return blocks[1:]
