"""VGG: windows of 3 × 3 alone, and many layers of them.

    stages of convolutions, window 3, relu, each stage closed by a pool of 2 × 2 | dense 4096 | dense 4096 | dense K

                 64  128  256  512  512 maps        parameters for 3 × 224 × 224 and 1000 classes
    VGG-11        1    1    2    2    2 layers      132,863,336
    VGG-16        2    2    3    3    3             138,357,544
    VGG-19        2    2    4    4    4             143,667,240

Book: 6.1, 6.6.  Source: Simonyan & Zisserman (2015), table 1: A, D and E.
"""

from __future__ import annotations

from typing import Any

import jax
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.nn.batched import Run
from gradiens.nn.chain import Chain
from gradiens.nn.draft import Draft
from gradiens.nn.dropout import Dropout
from gradiens.nn.names import Named

LAYERS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
MAPS = (64, 128, 256, 512, 512)


class VGG(Named):
    """Stages of 3 × 3 convolutions and three dense layers.

    Book: 6.1, 6.6.  Source: Simonyan & Zisserman (2015).
    """

    features: Chain
    classifier: Chain

    @classmethod
    def make(
        cls,
        depth: int,
        classes: int,
        key: Array,
        shape: tuple[int, int, int] = (3, 224, 224),
        maps: tuple[int, ...] = MAPS,
        units: int = 4096,
    ) -> VGG:
        """`depth` is 11, 13, 16 or 19; `maps` of each stage (fewer stages: fewer numbers), `units` of the hidden dense layers."""
        if depth not in LAYERS:
            raise Mistake("a depth of 11, 13, 16 or 19", depth)
        draft, blocks = Draft(key, shape), []
        for layers, wide in zip(LAYERS[depth], maps, strict=False):
            for _ in range(layers):
                blocks += [draft.conv(wide, 3, bias=True), "relu"]
            blocks.append(draft.pool())
        features = Chain.make(*blocks, draft.at_most(7), draft.flatten())
        classifier = Chain.make(
            *(draft.dense(units), "relu", Dropout(0.5)),
            *(draft.dense(units), "relu", Dropout(0.5)),
            draft.dense(classes),
        )
        return cls(features, classifier)

    @classmethod
    def example(cls, key: Array) -> tuple[VGG, Array]:
        """Two narrow stages and a picture for them."""
        return cls.make(13, 2, key, (1, 4, 4), (2, 2), 3), jax.random.normal(key, (1, 4, 4))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """The logits."""
        return run(self.classifier, run(self.features, x))
