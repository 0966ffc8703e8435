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
from gradiens.functions.convolution import convolve
from gradiens.nn import initialisers


class Conv2d(Module):
    """Z = W ⋆ X + b with stride and zero padding, O (C k² + 1) parameters.

    `size` is the height and width of the maps that the layer is made for; the count of operations needs it, the map itself
    takes any.

    Book: 6.2, 6.3.
    """

    W: Float[Array, "O C k k"]
    b: Float[Array, " O"] | None
    stride: int = eqx.field(static=True, default=1)
    padding: int = eqx.field(static=True, default=0)
    size: tuple[int, int] = eqx.field(static=True, default=(1, 1))

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
    ) -> Conv2d:
        """He's start; the padding (k - 1)/2 keeps the size of the maps at stride 1, and is the default."""
        if min(n_in, n_out, window, stride) < 1:
            raise Mistake("at least one map, a window and a stride of at least 1", (n_in, n_out, window, stride))
        W = initialisers.he(key, (n_out, n_in, window, window))
        b = initialisers.zeros(key, (n_out,)) if bias else None
        return cls(W, b, stride, (window - 1) // 2 if padding is None else padding, size)

    @classmethod
    def example(cls, key: Array) -> tuple[Conv2d, Array]:
        """A small layer and maps for it."""
        return cls.make(2, 3, 3, key, size=(5, 4)), jax.random.normal(key, (2, 5, 4))

    def __call__(self, x: Float[Array, "C H W"], key: Array | None = None) -> Float[Array, "O H2 W2"]:
        """The filtered maps of one example."""
        z = convolve(self.W, x, self.stride, self.padding)
        return z if self.b is None else z + self.b[:, None, None]

    @property
    def flops(self) -> int:
        """C k² products and as many sums, less one without bias, for each of the output numbers at `size`."""
        n_out, n_in, k, _ = self.W.shape
        high, wide = ((n + 2 * self.padding - k) // self.stride + 1 for n in self.size)
        return n_out * high * wide * (2 * n_in * k * k - (self.b is None))
