"""Depthwise-separable convolution: each map is filtered by one kernel of its own, then each pixel's channels are mixed.

    Z = P ⋆ (D ⋆_g X) + b,   D ∈ ℝ^(C×1×k×k) in g = C groups,  P ∈ ℝ^(O×C×1×1)

C k² + C O weights, where the convolution with all pairs of maps has C O k².

Book: 6.4.  Source: Chollet (2017), section 3.
"""

from __future__ import annotations

import jax
from jaxtyping import Array, Float

from gradiens.nn.batched import Composite, Run
from gradiens.nn.convolutions.conv2d import Conv2d


class SeparableConv2d(Composite):
    """A depthwise convolution without biases, then a 1 × 1 convolution: C k² + C O weights and O biases.

    Book: 6.4.  Source: Chollet (2017).
    """

    depthwise: Conv2d
    pointwise: Conv2d

    @classmethod
    def make(
        cls,
        n_in: int,
        n_out: int,
        window: int,
        key: Array,
        stride: int = 1,
        padding: int | str | None = None,
        bias: bool = True,
        size: tuple[int, ...] = (),
        dilation: int = 1,
    ) -> SeparableConv2d:
        """He's start for both; settings of the depthwise part as for `Conv2d`."""
        deep, mix = jax.random.split(key)
        depthwise = Conv2d.make(n_in, n_in, window, deep, stride, padding, False, size, dilation, groups=n_in)
        after = depthwise.places(size) if size else ()
        return cls(depthwise, Conv2d.make(n_in, n_out, 1, mix, bias=bias, size=after))

    @classmethod
    def example(cls, key: Array) -> tuple[SeparableConv2d, Array]:
        """A small layer and maps for it."""
        return cls.make(2, 3, 3, key, size=(4, 5)), jax.random.normal(key, (2, 4, 5))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Float[Array, "*B O H2 W2"]:
        """The mixed maps."""
        return run(self.pointwise, run(self.depthwise, x))
