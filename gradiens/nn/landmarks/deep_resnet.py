"""Residual networks for large pictures, of 18 to 101 layers.

    64 maps, window 7, stride 2 | pool | four stages of blocks, 64, 128, 256, 512 maps, each but the first begins with stride 2
    | mean | dense K                         parameters for 3 × 224 × 224 and 1000 classes

    ResNet-18     2, 2, 2, 2     blocks of two convolutions                 11,689,512
    ResNet-34     3, 4, 6, 3                                                21,797,672
    ResNet-50     3, 4, 6, 3     bottlenecks, with four times the maps      25,557,032
    ResNet-101    3, 4, 23, 3                                               44,549,160

Where the maps change, the shortcut is a convolution with window 1; a bottleneck has its stride in the 3 × 3 convolution.

Book: 6.6.  Source: He et al. (2016), table 1 and shortcut B.
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
from gradiens.nn.convolutions.pool import MaxPool
from gradiens.nn.dense import Dense
from gradiens.nn.draft import Draft
from gradiens.nn.names import Named
from gradiens.nn.normalisation.batch_norm import BatchNorm
from gradiens.nn.pictures.resnet import ResidualBlock

BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}
WIDER = 4  # maps that leave a bottleneck, for each that is inside


class Bottleneck(Composite):
    """relu(x̃ + N(W₃ ⋆ relu(N(W₂ ⋆ relu(N(W₁ ⋆ x)))))), windows 1, 3, 1; x̃ is x, or N(W ⋆ x) with window 1.

    Book: 6.6.  Source: He et al. (2016), figure 5.
    """

    KIND: ClassVar[str] = "layer"
    NAMES: ClassVar[dict[str, str]] = {"norm1": "bn1", "norm2": "bn2", "norm3": "bn3", "short": "downsample"}

    conv1: Conv2d
    norm1: BatchNorm
    conv2: Conv2d
    norm2: BatchNorm
    conv3: Conv2d
    norm3: BatchNorm
    short: Chain | None

    @classmethod
    def make(cls, draft: Draft, width: int, stride: int = 1) -> Bottleneck:
        """From the shape that the draft has reached, through `width` maps, to four times as many."""
        changes = stride > 1 or WIDER * width != draft.channels
        short = draft.branch().conv_norm(WIDER * width, 1, stride, "") if changes else None
        one, norm1 = draft.conv(width, 1), draft.norm()
        two, norm2 = draft.conv(width, 3, stride), draft.norm()
        three, norm3 = draft.conv(WIDER * width, 1), draft.norm()
        return cls(one, norm1, two, norm2, three, norm3, short)

    @classmethod
    def example(cls, key: Array) -> tuple[Bottleneck, Array]:
        """A small block that halves its maps, and maps for it."""
        return cls.make(Draft(key, (2, 4, 4)), 1, 2), jax.random.normal(key, (2, 4, 4))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """The maps."""
        h = relu(run(self.norm1, run(self.conv1, x)))
        h = relu(run(self.norm2, run(self.conv2, h)))
        shortcut = x if self.short is None else run(self.short, x)
        return relu(shortcut + run(self.norm3, run(self.conv3, h)))


class DeepResNet(Named):
    """Residual network of 18, 34, 50 or 101 layers.

    Book: 6.6.  Source: He et al. (2016).
    """

    NAMES: ClassVar[dict[str, str]] = {"conv": "conv1", "norm": "bn1", "stages": "layer{j}", "head": "fc"}

    conv: Conv2d
    norm: BatchNorm
    pool: MaxPool
    stages: tuple[tuple[ResidualBlock | Bottleneck, ...], ...]
    head: Dense

    @classmethod
    def make(
        cls,
        depth: int,
        classes: int,
        key: Array,
        shape: tuple[int, int, int] = (3, 224, 224),
        width: int = 64,
        blocks: tuple[int, ...] = (),
    ) -> DeepResNet:
        """`depth` is 18, 34, 50 or 101; `width` the maps of the first stage, `blocks` of each stage where others are wanted."""
        if depth not in BLOCKS:
            raise Mistake(f"a depth of {', '.join(map(str, BLOCKS))}", depth, "for small pictures: resnet20, resnet56")
        draft = Draft(key, shape)
        conv, norm, pool = draft.conv(width, 7, 2), draft.norm(), draft.pool(3, 2, 1)
        stages = []
        for stage, many in enumerate(blocks or BLOCKS[depth]):
            strides = [1 if stage == 0 else 2] + [1] * (many - 1)
            stages.append(tuple(_block(depth, draft, width * 2**stage, s) for s in strides))
        draft.global_average()
        return cls(conv, norm, pool, tuple(stages), draft.dense(classes))

    @classmethod
    def example(cls, key: Array) -> tuple[DeepResNet, Array]:
        """A narrow network of two stages and a picture for it."""
        return cls.make(18, 2, key, (1, 8, 8), 2, (1, 1)), jax.random.normal(key, (1, 8, 8))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """The logits."""
        h = run(self.pool, relu(run(self.norm, run(self.conv, x))))
        for stage in self.stages:
            for block in stage:
                h = run(block, h)
        return run(self.head, jnp.mean(h, axis=(-2, -1)))


def _block(depth: int, draft: Draft, width: int, stride: int) -> ResidualBlock | Bottleneck:
    if depth < 50:
        return ResidualBlock.make(draft, width, stride, projected=True)
    return Bottleneck.make(draft, width, stride)
