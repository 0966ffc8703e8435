"""Convolutional layer for maps in the plane: each output map is a sum of input maps, each filtered by its own kernel.

    Z = W ⋆ X + b,   X ∈ ℝ^(C×H×W),  W ∈ ℝ^(O×C×k×k),  b ∈ ℝ^O

Book: 6.3, 6.4.
"""

from __future__ import annotations

from typing import ClassVar

import jax
from jaxtyping import Array

from gradiens.nn.convolutions.convolution_layer import ConvolutionLayer


class Conv2d(ConvolutionLayer):
    """Z = W ⋆ X + b with stride, zero padding, dilation and groups, O (C k²/groups + 1) parameters.

    Book: 6.3, 6.4.
    """

    AXES: ClassVar[int] = 2

    @classmethod
    def example(cls, key: Array) -> tuple[Conv2d, Array]:
        """A small layer and maps for it."""
        return cls.make(2, 3, 3, key, size=(5, 4)), jax.random.normal(key, (2, 5, 4))
