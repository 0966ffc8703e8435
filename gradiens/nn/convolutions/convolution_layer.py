"""What the convolutional layers share, whatever the number of axes that their window moves along.

    Z = W ⋆ X + b,   X ∈ ℝ^(C×n…),  W ∈ ℝ^(O×C/g×k…),  b ∈ ℝ^O
    n' = ⌊(n + 2p - d(k - 1) - 1)/s⌋ + 1 along each axis

Stride s, padding p, dilation d, groups g.

Book: 6.4.  Source: Dumoulin & Visin (2016).
"""

from __future__ import annotations

import math
from typing import ClassVar, Self

import equinox as eqx
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.core.module import Module
from gradiens.functions.convolution import Around, Sides, around, convolve, each, output_size, over_maps
from gradiens.functions.padding import padding_of
from gradiens.nn import initialisers


class ConvolutionLayer(Module):
    """Z = W ⋆ X + b with `AXES` axes, O (C/g ∏ k + 1) parameters.

    `size` is the size of the maps that the layer is made for; the count of operations needs it (else it is that of one place),
    the map itself takes any. Settings are one number, or one for each axis.
    """

    AXES: ClassVar[int] = 2
    ALIKE: ClassVar[bool] = True

    W: Float[Array, "O C *k"]
    b: Float[Array, " O"] | None
    stride: Sides = eqx.field(static=True, default=1)
    padding: Around = eqx.field(static=True, default=0)
    size: tuple[int, ...] = eqx.field(static=True, default=())
    dilation: Sides = eqx.field(static=True, default=1)
    groups: int = eqx.field(static=True, default=1)

    @classmethod
    def make(
        cls,
        n_in: int,
        n_out: int,
        window: Sides,
        key: Array,
        stride: Sides = 1,
        padding: Around | str | None = None,
        bias: bool = True,
        size: tuple[int, ...] = (),
        dilation: Sides = 1,
        groups: int = 1,
        init: str = "he",
    ) -> Self:
        """Weights by the initialiser `init`, biases zero.

        The default padding d (k - 1)/2 keeps the size at stride 1 of an odd window; else a number, or by name: "valid", "same",
        "causal" (`gradiens.functions.padding`).
        """
        sides = each(window, cls.AXES)
        if min(n_in, n_out, groups) < 1:
            raise Mistake("at least one map in and out, and one group", (n_in, n_out, groups))
        if n_in % groups or n_out % groups:
            raise Mistake(f"{groups} groups that divide the maps", f"{n_in} → {n_out}")
        W = initialisers.named(init)(key, (n_out, n_in // groups, *sides))
        b = initialisers.zeros(key, (n_out,)) if bias else None
        return cls(W, b, stride, cls._padding(padding, sides, dilation), tuple(size), dilation, groups)

    @classmethod
    def _padding(cls, padding: Around | str | None, window: tuple[int, ...], dilation: Sides) -> Around:
        """One number where all sides are alike, so that it reads as it was told."""
        if padding is None:
            padding = [d * (k - 1) // 2 for k, d in zip(window, each(dilation, cls.AXES))]
        pairs = padding_of(padding, window, dilation, cls.AXES)
        alike = {p for pair in pairs for p in pair}
        return alike.pop() if len(alike) == 1 else pairs

    def __call__(self, x: Float[Array, "C *n"], key: Array | None = None) -> Float[Array, "O *m"]:
        """The filtered maps of one example."""
        z = convolve(self.W, x, self.stride, self.padding, self.dilation, self.groups)
        return z if self.b is None else z + over_maps(self.b, z, self.AXES)

    def on_batch(self, X: Float[Array, "B C *n"], key: Array | None = None) -> tuple[Float[Array, "B O *m"], Self]:
        """The filtered maps of each example, in one convolution."""
        return self(X), self

    @property
    def window(self) -> tuple[int, ...]:
        """The size of the window along each axis."""
        return tuple(self.W.shape[2:])

    def places(self, size: tuple[int, ...]) -> tuple[int, ...]:
        """The size of the output for maps of `size`."""
        settings = each(self.stride, self.AXES), around(self.padding, self.AXES), each(self.dilation, self.AXES)
        return tuple(output_size(*one) for one in zip(size, self.window, *settings))

    @property
    def flops(self) -> int:
        """C/g ∏ k products and as many sums, less one without bias, for each of the output numbers at `size`."""
        n_out, n_in, *k = self.W.shape
        places = math.prod(self.places(self.size)) if self.size else 1
        return n_out * places * (2 * n_in * math.prod(k) - (self.b is None))
