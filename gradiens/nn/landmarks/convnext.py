"""ConvNeXt: a convolutional network with the proportions of a transformer.

    block     y = x + γ ⊙ (W₂ ⋆ gelu(W₁ ⋆ L(D ⋆ x + d) + b₁) + b₂)
              D window 7, each map by its own kernel;  L layer normalisation over the maps of a pixel;  W₁, W₂ window 1, to
              four times the maps and back;  γ one number a map, 10⁻⁶ at the start

A convolution with window and stride 4, then four stages of blocks with L and a convolution of window and stride 2 between
them, the mean, L and a dense layer. While training, branches are left out now and then (stochastic depth). ConvNeXt-T: 96,
192, 384, 768 maps in 3, 3, 9, 3 blocks; 28,589,128 parameters for 3 × 224 × 224 and 1000 classes.

Book: 6.6.  Source: Liu et al. (2022), table 9.
"""

from __future__ import annotations

from typing import Any, ClassVar

import jax
from jaxtyping import Array, Float

from gradiens.functions.activations import gelu
from gradiens.nn.batched import Composite, Run
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.draft import Draft
from gradiens.nn.landmarks.layer_scale import LayerScale
from gradiens.nn.names import Named
from gradiens.nn.normalisation.layer_norm import LayerNorm
from gradiens.nn.stochastic_depth import StochasticDepth

EPS = 1e-6  # ε of the normalisations
START = 1e-6  # γ at the start
DROPPED = 0.1  # of the branch of the last block while training, growing from none in the first


class ConvNeXtBlock(Composite):
    """x + γ ⊙ (W₂ ⋆ gelu(W₁ ⋆ L(D ⋆ x + d) + b₁) + b₂).

    Book: 6.6.  Source: Liu et al. (2022), figure 4.
    """

    KIND: ClassVar[str] = "layer"
    NAMES: ClassVar[dict[str, str]] = {
        "filters": "block.0",
        "norm": "block.2",
        "expand": "block.3",
        "project": "block.5",
        "scale": "",
    }

    filters: Conv2d
    norm: LayerNorm
    expand: Conv2d
    project: Conv2d
    scale: LayerScale
    drop: StochasticDepth

    @classmethod
    def make(cls, draft: Draft, keep: float = 1.0, window: int = 7, scale: float = START) -> ConvNeXtBlock:
        """For the maps that the draft has reached."""
        n = draft.channels
        filters = draft.conv(n, window, bias=True, groups=n)
        expand = draft.conv(4 * n, 1, bias=True)
        project = draft.conv(n, 1, bias=True)
        return cls(filters, LayerNorm.make(n, EPS), expand, project, LayerScale.make(n, scale), StochasticDepth(keep))

    @classmethod
    def example(cls, key: Array) -> tuple[ConvNeXtBlock, Array]:
        """A small block and maps for it."""
        return cls.make(Draft(key, (2, 3, 3)), window=3, scale=0.5), jax.random.normal(key, (2, 3, 3))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """The maps."""
        h = run(self.expand, run(self.norm, run(self.filters, x)))
        y = run(self.project, gelu(h))
        return x + run(self.drop, run(self.scale, y))


class ConvNeXt(Named):
    """ConvNeXt-T, 28,589,128 parameters for 3 × 224 × 224 and 1000 classes.

    Book: 6.6.  Source: Liu et al. (2022).
    """

    features: Chain
    classifier: Chain

    @classmethod
    def make(
        cls,
        classes: int,
        key: Array,
        shape: tuple[int, int, int] = (3, 224, 224),
        maps: tuple[int, ...] = (96, 192, 384, 768),
        blocks: tuple[int, ...] = (3, 3, 9, 3),
        window: int = 7,
        scale: float = START,
    ) -> ConvNeXt:
        """Pictures of at least 32 × 32; `maps` and `blocks` of each stage."""
        draft = Draft(key, shape)
        features, made = [Chain.make(draft.conv(maps[0], 4, 4, 0, bias=True), LayerNorm.make(maps[0], EPS))], 0
        for stage, (wide, many) in enumerate(zip(maps, blocks, strict=True)):
            if stage:
                features.append(Chain.make(LayerNorm.make(draft.channels, EPS), draft.conv(wide, 2, 2, 0, bias=True)))
            keeps = [1 - DROPPED * (made + i) / max(1, sum(blocks) - 1) for i in range(many)]
            features.append(Chain.make(*(ConvNeXtBlock.make(draft, keep, window, scale) for keep in keeps)))
            made += many
        mean = draft.at_most(1)
        norm, flat = LayerNorm.make(draft.channels, EPS), draft.flatten()
        return cls(Chain.make(*features, mean), Chain.make(norm, flat, draft.dense(classes)))

    @classmethod
    def example(cls, key: Array) -> tuple[ConvNeXt, Array]:
        """Two stages of one narrow block, and a picture for them."""
        return cls.make(2, key, (1, 8, 8), (3, 3), (1, 1), 3, 0.5), jax.random.normal(key, (1, 8, 8))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """The logits."""
        return run(self.classifier, run(self.features, x))
