"""What the ways to convolve share: the sizes that follow from the settings, the zeros around the maps, the cut into groups."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake
from gradiens.functions.convolution import output_size

Maps = Float[np.ndarray, "C H W"]
Kernels = Float[np.ndarray, "O C k l"]


@dataclasses.dataclass(frozen=True)
class Setting:
    """Stride s, padding p, dilation d and groups g, the same for both axes."""

    stride: int = 1
    padding: int = 0
    dilation: int = 1
    groups: int = 1

    def __post_init__(self) -> None:
        if min(self.stride, self.dilation, self.groups) < 1 or self.padding < 0:
            raise Mistake("stride, dilation and groups of at least 1, padding of at least 0", self)

    def places(self, size: tuple[int, ...], window: tuple[int, ...]) -> tuple[int, int]:
        """H2 and W2; a `Mistake` where the window does not fit into the maps."""
        high, wide = (output_size(n, k, self.stride, self.padding, self.dilation) for n, k in zip(size, window))
        return high, wide

    def padded(self, x: Maps) -> Maps:
        """The maps with p zeros around."""
        p = self.padding
        return np.pad(x, ((0, 0), (p, p), (p, p)))

    def check(self, W: tuple[int, ...], x: tuple[int, ...]) -> None:
        """Raise a `Mistake` where kernels and maps do not go together."""
        if len(W) != 4 or len(x) != 3 or x[0] != W[1] * self.groups or W[0] % self.groups:
            want = "kernels O × C/groups × k × l and maps C × H × W, O and C divided by the groups"
            raise Mistake(want, f"{W} and {x} in {self.groups} groups")

    def by_groups(self, one: Callable[[Kernels, Maps], Maps], W: Kernels, x: Maps) -> Maps:
        """Each part of the kernels on its part of the channels, the maps of all parts one after the other."""
        W, x = np.asarray(W, np.float64), np.asarray(x, np.float64)
        self.check(W.shape, x.shape)
        parts = zip(np.split(W, self.groups), np.split(x, self.groups))
        return np.concatenate([one(*part) for part in parts])
