"""AlexNet, which began the era of deep networks for pictures.

    64 maps, window 11, stride 4 | pool | 192, window 5 | pool | 384 | 256 | 256, window 3 | pool | 6 × 6
    dropout | dense 4096 | dropout | dense 4096 | dense K          relu after each but the last; pools of 3 × 3, stride 2

In the layout on one device, with 61,100,840 parameters for 1000 classes: the paper's has 96, 256, 384, 384, 256 maps in two
halves on two devices, and normalises the responses of neighbouring maps.

Book: 6.6.  Source: Krizhevsky (2014); Krizhevsky, Sutskever & Hinton (2012).
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


class AlexNet(Named):
    """Five convolutions and three dense layers, 61,100,840 parameters for 3 × 224 × 224 and 1000 classes.

    Book: 6.6.  Source: Krizhevsky (2014).
    """

    features: Chain
    classifier: Chain

    @classmethod
    def make(
        cls,
        classes: int,
        key: Array,
        shape: tuple[int, int, int] = (3, 224, 224),
        maps: tuple[int, ...] = (64, 192, 384, 256, 256),
        units: int = 4096,
    ) -> AlexNet:
        """Pictures of at least 63 × 63; `maps` of the five convolutions, `units` of the hidden dense layers."""
        draft = Draft(key, shape)
        a, b, c, d, e = maps
        features = Chain.make(
            *(draft.conv(a, 11, 4, 2, bias=True), "relu", draft.pool(3, 2)),
            *(draft.conv(b, 5, bias=True), "relu", draft.pool(3, 2)),
            *(draft.conv(c, 3, bias=True), "relu"),
            *(draft.conv(d, 3, bias=True), "relu"),
            *(draft.conv(e, 3, bias=True), "relu", draft.pool(3, 2)),
            *(draft.at_most(6), draft.flatten()),
        )
        classifier = Chain.make(
            *(Dropout(0.5), draft.dense(units), "relu"),
            *(Dropout(0.5), draft.dense(units), "relu"),
            draft.dense(classes),
        )
        return cls(features, classifier)

    @classmethod
    def example(cls, key: Array) -> tuple[AlexNet, Array]:
        """A narrow network and a picture for it."""
        return cls.make(2, key, (1, 63, 63), (2, 2, 2, 2, 2), 3), jax.random.normal(key, (1, 63, 63))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """The logits."""
        return run(self.classifier, run(self.features, x))
