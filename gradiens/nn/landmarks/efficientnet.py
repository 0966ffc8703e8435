"""EfficientNet: inverted residual blocks whose maps are weighed by squeeze and excitation.

    block     y = x + N(W₃ ⋆ E(S(N(W₂ ⋆ S(N(W₁ ⋆ x))))))     S(z) = z σ(z),  E squeeze and excitation
              W₁ window 1, to t times the maps;  W₂ window k, each map by its own kernel;  W₃ window 1

x is added where it fits, and while training the rest is left out now and then (stochastic depth). EfficientNet-B0: seven
stages between a convolution to 32 maps and one to 1280; 5,288,548 parameters for 3 × 224 × 224 and 1000 classes.

Book: 6.6.  Source: Tan & Le (2019), table 1.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import equinox as eqx
import jax
from jaxtyping import Array, Float

from gradiens.nn.batched import Composite, Run
from gradiens.nn.chain import Chain
from gradiens.nn.draft import Draft
from gradiens.nn.dropout import Dropout
from gradiens.nn.landmarks.squeeze_excitation import SqueezeExcitation
from gradiens.nn.names import Named
from gradiens.nn.stochastic_depth import StochasticDepth

DROPPED = 0.2  # of the branch of the last block while training, growing from none in the first


class Stage(NamedTuple):
    """Times the maps inside, window, stride of the first block, maps between, and blocks."""

    times: int
    window: int
    stride: int
    maps: int
    blocks: int


STAGES = tuple(
    Stage(*row)
    for row in (
        *((1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3)),
        *((6, 5, 1, 112, 3), (6, 5, 2, 192, 4), (6, 3, 1, 320, 1)),
    )
)


class MBConv(Composite):
    """N(W₃ ⋆ E(S(N(W₂ ⋆ S(N(W₁ ⋆ x)))))), and x where it fits.

    Book: 6.6.  Source: Tan & Le (2019), after Sandler et al. (2018).
    """

    KIND: ClassVar[str] = "layer"

    block: Chain
    drop: StochasticDepth
    adds: bool = eqx.field(static=True)  # whether x fits

    @classmethod
    def make(
        cls, draft: Draft, n_out: int, times: int = 6, window: int = 3, stride: int = 1, keep: float = 1.0
    ) -> MBConv:
        """From the shape that the draft has reached to n_out maps; a quarter as many numbers squeezed as maps come in."""
        n_in, wide = draft.channels, times * draft.channels
        parts: list[Any] = [draft.conv_norm(wide, 1, activation="silu")] if times > 1 else []
        parts.append(draft.conv_norm(wide, window, stride, "silu", groups=wide))
        parts.append(SqueezeExcitation.make(draft, max(1, n_in // 4), "silu"))
        parts.append(draft.conv_norm(n_out, 1, activation=""))
        return cls(Chain.make(*parts), StochasticDepth(keep), stride == 1 and n_in == n_out)

    @classmethod
    def example(cls, key: Array) -> tuple[MBConv, Array]:
        """A small block and maps for it."""
        return cls.make(Draft(key, (8, 3, 3)), 8, 1), jax.random.normal(key, (8, 3, 3))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """The maps."""
        y = run(self.block, x)
        return x + run(self.drop, y) if self.adds else y


class EfficientNet(Named):
    """EfficientNet-B0, 5,288,548 parameters for 3 × 224 × 224 and 1000 classes.

    Book: 6.6.  Source: Tan & Le (2019).
    """

    features: Chain
    classifier: Chain

    @classmethod
    def make(
        cls,
        classes: int,
        key: Array,
        shape: tuple[int, int, int] = (3, 224, 224),
        stages: tuple[tuple[int, int, int, int, int], ...] = STAGES,
        ends: tuple[int, int] = (32, 1280),
    ) -> EfficientNet:
        """`stages` of (times, window, stride, maps, blocks); maps of the first and of the last convolution in `ends`."""
        draft = Draft(key, shape)
        features, made, total = [draft.conv_norm(ends[0], 3, 2, "silu")], 0, sum(stage[-1] for stage in stages)
        for times, window, stride, maps, blocks in stages:
            stage = []
            for s in [stride] + [1] * (blocks - 1):
                stage.append(MBConv.make(draft, maps, times, window, s, 1 - DROPPED * made / total))
                made += 1
            features.append(Chain.make(*stage))
        features += [draft.conv_norm(ends[1], 1, activation="silu"), draft.global_average()]
        return cls(Chain.make(*features), Chain.make(Dropout(0.8), draft.dense(classes)))

    @classmethod
    def example(cls, key: Array) -> tuple[EfficientNet, Array]:
        """One narrow block and a picture for it."""
        return cls.make(2, key, (2, 6, 6), ((1, 3, 1, 8, 1),), (8, 3)), jax.random.normal(key, (2, 6, 6))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """The logits."""
        return run(self.classifier, run(self.features, x))
