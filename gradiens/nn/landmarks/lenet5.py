"""LeNet-5, which read the digits on cheques.

    6 maps, window 5 | pool | 16 maps, window 5 | pool | dense 120 | dense 84 | dense K        tanh after each but the last

For pictures of 1 × 32 × 32 that is 156 + 2,416 + 48,120 + 10,164 + 850 = 61,706 parameters for ten classes: the second
convolution sees all six maps (in the paper each sees some), the third, whose window is the whole map, is a dense layer,
pooling is a mean without parameters, and the output is ten logits.

Book: 6.6.  Source: LeCun et al. (1998), section II.B.
"""

from __future__ import annotations

from typing import Any, ClassVar

import jax
from jaxtyping import Array, Float

from gradiens.nn.batched import Run
from gradiens.nn.chain import Chain
from gradiens.nn.draft import Draft
from gradiens.nn.names import Named


class LeNet5(Named):
    """Two convolutions with pooling, then three dense layers; 61,706 parameters for 1 × 32 × 32 and ten classes.

    Book: 6.6.  Source: LeCun et al. (1998).
    """

    NAMES: ClassVar[dict[str, str]] = {"layers": ""}

    layers: Chain

    @classmethod
    def make(
        cls,
        classes: int,
        key: Array,
        shape: tuple[int, int, int] = (1, 32, 32),
        maps: tuple[int, int] = (6, 16),
        units: tuple[int, int] = (120, 84),
    ) -> LeNet5:
        """Pictures of at least 16 × 16; the first dense layer has 120 units for each of the pixels that are left."""
        draft = Draft(key, shape)
        (first, second), (third, fourth) = maps, units
        return cls(
            Chain.make(
                *(draft.conv(first, 5, padding=0, bias=True), "tanh", draft.average()),
                *(draft.conv(second, 5, padding=0, bias=True), "tanh", draft.average()),
                *(draft.flatten(), draft.dense(third), "tanh", draft.dense(fourth), "tanh", draft.dense(classes)),
            )
        )

    @classmethod
    def example(cls, key: Array) -> tuple[LeNet5, Array]:
        """A narrow network and a picture for it."""
        return cls.make(2, key, (1, 16, 16), (2, 3), (4, 3)), jax.random.normal(key, (1, 16, 16))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """The logits."""
        return run(self.layers, x)
