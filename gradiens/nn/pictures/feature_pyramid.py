"""Feature pyramid: maps of several sizes, all of which know what the deepest ones know; and one head that reads them all.

    c_l = pool(relu(W_l ⋆ c_{l-1} + b_l)),  c_0 = x              l = 1 … L, maps of 1/2^l of the size
    m_l = U m_{l+1} + A_l ⋆ c_l,  m_L = A_L ⋆ c_L                from the top down: D maps each, windows of 1
    p_l = B_l ⋆ m_l                                              windows of 3
    v_l = H ⋆ p_l                                                K numbers for each cell, the same H at every level

U writes each number into 2 × 2 places. Small things are found in the fine maps and large ones in the coarse ones, by the same
head; without the way down the fine maps would know only what a few pixels around them show. A, B and H have biases.

Book: 6.8.  Source: Lin, Dollár et al. (2017), section 3 and figure 3.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.functions.activations import relu
from gradiens.functions.pooling import max_pool
from gradiens.nn.batched import Composite, Run
from gradiens.nn.convolutions.conv2d import Conv2d

KIND = "model"


class FeaturePyramid(Composite):
    """C × H × W to K numbers for each cell of every level: a row for a cell, cells row by row, the finest level first.

    Book: 6.8.  Source: Lin, Dollár et al. (2017), section 3.
    """

    convs: tuple[Conv2d, ...]
    across: tuple[Conv2d, ...]
    smooth: tuple[Conv2d, ...]
    head: Conv2d

    @classmethod
    def make(
        cls,
        outputs: int,
        key: Array,
        shape: tuple[int, int, int],
        maps: tuple[int, ...] = (8, 16, 16),
        width: int = 8,
    ) -> FeaturePyramid:
        """A level for each of `maps`; `width` is D, `outputs` K. The head's layer has no size: it sees maps of all sizes."""
        L, (n_in, *size) = len(maps), shape
        if min(width, outputs, L) < 1 or size[0] % 2**L or size[1] % 2**L:
            raise Mistake(f"a level, a map, an output, and a picture whose sides {2**L} divides", (maps, width, shape))
        keys = jax.random.split(key, 3 * L + 1)
        at = [(size[0] // 2**l, size[1] // 2**l) for l in range(L + 1)]  # noqa: E741
        convs = [Conv2d.make(a, b, 3, k, size=n) for (a, b), k, n in zip(pairwise((n_in, *maps)), keys, at)]
        across = [Conv2d.make(a, width, 1, k, size=n) for a, k, n in zip(maps, keys[L:], at[1:])]
        smooth = [Conv2d.make(width, width, 3, k, size=n) for k, n in zip(keys[2 * L : -1], at[1:])]
        return cls(tuple(convs), tuple(across), tuple(smooth), Conv2d.make(width, outputs, 1, keys[-1]))

    @classmethod
    def example(cls, key: Array) -> tuple[FeaturePyramid, Array]:
        """Two levels, and a picture for them."""
        return cls.make(2, key, (1, 8, 8), (2, 3), 2), jax.random.normal(key, (1, 8, 8))

    def levels(self, x: Float[Array, "*B C H W"], run: Run) -> list[Float[Array, "*B D H2 W2"]]:
        """p_1 … p_L, the finest maps first."""
        sides = []
        for conv, across in zip(self.convs, self.across, strict=True):
            x = max_pool(relu(run(conv, x)), 2)
            sides.append(run(across, x))
        merged = [sides.pop()]
        for side in reversed(sides):
            merged.insert(0, _doubled(merged[0]) + side)
        return [run(smooth, m) for smooth, m in zip(self.smooth, merged, strict=True)]

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """K numbers for each of the Σ_l H W/4^l cells: (*B, cells, K)."""
        read = [run(self.head, p) for p in self.levels(x, run)]
        rows = [jnp.moveaxis(v, -3, -1).reshape(*v.shape[:-3], -1, v.shape[-3]) for v in read]
        return jnp.concatenate(rows, axis=-2)


def _doubled(x: Float[Array, "*B C H W"]) -> Float[Array, "*B C 2H 2W"]:
    """U x: each number in 2 × 2 places."""
    *lead, high, wide = x.shape
    each = jnp.broadcast_to(x[..., :, None, :, None], (*lead, high, 2, wide, 2))
    return each.reshape(*lead, 2 * high, 2 * wide)
