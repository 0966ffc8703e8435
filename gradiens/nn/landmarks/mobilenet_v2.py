"""MobileNetV2: blocks that are narrow between, wide inside, and filter each map by itself.

    block     y = x + N(W₃ ⋆ r(N(W₂ ⋆ r(N(W₁ ⋆ x)))))     r(z) = min(relu(z), 6)
              W₁ window 1, to t times the maps;  W₂ window 3, each map by its own kernel;  W₃ window 1, and no r after it

x is added where it fits. Seven stages of such blocks between a convolution to 32 maps and one to 1280, then the mean and a
dense layer: 3,504,872 parameters for 3 × 224 × 224 and 1000 classes.

Book: 6.6.  Source: Sandler et al. (2018), table 2.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.functions.activations import relu
from gradiens.nn.batched import Composite, Run
from gradiens.nn.chain import Chain
from gradiens.nn.draft import Draft
from gradiens.nn.dropout import Dropout
from gradiens.nn.names import Named


class Stage(NamedTuple):
    """Times the maps inside, maps between, blocks, and the stride of the first."""

    times: int
    maps: int
    blocks: int
    stride: int


STAGES = tuple(
    Stage(*row)
    for row in (
        *((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2)),
        *((6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)),
    )
)


def relu6(z: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """min(relu(z), 6)."""
    return jnp.minimum(relu(z), jnp.asarray(6, z.dtype))


class InvertedResidual(Composite):
    """N(W₃ ⋆ r(N(W₂ ⋆ r(N(W₁ ⋆ x))))), and x where it fits.

    Book: 6.6.  Source: Sandler et al. (2018), section 3.3.
    """

    KIND: ClassVar[str] = "layer"

    conv: Chain
    adds: bool = eqx.field(static=True)  # whether x fits

    @classmethod
    def make(cls, draft: Draft, n_out: int, times: int = 6, stride: int = 1) -> InvertedResidual:
        """From the shape that the draft has reached to n_out maps; with `times` 1 there is no W₁."""
        n_in = draft.channels
        wide = [draft.conv_norm(times * n_in, 1, activation=relu6)] if times > 1 else []
        each = draft.conv_norm(times * n_in, 3, stride, relu6, groups=times * n_in)
        return cls(Chain.make(*wide, each, draft.conv(n_out, 1), draft.norm()), stride == 1 and n_in == n_out)

    @classmethod
    def example(cls, key: Array) -> tuple[InvertedResidual, Array]:
        """A small block and maps for it."""
        return cls.make(Draft(key, (2, 4, 4)), 2, 2), jax.random.normal(key, (2, 4, 4))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """The maps."""
        y = run(self.conv, x)
        return x + y if self.adds else y


class MobileNetV2(Named):
    """Inverted residuals between two convolutions, 3,504,872 parameters for 3 × 224 × 224 and 1000 classes.

    Book: 6.6.  Source: Sandler et al. (2018).
    """

    features: Chain
    classifier: Chain

    @classmethod
    def make(
        cls,
        classes: int,
        key: Array,
        shape: tuple[int, int, int] = (3, 224, 224),
        stages: tuple[tuple[int, int, int, int], ...] = STAGES,
        ends: tuple[int, int] = (32, 1280),
    ) -> MobileNetV2:
        """`stages` of (times, maps, blocks, stride); maps of the first and of the last convolution in `ends`."""
        draft = Draft(key, shape)
        features = [draft.conv_norm(ends[0], 3, 2, relu6)]
        for times, maps, blocks, stride in stages:
            strides = [stride] + [1] * (blocks - 1)
            features += [InvertedResidual.make(draft, maps, times, s) for s in strides]
        features += [draft.conv_norm(ends[1], 1, activation=relu6), draft.global_average()]
        return cls(Chain.make(*features), Chain.make(Dropout(0.8), draft.dense(classes)))

    @classmethod
    def example(cls, key: Array) -> tuple[MobileNetV2, Array]:
        """One narrow block and a picture for it."""
        return cls.make(2, key, (1, 6, 6), ((2, 2, 1, 1),), (2, 3)), jax.random.normal(key, (1, 6, 6))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """The logits."""
        return run(self.classifier, run(self.features, x))
