"""Convolutional layer for maps in the plane: each output map is a sum of input maps, each filtered by its own kernel.

    Z = W ⋆ X + b,   X ∈ ℝ^(C×H×W),  W ∈ ℝ^(O×C×k×k),  b ∈ ℝ^O

Book: 6.2, 6.3.
"""

from __future__ import annotations

import equinox as eqx
import jax
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.core.module import Module
from gradiens.functions.convolution import convolve, over_maps
from gradiens.nn import initialisers


class Conv2d(Module):
    """Z = W ⋆ X + b with stride, zero padding, dilation and groups, O (C k²/groups + 1) parameters.

    `size` is the height and width of the maps that the layer is made for; the count of operations needs it, the map itself
    takes any.

    Book: 6.2, 6.3.
    """

    W: Float[Array, "O C k k"]
    b: Float[Array, " O"] | None
    stride: int = eqx.field(static=True, default=1)
    padding: int = eqx.field(static=True, default=0)
    size: tuple[int, int] = eqx.field(static=True, default=(1, 1))
    dilation: int = eqx.field(static=True, default=1)
    groups: int = eqx.field(static=True, default=1)

    @classmethod
    def make(
        cls,
        n_in: int,
        n_out: int,
        window: int,
        key: Array,
        stride: int = 1,
        padding: int | None = None,
        bias: bool = True,
        size: tuple[int, int] = (1, 1),
        dilation: int = 1,
        groups: int = 1,
    ) -> Conv2d:
        """He's start; the padding d (k - 1)/2 keeps the size of the maps at stride 1, and is the default."""
        if min(n_in, n_out, window, stride, dilation, groups) < 1:
            raise Mistake("at least one map, a window and a stride of at least 1", (n_in, n_out, window, stride))
        if n_in % groups or n_out % groups:
            raise Mistake(f"{groups} groups that divide the maps", f"{n_in} → {n_out}")
        W = initialisers.he(key, (n_out, n_in // groups, window, window))
        b = initialisers.zeros(key, (n_out,)) if bias else None
        same = dilation * (window - 1) // 2
        return cls(W, b, stride, same if padding is None else padding, size, dilation, groups)

    @classmethod
    def example(cls, key: Array) -> tuple[Conv2d, Array]:
        """A small layer and maps for it."""
        return cls.make(2, 3, 3, key, size=(5, 4)), jax.random.normal(key, (2, 5, 4))

    def __call__(self, x: Float[Array, "C H W"], key: Array | None = None) -> Float[Array, "O H2 W2"]:
        """The filtered maps of one example."""
        z = convolve(self.W, x, self.stride, self.padding, self.dilation, self.groups)
        return z if self.b is None else z + over_maps(self.b, z)

    def on_batch(
        self, X: Float[Array, "B C H W"], key: Array | None = None
    ) -> tuple[Float[Array, "B O H2 W2"], Conv2d]:
        """The filtered maps of each example, in one convolution."""
        return self(X), self

    @property
    def flops(self) -> int:
        """C k² products and as many sums, less one without bias, for each of the output numbers at `size`."""
        n_out, n_in, k, _ = self.W.shape
        reach = self.dilation * (k - 1) + 1
        high, wide = ((n + 2 * self.padding - reach) // self.stride + 1 for n in self.size)
        return n_out * high * wide * (2 * n_in * k * k - (self.b is None))
