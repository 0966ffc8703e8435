"""Residual network for small pictures: each block adds what it learned to what it got.

    block     y = relu(x̃ + N(W₂ ⋆ relu(N(W₁ ⋆ x)))),   N the batch normalisation
    network   ŷ = W mean(block_{3n}(… block₁(relu(N(W₀ ⋆ x))) …)) + b

Three stages of n blocks with w, 2w and 4w maps; the first block of the second and of the third stage has stride 2, and
its x̃ is every second pixel of x with maps of zeros around (a shortcut without parameters), elsewhere x̃ = x. Depth 6n + 2:
ResNet-20 has n = 3, w = 16 and 269,722 weights and biases for ten classes.

Book: 1.1, 6.6.  Source: He et al. (2016), section 4.2, shortcut A.
"""

from __future__ import annotations

from typing import Any, ClassVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.functions.activations import relu
from gradiens.nn.batched import Composite, Run
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.dense import Dense
from gradiens.nn.draft import Draft
from gradiens.nn.names import Named
from gradiens.nn.normalisation.batch_norm import BatchNorm

KIND = "model"


class ResidualBlock(Composite):
    """relu(x̃ + N(W₂ ⋆ relu(N(W₁ ⋆ x)))); x̃ is x, or N(W ⋆ x) with window 1, or every second pixel with maps of zeros around.

    Book: 6.6.  Source: He et al. (2016), section 3.2; with W, shortcut B, else A.
    """

    KIND: ClassVar[str] = "layer"
    NAMES: ClassVar[dict[str, str]] = {"norm1": "bn1", "norm2": "bn2", "short": "downsample"}

    conv1: Conv2d
    norm1: BatchNorm
    conv2: Conv2d
    norm2: BatchNorm
    short: Chain | None

    @classmethod
    def make(cls, draft: Draft, n_out: int, stride: int = 1, projected: bool = False) -> ResidualBlock:
        """From the shape that the draft has reached to n_out maps; `projected` is with a shortcut W where x does not fit."""
        changes = stride > 1 or n_out != draft.channels
        if not projected and n_out < draft.channels:
            raise Mistake(f"at least {draft.channels} maps", n_out, "projected=True lets their number fall")
        short = draft.branch().conv_norm(n_out, 1, stride, "") if projected and changes else None
        first, norm = draft.conv(n_out, 3, stride), draft.norm()
        return cls(first, norm, draft.conv(n_out, 3), draft.norm(), short)

    @classmethod
    def example(cls, key: Array) -> tuple[ResidualBlock, Array]:
        """A small block that halves its maps, and maps for it."""
        return cls.make(Draft(key, (2, 6, 6)), 4, 2), jax.random.normal(key, (2, 6, 6))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """The maps."""
        h = relu(run(self.norm1, run(self.conv1, x)))
        shortcut = self._padded(x) if self.short is None else run(self.short, x)
        return relu(shortcut + run(self.norm2, run(self.conv2, h)))

    def _padded(self, x: Float[Array, "*B C H W"]) -> Float[Array, "*B O H2 W2"]:
        s, more = self.conv1.stride, self.conv1.W.shape[0] - x.shape[-3]
        x = x if s == 1 else x[..., ::s, ::s]
        if not more:
            return x
        return jnp.pad(x, [(0, 0)] * (x.ndim - 3) + [(more // 2, more - more // 2), (0, 0), (0, 0)])


class ResNet(Named):
    """Residual network of depth 6n + 2 for pictures of C × H × W.

    Book: 1.1, 6.6.  Source: He et al. (2016), section 4.2.
    """

    NAMES: ClassVar[dict[str, str]] = {"conv": "conv1", "norm": "bn1", "stages": "layer{j}", "head": "linear"}

    conv: Conv2d
    norm: BatchNorm
    stages: tuple[tuple[ResidualBlock, ...], ...]
    head: Dense

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
        draft = Draft(key, shape)
        conv, norm, stages = draft.conv(width, 3), draft.norm(), []
        for stage in range(3):
            strides = [1 if stage == 0 else 2] + [1] * (n - 1)
            stages.append(tuple(ResidualBlock.make(draft, width * 2**stage, s) for s in strides))
        draft.global_average()
        return cls(conv, norm, tuple(stages), draft.dense(classes))

    @classmethod
    def example(cls, key: Array) -> tuple[ResNet, Array]:
        """A small network and a picture for it."""
        return cls.make(8, 3, key, (2, 8, 8), 2), jax.random.normal(key, (2, 8, 8))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """The logits."""
        h = relu(run(self.norm, run(self.conv, x)))
        for stage in self.stages:
            for block in stage:
                h = run(block, h)
        return run(self.head, jnp.mean(h, axis=(-2, -1)))
