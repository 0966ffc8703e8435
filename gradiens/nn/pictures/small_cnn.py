"""A small convolutional network for pictures of any size: a good first try.

    stage     pool(relu(N(W ⋆ x))),  window 3, N the batch normalisation, maxima over 2 × 2 while there is something to pool
    network   ŷ = W flat(stage₃(stage₂(stage₁(x)))) + b,  with 32, 64 and 128 maps, and means where more than 4 × 4 is left

Book: 6.3.
"""

from __future__ import annotations

from typing import Any

import jax
from jaxtyping import Array, Float

from gradiens.nn.batched import Run
from gradiens.nn.chain import Chain
from gradiens.nn.draft import Draft
from gradiens.nn.dropout import Dropout
from gradiens.nn.names import Named

KIND = "model"
LEFT = 4  # at most so many rows and columns go into the dense layer


class SmallCNN(Named):
    """Stages of convolution, batch normalisation, relu and pooling, then one dense layer, with dropout before it.

    Book: 6.3.
    """

    layers: Chain

    @classmethod
    def make(
        cls,
        classes: int,
        key: Array,
        shape: tuple[int, int, int] = (1, 28, 28),
        maps: tuple[int, ...] = (32, 64, 128),
        keep: float = 0.5,
    ) -> SmallCNN:
        """`maps` of each stage, `keep` the share of the numbers before the dense layer that dropout leaves."""
        draft, blocks = Draft(key, shape), []
        for wide in maps:
            blocks.append(draft.conv_norm(wide, 3))
            blocks += [draft.pool()] if min(draft.size) > 1 else []
        blocks += [draft.at_most(LEFT)] if max(draft.size) > LEFT else []
        return cls(Chain.make(*blocks, draft.flatten(), Dropout(keep), draft.dense(classes)))

    @classmethod
    def example(cls, key: Array) -> tuple[SmallCNN, Array]:
        """Two narrow stages and a picture for them."""
        return cls.make(2, key, (2, 8, 8), (2, 2)), jax.random.normal(key, (2, 8, 8))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """The logits."""
        return run(self.layers, x)
