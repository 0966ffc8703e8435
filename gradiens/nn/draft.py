"""A network while it is stated, from its input to its output: the shape that is reached, and a key for each layer.

    draft = Draft(key, (3, 224, 224))
    stem = Chain.make(draft.conv(64, 7, 2), draft.norm(), "relu", draft.pool(3, 2, 1))      64 × 112 × 112, then 64 × 56 × 56
    head = Chain.make(draft.global_average(), draft.dense(10))                              64 numbers, then 10

Each method makes a layer that fits the shape reached, and moves the shape on: so no size is written twice, and pictures that
are too small are told as such.
"""

from __future__ import annotations

import copy

import jax
from jaxtyping import Array

from gradiens.core.check import Mistake
from gradiens.functions.activations import Activation
from gradiens.functions.pooling import pooled_size
from gradiens.nn.chain import Activate, Chain
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.convolutions.pool import AdaptiveAverage, AveragePool, Flatten, GlobalAverage, MaxPool
from gradiens.nn.dense import Dense
from gradiens.nn.normalisation.batch_norm import BatchNorm


class Draft:
    """The shape reached, (C, H, W) or (n,), from pictures of the `shape` given, and the key from which layers draw."""

    def __init__(self, key: Array, shape: tuple[int, ...]):
        if len(shape) != 3 or min(shape) < 1:
            raise Mistake("a shape of maps, (channels, height, width)", shape)
        self.key, self.given, self.drawn = key, tuple(shape), 0
        self.shape: tuple[int, ...] = self.given

    @property
    def channels(self) -> int:
        """How many maps, or numbers."""
        return self.shape[0]

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the maps."""
        return self.shape[1], self.shape[2]

    def branch(self) -> Draft:
        """Another way on from the shape reached, with keys of its own."""
        other = copy.copy(self)
        other.key, other.drawn = self._draw(), 0
        return other

    def conv(
        self,
        n_out: int,
        window: int,
        stride: int = 1,
        padding: int | None = None,
        bias: bool = False,
        groups: int = 1,
    ) -> Conv2d:
        """A convolution to n_out maps; the default padding keeps their size at stride 1."""
        p = (window - 1) // 2 if padding is None else padding
        layer = Conv2d.make(self.channels, n_out, window, self._draw(), stride, p, bias, self.size, groups=groups)
        self._window(n_out, window, stride, p)
        return layer

    def norm(self, eps: float = 1e-5) -> BatchNorm:
        """Batch normalisation of what is reached."""
        return BatchNorm.make(self.channels, eps)

    def conv_norm(
        self, n_out: int, window: int, stride: int = 1, activation: str | Activation = "relu", groups: int = 1
    ) -> Chain:
        """A convolution without bias, batch normalisation, and an activation unless it is ""."""
        blocks = [self.conv(n_out, window, stride, groups=groups), self.norm()]
        return Chain.make(*blocks, *([Activate(activation)] if activation else []))

    def pool(self, window: int = 2, stride: int | None = None, padding: int = 0, ceil: bool = False) -> MaxPool:
        """Maxima over windows."""
        self._window(self.channels, window, stride or window, padding, ceil)
        return MaxPool(window, stride, padding, ceil)

    def average(self, window: int = 2) -> AveragePool:
        """Means over windows side by side."""
        self._window(self.channels, window, window, 0)
        return AveragePool(window)

    def at_most(self, size: int) -> AdaptiveAverage:
        """Means over size × size windows, fewer where the maps are smaller."""
        size = min(size, *self.size)
        self.shape = (self.channels, size, size)
        return AdaptiveAverage(size)

    def global_average(self) -> GlobalAverage:
        """The mean of each map."""
        self.shape = (self.channels,)
        return GlobalAverage()

    def flatten(self) -> Flatten:
        """The maps as one vector."""
        channels, high, wide = self.shape
        self.shape = (channels * high * wide,)
        return Flatten()

    def dense(self, n_out: int) -> Dense:
        """A dense layer to n_out numbers."""
        layer = Dense.make(self.channels, n_out, self._draw())
        self.shape = (n_out,)
        return layer

    def _window(self, n_out: int, k: int, s: int, p: int, ceil: bool = False) -> None:
        size = [pooled_size(n, k, s, p, ceil) for n in self.size]
        if min(size) < 1:
            high, wide = self.size
            raise Mistake(
                f"pictures large enough for all layers: one has a window of {k} × {k}",
                f"{self.given[1]} × {self.given[2]}, of which {high} × {wide} is left there",
                "take larger pictures (--size), or a network with fewer stages: small_cnn takes any",
            )
        self.shape = (n_out, *size)

    def _draw(self) -> Array:
        self.drawn += 1
        return jax.random.fold_in(self.key, self.drawn)
