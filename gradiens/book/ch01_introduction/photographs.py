"""What a network trained elsewhere says of photographs: the residual network of twenty layers, and test images of CIFAR-10.

Where its weights or the images are not on the machine there is nothing to show, and nothing is claimed of it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, UInt8

from gradiens.core.check import Failure
from gradiens.data.sets.cifar10 import CLASSES, cifar10_test
from gradiens.functions.ranking import top_k
from gradiens.nn.pretrained import pretrained
from gradiens.report.figure import Figure, Series

SEEN, SHOWN = 200, 6


class Photographs(NamedTuple):
    """The first test images, their classes, and the probabilities that the network gives."""

    pixels: UInt8[np.ndarray, "P 32 32 3"]
    labels: Int[np.ndarray, " P"]
    probabilities: Float[np.ndarray, "P 10"]

    def figures(self) -> tuple[Figure, ...]:
        """A few photographs, and their three most probable classes; none where there are none."""
        if not len(self.labels):
            return ()
        best = top_k(self.probabilities[:SHOWN], 3)
        names = [f"{i + 1}: {CLASSES[self.labels[i]]}" for i in range(SHOWN)]
        shown = [Series("picture", z=one, label=name) for one, name in zip(self.pixels, names)]
        bars = [
            Series(
                "bars", names, best.scores[:, k], label=place, text=[CLASSES[c] for c in best.classes[:, k]], colour=k
            )
            for k, place in enumerate(("most probable", "second", "third"))
        ]
        return (
            Figure("Photographs", shown),
            Figure("What a residual network of 20 layers says of them", bars, "photograph", "probability"),
        )


def photographs() -> Photographs:
    """The network on the first test images."""
    try:
        network = pretrained("resnet20_cifar10")
        pixels, labels = cifar10_test(SEEN)
    except Failure:
        return Photographs(np.zeros((0, 32, 32, 3), np.uint8), np.zeros(0, np.int64), np.zeros((0, 10)))
    return Photographs(pixels, labels.astype(np.int64), network.probabilities(list(pixels)))
