"""Convolution with kernels in four rotations: equivariant to shifts, and to quarter turns of the picture.

    Z[o, r] = Σ_c (ρ^r W[o, c]) ⋆ X[c]                                on maps: one map for each turn r = 0 … 3
    Z[o, r] = Σ_c Σ_q (ρ^r W[o, c, q - r mod 4]) ⋆ X[c, q]            on maps that come in four turns already

ρ turns a kernel by 90°. Where the picture is turned, each Z[o] is turned, and its four maps move on by one place: nothing
has to be learned again for a turned edge. The largest of the four, over all places, does not change at all.

Book: 6.1.  Source: Cohen & Welling (2016), section 6, the group p4.
"""

from __future__ import annotations

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.core.module import Module
from gradiens.functions.convolution import convolve, over_maps
from gradiens.nn import initialisers

TURNS = 4


class RotationConv2d(Module):
    """4 O maps from O kernels, each with its four turns one after the other; O (C k² + 1) parameters, or O (4 C k² + 1) on
    maps that come in four turns.

    Book: 6.1.  Source: Cohen & Welling (2016).
    """

    ALIKE: ClassVar[bool] = True

    W: Float[Array, "O C q k k"]  # q = 1, or 4 where the maps come in four turns
    b: Float[Array, " O"]
    padding: int = eqx.field(static=True, default=0)
    size: tuple[int, ...] = eqx.field(static=True, default=())

    @classmethod
    def make(
        cls,
        n_in: int,
        n_out: int,
        window: int,
        key: Array,
        turned: bool = False,
        padding: int | None = None,
        size: tuple[int, ...] = (),
    ) -> RotationConv2d:
        """He's start. `n_in` counts the maps, four turns as one where they come `turned`; the default padding keeps the size."""
        if min(n_in, n_out, window) < 1:
            raise Mistake("at least one map in and out, and a window", (n_in, n_out, window))
        W = initialisers.he(key, (n_out, n_in, TURNS if turned else 1, window, window))
        return cls(W, initialisers.zeros(key, (n_out,)), (window - 1) // 2 if padding is None else padding, size)

    @classmethod
    def example(cls, key: Array) -> tuple[RotationConv2d, Array]:
        """A small layer on maps in four turns, and such maps."""
        return cls.make(1, 2, 3, key, turned=True, size=(4, 3)), jax.random.normal(key, (4, 4, 3))

    @property
    def kernels(self) -> Float[Array, "4*O C*q k k"]:
        """The kernels in all turns, as one convolution takes them."""
        n_out, n_in, q, k, _ = self.W.shape
        place = np.arange(n_in * q * k * k).reshape(n_in, q, k, k)
        turns = np.stack([np.rot90(np.roll(place, r, 1), r, (2, 3)) for r in range(TURNS)])
        return self.W.reshape(n_out, -1)[:, turns.reshape(TURNS, -1)].reshape(n_out * TURNS, n_in * q, k, k)

    def __call__(self, x: Float[Array, "*B C H W"], key: Array | None = None) -> Float[Array, "*B O4 H2 W2"]:
        """The filtered maps of one example, turn after turn."""
        z = convolve(self.kernels, x, padding=self.padding)
        return z + over_maps(jnp.repeat(self.b, TURNS), z)

    def on_batch(
        self, X: Float[Array, "B C H W"], key: Array | None = None
    ) -> tuple[Float[Array, "B O4 H2 W2"], RotationConv2d]:
        """The filtered maps of each example, in one convolution."""
        return self(X), self

    @property
    def flops(self) -> int:
        """C q k² products and as many sums for each number of the four turns at `size` (else of one place)."""
        k = self.W.shape[-1]
        high, wide = (n + 2 * self.padding - k + 1 for n in self.size) if self.size else (1, 1)
        return TURNS * high * wide * 2 * self.W.size


def turned_maps(z: Float[Array, "O4 H W"], turns: int = 1) -> Float[Array, "O4 W H"]:
    """What the maps of a `RotationConv2d` become when its picture is turned by 90° so many times: turned, and moved on."""
    apart = z.reshape(-1, TURNS, *z.shape[-2:])
    moved = jnp.roll(jnp.rot90(apart, turns, (-2, -1)), turns, 1)
    return moved.reshape(-1, *moved.shape[-2:])
