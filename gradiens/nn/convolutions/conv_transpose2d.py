"""Transposed convolutional layer: the adjoint of a convolution, which makes maps larger.

    Z = W ⋆' X + b,   X ∈ ℝ^(C×H×W),  W ∈ ℝ^(C×O×k×k),  b ∈ ℝ^O
    H' = (H - 1) s - 2p + d (k - 1) + 1 + r

W is the kernel of the convolution from O to C maps whose adjoint the layer is; r chooses between the sizes that this
convolution makes alike.

Book: 6.4.  Source: Zeiler et al. (2010); Dumoulin & Visin (2016), chapter 4.
"""

from __future__ import annotations

import math
from typing import ClassVar

import equinox as eqx
import jax
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.core.module import Module
from gradiens.functions.convolution import over_maps
from gradiens.functions.transposed_convolution import transposed_convolve
from gradiens.nn import initialisers


class ConvTranspose2d(Module):
    """Z = W ⋆' X + b with stride, padding, dilation, groups and remainder, O (C k²/groups + 1) parameters.

    `size` is the height and width of the maps that the layer is made for; the count of operations needs it, the map itself
    takes any.

    Book: 6.4.  Source: Zeiler et al. (2010); Dumoulin & Visin (2016).
    """

    ALIKE: ClassVar[bool] = True

    W: Float[Array, "C O k k"]
    b: Float[Array, " O"] | None
    stride: int = eqx.field(static=True, default=1)
    padding: int = eqx.field(static=True, default=0)
    size: tuple[int, ...] = eqx.field(static=True, default=())
    dilation: int = eqx.field(static=True, default=1)
    groups: int = eqx.field(static=True, default=1)
    remainder: int = eqx.field(static=True, default=0)

    @classmethod
    def make(
        cls,
        n_in: int,
        n_out: int,
        window: int,
        key: Array,
        stride: int = 1,
        padding: int = 0,
        bias: bool = True,
        size: tuple[int, ...] = (),
        dilation: int = 1,
        groups: int = 1,
        remainder: int = 0,
    ) -> ConvTranspose2d:
        """He's start by what reaches an output: C k²/(s² g) products on average. A window of twice the stride with the
        padding s/2 makes the maps s times larger."""
        if min(n_in, n_out, window, stride, dilation, groups) < 1 or n_in % groups or n_out % groups:
            want = "at least one map, a window, a stride and a dilation of at least 1, groups that divide the maps"
            raise Mistake(want, (n_in, n_out, window, stride, dilation, groups))
        if not 0 <= remainder < stride:
            raise Mistake(f"a remainder of at least 0 and less than the stride {stride}", remainder)
        reach = max(1, n_in // groups * window**2 // stride**2)
        W = initialisers.normal(key, (n_in, n_out // groups, window, window), math.sqrt(2 / reach))
        b = initialisers.zeros(key, (n_out,)) if bias else None
        return cls(W, b, stride, padding, tuple(size), dilation, groups, remainder)

    @classmethod
    def example(cls, key: Array) -> tuple[ConvTranspose2d, Array]:
        """A layer that doubles maps, and maps for it."""
        return cls.make(3, 2, 3, key, 2, 1, size=(3, 2), remainder=1), jax.random.normal(key, (3, 3, 2))

    def __call__(self, x: Float[Array, "C H W"], key: Array | None = None) -> Float[Array, "O H2 W2"]:
        """The larger maps of one example."""
        z = transposed_convolve(self.W, x, self.stride, self.padding, self.dilation, self.groups, self.remainder)
        return z if self.b is None else z + over_maps(self.b, z)

    def on_batch(
        self, X: Float[Array, "B C H W"], key: Array | None = None
    ) -> tuple[Float[Array, "B O H2 W2"], ConvTranspose2d]:
        """The larger maps of each example, in one convolution."""
        return self(X), self

    def places(self, size: tuple[int, ...]) -> tuple[int, ...]:
        """The size of the output for maps of `size`."""
        reach = self.dilation * (self.W.shape[-1] - 1) + 1
        return tuple((n - 1) * self.stride - 2 * self.padding + reach + self.remainder for n in size)

    @property
    def flops(self) -> int:
        """A product and a sum for each number of the input and each weight that it meets, and the biases, at `size`."""
        size = self.size or (1, 1)
        n_out = self.W.shape[1] * self.groups
        biases = 0 if self.b is None else n_out * math.prod(self.places(size))
        return 2 * self.W.size * math.prod(size) + biases
