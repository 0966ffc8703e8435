"""U-Net: a network that says of every pixel what it belongs to, by what is around it and by where exactly it is.

    down     h_l = F_l(pool(h_{l-1})),  h_0 = F_0(x)                  l = 1 … L, F_l convolutions 3 × 3 and relu
    up       g_{l-1} = G_{l-1}([crop(h_{l-1}); U_l ⋆' g_l]),  g_L = h_L     U_l a window of 2 and stride 2: twice the size
    out      ŷ = W ⋆ g_0 + b, a window of 1

Going down, maps become small and know much around them; going up they are joined with the maps of the same size, which know
the place. Without padding, as published, every convolution takes a pixel off each border, and h is cropped to the size of g:
572 × 572 give 388 × 388. With padding the size stays, if 2^L divides it.

With F and G of two layers, widths 64, 128, 256, 512, 1024, one map in and two out, figure 1 has 23 convolutions and
31,030,658 parameters (the paper does not say how many; a single map out makes it 31,030,593).

Book: 6.6, 6.8.  Source: Ronneberger et al. (2015), figure 1; its dropout at the bottom is left out.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.functions.pooling import max_pool
from gradiens.nn.batched import Composite, Run
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.convolutions.conv_transpose2d import ConvTranspose2d

KIND = "model"


class UNet(Composite):
    """C × H × W to a map of logits for each class.

    Book: 6.6, 6.8.  Source: Ronneberger et al. (2015), figure 1.
    """

    down: tuple[Chain, ...]
    up: tuple[ConvTranspose2d, ...]
    joined: tuple[Chain, ...]
    last: Conv2d
    padded: bool = eqx.field(static=True)

    @classmethod
    def make(
        cls,
        n_in: int,
        n_out: int,
        key: Array,
        size: tuple[int, int],
        widths: tuple[int, ...] = (64, 128, 256, 512, 1024),
        layers: int = 2,
        padded: bool = True,
    ) -> UNet:
        """`widths` of the maps from the top to the bottom, `layers` convolutions at each level, for pictures of `size`."""
        if len(widths) < 2 or min(n_in, n_out, layers, *widths) < 1:
            raise Mistake("at least two levels, and a layer and a map in each", (n_in, n_out, widths, layers))
        sizes = _sizes(size, len(widths) - 1, layers, padded)
        draw = _Draw(key, layers, padded)
        down = [draw.stage(a, b, n) for (a, b), n in zip(pairwise((n_in, *widths)), sizes, strict=False)]
        up, joined = [], []
        for (above, below), n in zip(reversed(list(pairwise(widths))), sizes[len(widths) :], strict=True):
            low = n[0] // 2, n[1] // 2
            up.append(ConvTranspose2d.make(below, above, 2, draw.key(), 2, size=low))
            joined.append(draw.stage(2 * above, above, n))
        out = _after(sizes[-1], layers, padded)
        return cls(
            tuple(down), tuple(up), tuple(joined), Conv2d.make(widths[0], n_out, 1, draw.key(), size=out), padded
        )

    @classmethod
    def example(cls, key: Array) -> tuple[UNet, Array]:
        """One level of two and three maps, and a picture for it."""
        return cls.make(1, 2, key, (4, 4), (2, 3), 1), jax.random.normal(key, (1, 4, 4))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """The logits of every pixel."""
        if self.padded:
            _sizes(x.shape[-2:], len(self.up), 1, True)
        h, kept = run(self.down[0], x), []
        for stage in self.down[1:]:
            kept.append(h)
            h = run(stage, max_pool(h, 2))
        for up, stage, beside in zip(self.up, self.joined, reversed(kept), strict=True):
            g = run(up, h)
            h = run(stage, jnp.concatenate([_crop(beside, g.shape[-2:]), g], axis=-3))
        return run(self.last, h)


class _Draw:
    """Stages of convolutions, each with a key of its own."""

    def __init__(self, key: Array, layers: int, padded: bool):
        self.root, self.layers, self.padded, self.drawn = key, layers, padded, 0

    def key(self) -> Array:
        self.drawn += 1
        return jax.random.fold_in(self.root, self.drawn)

    def stage(self, n_in: int, n_out: int, size: tuple[int, int]) -> Chain:
        """Convolutions 3 × 3 to n_out maps, each with relu, on maps of this size."""
        blocks: list[Any] = []
        for i in range(self.layers):
            at = _after(size, i, self.padded)
            around = 1 if self.padded else 0
            blocks += [Conv2d.make(n_out if i else n_in, n_out, 3, self.key(), padding=around, size=at), "relu"]
        return Chain.make(*blocks)


def _after(size: tuple[int, int], layers: int, padded: bool) -> tuple[int, int]:
    lost = 0 if padded else 2 * layers
    return size[0] - lost, size[1] - lost


def _sizes(size: tuple[int, ...], levels: int, layers: int, padded: bool) -> list[tuple[int, int]]:
    """The size of the maps that each stage gets, from the top to the bottom and up again."""
    now = size[0], size[1]
    found = [now]
    for _ in range(levels):
        now = _after(now, layers, padded)
        if min(now) < 2 or now[0] % 2 or now[1] % 2:
            advice = f"a multiple of {2**levels}" if padded else "572 × 572 goes through four levels of two layers"
            raise Mistake("maps of even size before every pool", f"{now[0]} × {now[1]} from {size}", advice)
        now = now[0] // 2, now[1] // 2
        found.append(now)
    for _ in range(levels):
        now = _after(now, layers, padded)
        if min(now) < 1:
            raise Mistake("pictures large enough for all levels", size)
        now = 2 * now[0], 2 * now[1]
        found.append(now)
    return found


def _crop(h: Float[Array, "*B C H W"], size: tuple[int, ...]) -> Float[Array, "*B C h w"]:
    """The middle of the maps, of this size."""
    top, left = (h.shape[-2] - size[0]) // 2, (h.shape[-1] - size[1]) // 2
    return h[..., top : top + size[0], left : left + size[1]]
