"""Fully convolutional network: scores of the classes at several depths, brought to one size and added, for every pixel.

    h_l = pool(relu(W_l ⋆ h_{l-1} + b_l)),  h_0 = x                          maps of 1/2^l of the size
    s_L = S_L ⋆ h_L,     s_l = U ⋆' s_{l+1} + S_l ⋆ h_l                      for the last depths
    ŷ = U' ⋆' s                                                              to the size of x

S_l has a window of 1; U doubles the size and U' does the rest: transposed convolutions that begin as bilinear interpolation.
What is deep knows what, what is shallow knows where.

Book: 6.8.  Source: Long et al. (2015), figure 3.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import jax
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.functions.activations import relu
from gradiens.functions.pooling import max_pool
from gradiens.nn.batched import Composite, Run
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.convolutions.conv_transpose2d import ConvTranspose2d

KIND = "model"


class FCN(Composite):
    """C × H × W to K × H × W: the logits of every pixel.

    Book: 6.8.  Source: Long et al. (2015), figure 3.
    """

    convs: tuple[Conv2d, ...]
    scores: tuple[Conv2d, ...]  # of the last depths, the deepest first
    ups: tuple[ConvTranspose2d, ...]

    @classmethod
    def make(
        cls,
        classes: int,
        key: Array,
        shape: tuple[int, int, int],
        maps: tuple[int, ...] = (8, 16, 16),
        skips: int = 1,
    ) -> FCN:
        """A convolution and a pool for each of `maps`; `skips` shallower depths give their scores too (0: FCN-32s's kind)."""
        L, (n_in, *size) = len(maps), shape
        if not 0 <= skips < L or size[0] % 2**L or size[1] % 2**L:
            raise Mistake(f"fewer skips than depths, and a picture whose sides {2**L} divides", (skips, shape))
        keys = jax.random.split(key, 2 * L)
        at = [(size[0] // 2**l, size[1] // 2**l) for l in range(L + 1)]  # noqa: E741
        convs = [Conv2d.make(a, b, 3, k, size=n) for (a, b), k, n in zip(pairwise((n_in, *maps)), keys, at)]
        depths = range(L, L - skips - 1, -1)
        scores = [Conv2d.make(maps[l - 1], classes, 1, keys[L + l - 1], size=at[l]) for l in depths]  # noqa: E741
        ups = [bilinear(classes, 2, at[l]) for l in depths[:-1]] + [bilinear(classes, 2 ** (L - skips), at[L - skips])]  # noqa: E741
        return cls(tuple(convs), tuple(scores), tuple(ups))

    @classmethod
    def example(cls, key: Array) -> tuple[FCN, Array]:
        """Two depths, both with scores, and a picture for them."""
        return cls.make(2, key, (1, 4, 4), (2, 3)), jax.random.normal(key, (1, 4, 4))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """The logits of every pixel. Raises `Mistake` for sides that 2^L does not divide."""
        if any(n % 2 ** len(self.convs) for n in x.shape[-2:]):
            raise Mistake(f"a picture whose sides {2 ** len(self.convs)} divides", x.shape[-2:])
        maps = []
        for conv in self.convs:
            x = max_pool(relu(run(conv, x)), 2)
            maps.append(x)
        deepest, *others = self.scores
        s = run(deepest, maps[-1])
        for score, up, h in zip(others, self.ups, reversed(maps[:-1])):
            s = run(up, s) + run(score, h)
        return run(self.ups[-1], s)


def bilinear(maps: int, s: int, size: tuple[int, int]) -> ConvTranspose2d:
    """A layer that makes each map s times larger by interpolation, s even: weights (1 - |u|/s)(1 - |v|/s), u and v from the
    middle of a window of 2s."""
    u = 1 - np.abs(np.arange(2 * s) - (2 * s - 1) / 2) / s
    kernel = np.zeros((maps, maps, 2 * s, 2 * s), jax.dtypes.canonicalize_dtype(float))
    kernel[np.arange(maps), np.arange(maps)] = np.outer(u, u)
    return ConvTranspose2d(jax.device_put(kernel), None, s, s // 2, size)
