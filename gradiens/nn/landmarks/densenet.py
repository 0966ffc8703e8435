"""DenseNet: each layer of a block sees the maps of all layers before it.

    layer     H(x) = W₂ ⋆ relu(N(W₁ ⋆ relu(N(x)))),  window 1 to 4g maps, then window 3 to g maps
    block     x_l = (x_{l-1}, H_l(x_{l-1})),  maps put together
    between   W ⋆ relu(N(x)) to half the maps, window 1, and means over 2 × 2

DenseNet-121 has g = 32 and blocks of 6, 12, 24 and 16 layers after a stem like that of a residual network, and 7,978,856
parameters for 3 × 224 × 224 and 1000 classes.

Book: 6.6.  Source: Huang et al. (2017), table 1.
"""

from __future__ import annotations

from typing import Any, ClassVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.functions.activations import relu
from gradiens.nn.batched import Composite, Run
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.convolutions.pool import AveragePool, MaxPool
from gradiens.nn.dense import Dense
from gradiens.nn.draft import Draft
from gradiens.nn.names import Named
from gradiens.nn.normalisation.batch_norm import BatchNorm


class DenseLayer(Composite):
    """(x, W₂ ⋆ relu(N(W₁ ⋆ relu(N(x))))): what came in, and g maps more.

    Book: 6.6.  Source: Huang et al. (2017).
    """

    KIND: ClassVar[str] = "layer"

    norm1: BatchNorm
    conv1: Conv2d
    norm2: BatchNorm
    conv2: Conv2d

    @classmethod
    def make(cls, draft: Draft, growth: int, wider: int = 4) -> DenseLayer:
        """`growth` maps more than the draft has reached, made of `wider` times as many."""
        before = draft.channels
        norm, conv = draft.norm(), draft.conv(wider * growth, 1)
        layer = cls(norm, conv, draft.norm(), draft.conv(growth, 3))
        draft.shape = (before + growth, *draft.size)
        return layer

    @classmethod
    def example(cls, key: Array) -> tuple[DenseLayer, Array]:
        """A small layer and maps for it."""
        return cls.make(Draft(key, (2, 4, 4)), 2, 2), jax.random.normal(key, (2, 4, 4))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """The maps."""
        h = run(self.conv1, relu(run(self.norm1, x)))
        h = run(self.conv2, relu(run(self.norm2, h)))
        return jnp.concatenate([x, h], axis=-3)


class _Transition(Composite):
    """Means over 2 × 2 of W ⋆ relu(N(x)): half the maps, of half the size."""

    norm: BatchNorm
    conv: Conv2d
    pool: AveragePool

    @classmethod
    def make(cls, draft: Draft) -> _Transition:
        """From the shape that the draft has reached."""
        return cls(draft.norm(), draft.conv(draft.channels // 2, 1), draft.average())

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """The maps."""
        return run(self.pool, run(self.conv, relu(run(self.norm, x))))


class _Block(Composite):
    """Layers one after the other."""

    NAMES: ClassVar[dict[str, str]] = {"layers": "denselayer{j}"}

    layers: tuple[DenseLayer, ...]

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        for layer in self.layers:
            x = run(layer, x)
        return x


class DenseNet(Named):
    """Dense blocks with transitions between them; DenseNet-121 by default.

    Book: 6.6.  Source: Huang et al. (2017).
    """

    NAMES: ClassVar[dict[str, str]] = {
        "conv": "features.conv0",
        "norm": "features.norm0",
        "blocks": "features.denseblock{j}",
        "transitions": "features.transition{j}",
        "last": "features.norm5",
        "head": "classifier",
    }

    conv: Conv2d
    norm: BatchNorm
    pool: MaxPool
    blocks: tuple[_Block, ...]
    transitions: tuple[_Transition, ...]
    last: BatchNorm
    head: Dense

    @classmethod
    def make(
        cls,
        classes: int,
        key: Array,
        shape: tuple[int, int, int] = (3, 224, 224),
        growth: int = 32,
        layers: tuple[int, ...] = (6, 12, 24, 16),
    ) -> DenseNet:
        """Pictures of at least 29 × 29; `growth` maps a layer, so many `layers` a block."""
        draft = Draft(key, shape)
        conv, norm, pool = draft.conv(2 * growth, 7, 2), draft.norm(), draft.pool(3, 2, 1)
        blocks, transitions = [], []
        for at, many in enumerate(layers):
            if at:
                transitions.append(_Transition.make(draft))
            blocks.append(_Block(tuple(DenseLayer.make(draft, growth) for _ in range(many))))
        last = draft.norm()
        draft.global_average()
        return cls(conv, norm, pool, tuple(blocks), tuple(transitions), last, draft.dense(classes))

    @classmethod
    def example(cls, key: Array) -> tuple[DenseNet, Array]:
        """Two blocks of one narrow layer, and a picture for them."""
        return cls.make(2, key, (2, 16, 16), 2, (1, 1)), jax.random.normal(key, (2, 16, 16))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """The logits."""
        h = run(self.blocks[0], run(self.pool, relu(run(self.norm, run(self.conv, x)))))
        for transition, block in zip(self.transitions, self.blocks[1:], strict=True):
            h = run(block, run(transition, h))
        return run(self.head, jnp.mean(relu(run(self.last, h)), axis=(-2, -1)))
