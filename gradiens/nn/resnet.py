"""Residual network for small pictures: each block adds what it learned to what it got.

    block     y = relu(x̃ + N(W₂ ⋆ relu(N(W₁ ⋆ x)))),   N the batch normalisation
    network   ŷ = W mean(block_{3n}(… block₁(relu(N(W₀ ⋆ x))) …)) + b

Three stages of n blocks with w, 2w and 4w maps; the first block of the second and of the third stage has stride 2, and
its x̃ is every second pixel of x with maps of zeros around (a shortcut without parameters), elsewhere x̃ = x. Depth 6n + 2:
ResNet-20 has n = 3, w = 16 and 269,722 weights and biases for ten classes.

Book: 1.1, 6.6.  Source: He et al. (2016), section 4.2, shortcut A.
"""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.core.module import Module
from gradiens.functions.activations import relu
from gradiens.nn.batch_norm import BatchNorm
from gradiens.nn.conv2d import Conv2d
from gradiens.nn.dense import Dense

KIND = "model"


class ResidualBlock(Module):
    """relu(x̃ + N(W₂ ⋆ relu(N(W₁ ⋆ x)))).

    Book: 6.6.  Source: He et al. (2016), section 3.2.
    """

    KIND: ClassVar[str] = "layer"

    conv1: Conv2d
    norm1: BatchNorm
    conv2: Conv2d
    norm2: BatchNorm

    @classmethod
    def make(cls, n_in: int, n_out: int, size: tuple[int, int], key: Array) -> ResidualBlock:
        """From n_in maps of `size` to n_out maps, of half the size if they are more."""
        one, two = jax.random.split(key)
        stride = 1 if n_in == n_out else 2
        half = size[0] // stride, size[1] // stride
        first = Conv2d.make(n_in, n_out, 3, one, stride, bias=False, size=size)
        second = Conv2d.make(n_out, n_out, 3, two, bias=False, size=half)
        return cls(first, BatchNorm.make(n_out), second, BatchNorm.make(n_out))

    @classmethod
    def example(cls, key: Array) -> tuple[ResidualBlock, Array]:
        """A small block that halves its maps, and maps for it."""
        return cls.make(2, 4, (6, 6), key), jax.random.normal(key, (2, 6, 6))

    def __call__(self, x: Float[Array, "C H W"], key: Array | None = None) -> Float[Array, "O H2 W2"]:
        """The maps of one example."""
        h = relu(self.norm1(self.conv1(x)))
        return relu(self._short(x) + self.norm2(self.conv2(h)))

    def _short(self, x: Float[Array, "C H W"]) -> Float[Array, "O H2 W2"]:
        s, more = self.conv1.stride, self.conv1.W.shape[0] - len(x)
        if not more:
            return x
        return jnp.pad(x[:, ::s, ::s], ((more // 2, more - more // 2), (0, 0), (0, 0)))


class ResNet(Module):
    """Residual network of depth 6n + 2 for pictures of C × H × W.

    Book: 1.1, 6.6.  Source: He et al. (2016), section 4.2.
    """

    conv: Conv2d
    norm: BatchNorm
    blocks: tuple[ResidualBlock, ...]
    head: Dense
    per_stage: int = eqx.field(static=True)

    @classmethod
    def make(
        cls,
        depth: int,
        classes: int,
        key: Array,
        shape: tuple[int, int, int] = (3, 32, 32),
        width: int = 16,
    ) -> ResNet:
        """`depth` is 8, 14, 20, …; `width` the maps of the first stage."""
        n, left = divmod(depth - 2, 6)
        if n < 1 or left:
            raise Mistake("a depth of 6n + 2: 8, 14, 20, 32, 44, 56, …", depth)
        channels, *size = shape
        widths = [width] * (n + 1) + [2 * width] * n + [4 * width] * n
        start, last, *keys = jax.random.split(key, 3 * n + 2)
        blocks = []
        for (n_in, n_out), k in zip(pairwise(widths), keys, strict=True):
            blocks.append(ResidualBlock.make(n_in, n_out, (size[0], size[1]), k))
            size = [side // blocks[-1].conv1.stride for side in size]
        conv = Conv2d.make(channels, width, 3, start, bias=False, size=(shape[1], shape[2]))
        return cls(conv, BatchNorm.make(width), tuple(blocks), Dense.make(4 * width, classes, last), n)

    @classmethod
    def example(cls, key: Array) -> tuple[ResNet, Array]:
        """A small network and a picture for it."""
        return cls.make(8, 3, key, (2, 8, 8), 2), jax.random.normal(key, (2, 8, 8))

    def __call__(self, x: Float[Array, "C H W"], key: Array | None = None) -> Float[Array, " K"]:
        """The logits of one picture."""
        h = relu(self.norm(self.conv(x)))
        for block in self.blocks:
            h = block(h)
        return self.head(jnp.mean(h, axis=(1, 2)))

    def names(self) -> dict[str, str]:
        """Path of each array here → its name in PyTorch's layout of this network."""
        own = {"conv.W": "conv1.weight", "head.W": "linear.weight", "head.b": "linear.bias", **_normed("norm", "bn1")}
        for i in range(len(self.blocks)):
            here, there = f"blocks.{i}", f"layer{i // self.per_stage + 1}.{i % self.per_stage}"
            for k in (1, 2):
                own[f"{here}.conv{k}.W"] = f"{there}.conv{k}.weight"
                own |= _normed(f"{here}.norm{k}", f"{there}.bn{k}")
        return own


def _normed(here: str, there: str) -> dict[str, str]:
    parts = {"gamma": "weight", "beta": "bias", "mean": "running_mean", "var": "running_var"}
    return {f"{here}.{own}": f"{there}.{name}" for own, name in parts.items()}
