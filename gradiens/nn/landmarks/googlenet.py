"""GoogLeNet: nine inception modules between a stem of three convolutions and one dense layer.

    64, window 7, stride 2 | pool | 64, window 1 | 192, window 3 | pool | 3a 3b | pool | 4a … 4e | pool | 5a 5b | mean | dense K

In the layout of PyTorch, with batch normalisation and a window of 3 × 3 where the paper has 5 × 5: 6,624,904 parameters for
1000 classes. The two further outputs with which the paper trains are left out: with them there are 13,004,888.

Book: 6.6.  Source: Szegedy et al. (2015), table 1.
"""

from __future__ import annotations

from typing import Any, ClassVar

import equinox as eqx
import jax
from jaxtyping import Array, Float

from gradiens.nn.batched import Run
from gradiens.nn.convolutions.pool import GlobalAverage, MaxPool
from gradiens.nn.dense import Dense
from gradiens.nn.draft import Draft
from gradiens.nn.dropout import Dropout
from gradiens.nn.landmarks.inception import ConvUnit, Inception
from gradiens.nn.names import Named

# Of each module: maps with window 1, before and with window 3, before and with window 5, after pooling.
STAGES = (
    {"3a": (64, (96, 128), (16, 32), 32), "3b": (128, (128, 192), (32, 96), 64)},
    {
        "4a": (192, (96, 208), (16, 48), 64),
        "4b": (160, (112, 224), (24, 64), 64),
        "4c": (128, (128, 256), (24, 64), 64),
        "4d": (112, (144, 288), (32, 64), 64),
        "4e": (256, (160, 320), (32, 128), 128),
    },
    {"5a": (256, (160, 320), (32, 128), 128), "5b": (384, (192, 384), (48, 128), 128)},
)


class GoogLeNet(Named):
    """Nine inception modules, 6,624,904 parameters for 3 × 224 × 224 and 1000 classes.

    Book: 6.6.  Source: Szegedy et al. (2015).
    """

    NAMES: ClassVar[dict[str, str | tuple[str, ...]]] = {
        "stem": "conv{j}",
        "modules": tuple(f"inception{name}" for stage in STAGES for name in stage),
        "head": "fc",
    }

    stem: tuple[ConvUnit, ConvUnit, ConvUnit]
    modules: tuple[Inception, ...]
    head: Dense
    pools: tuple[MaxPool, ...]  # after the first and the third unit of the stem, and between the stages
    per_stage: tuple[int, ...] = eqx.field(static=True)  # modules of each stage

    @classmethod
    def make(
        cls,
        classes: int,
        key: Array,
        shape: tuple[int, int, int] = (3, 224, 224),
        share: int = 1,
        stages: tuple[int, ...] = (2, 5, 2),
    ) -> GoogLeNet:
        """Pictures of at least 15 × 15; one in `share` of the maps, and the first so many modules of each stage."""
        draft = Draft(key, shape)
        few = lambda maps: max(1, maps // share)  # noqa: E731
        stem, pools = [ConvUnit.make(draft, few(64), 7, 2)], [draft.pool(3, 2, ceil=True)]
        stem += [ConvUnit.make(draft, few(64), 1), ConvUnit.make(draft, few(192), 3)]
        modules = []
        for at, many in enumerate(stages):
            pools.append(draft.pool(2 if at == 2 else 3, 2, ceil=True))
            for one, three, five, pooled in list(STAGES[at].values())[:many]:
                maps = few(one), (few(three[0]), few(three[1])), (few(five[0]), few(five[1])), few(pooled)
                modules.append(Inception.make(draft, *maps, normalised=True, window=3))
        draft.global_average()
        return cls((stem[0], stem[1], stem[2]), tuple(modules), draft.dense(classes), tuple(pools), stages)

    @classmethod
    def example(cls, key: Array) -> tuple[GoogLeNet, Array]:
        """A stem and one narrow module, and a picture for them."""
        return cls.make(2, key, (1, 15, 15), 96, (1,)), jax.random.normal(key, (1, 15, 15))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """The logits."""
        h = run(self.pools[0], run(self.stem[0], x))
        h = run(self.stem[2], run(self.stem[1], h))
        modules = iter(self.modules)
        for pool, many in zip(self.pools[1:], self.per_stage, strict=True):
            h = run(pool, h)
            for _ in range(many):
                h = run(next(modules), h)
        return run(self.head, run(Dropout(0.8), run(GlobalAverage(), h)))
