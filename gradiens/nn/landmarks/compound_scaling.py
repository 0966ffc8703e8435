"""Compound scaling: a network made larger in depth, in width and in the resolution of its pictures, all at once.

    depth 1.2^φ,   width 1.1^φ,   resolution 1.15^φ           1.2 · 1.1² · 1.15² ≈ 2: the products grow as 2^φ
    blocks of a stage ⌈depth n⌉,   maps of a stage: width n, to the nearest multiple of 8 that is not less than 0.9 width n

Products of a convolution grow with its depth, and with the squares of width and resolution. The published networks have the
factors rounded: B1 is φ = 1/2, B2 φ = 1, B3 φ = 2.

    B0   1.0   1.0   224     5,288,548        B2   1.2   1.1   260     9,109,994
    B1   1.1   1.0   240     7,794,184        B3   1.4   1.2   300    12,233,232

Book: 6.9.  Source: Tan & Le (2019), section 3.3 and equation 3.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from gradiens.core.check import Mistake
from gradiens.nn.landmarks.efficientnet import STAGES, Stage

KIND = "choice of a network"

BASE = (1.2, 1.1, 1.15)  # of depth, width and resolution, for φ = 1
ENDS = (32, 1280)  # maps of the first and of the last convolution
PUBLISHED = {"b0": (1.0, 1.0, 224), "b1": (1.1, 1.0, 240), "b2": (1.2, 1.1, 260), "b3": (1.4, 1.2, 300)}


class Scale(NamedTuple):
    """Factors of depth, width and resolution."""

    depth: float
    width: float
    resolution: float

    @property
    def products(self) -> float:
        """How many times as many products of a weight and a number there are, about."""
        return self.depth * self.width**2 * self.resolution**2


def compound_scale(phi: float) -> Scale:
    """1.2^φ, 1.1^φ and 1.15^φ.

    Book: 6.9.  Source: Tan & Le (2019), equation 3 and section 4.
    """
    return Scale(*(base**phi for base in BASE))


def scaled_stages(depth: float, width: float) -> tuple[tuple[Stage, ...], tuple[int, int]]:
    """`stages` and `ends` for `EfficientNet.make`, so much deeper and wider than those of B0.

    Raises `Mistake` unless both factors are above 0.

    Book: 6.9.  Source: Tan & Le (2019), section 4.
    """
    if min(depth, width) <= 0:
        raise Mistake("factors of depth and width above 0", (depth, width))
    stages = [stage._replace(maps=_maps(stage.maps, width), blocks=math.ceil(depth * stage.blocks)) for stage in STAGES]
    return tuple(stages), (_maps(ENDS[0], width), _maps(ENDS[1], width))


def _maps(n: int, width: float) -> int:
    """A multiple of 8 near width n."""
    near = max(8, 8 * int(width * n / 8 + 0.5))
    return near if near >= 0.9 * width * n else near + 8
