"""Convolutional layer for volumes and films: the window moves along three axes.

    Z = W ⋆ X + b,   X ∈ ℝ^(C×D×H×W),  W ∈ ℝ^(O×C×k×k×k),  b ∈ ℝ^O

Book: 6.4.  Source: Ji et al. (2013).
"""

from __future__ import annotations

from typing import ClassVar

import jax
from jaxtyping import Array

from gradiens.nn.convolutions.convolution_layer import ConvolutionLayer


class Conv3d(ConvolutionLayer):
    """Z = W ⋆ X + b along three axes, O (C k³/groups + 1) parameters.

    Book: 6.4.  Source: Ji et al. (2013).
    """

    AXES: ClassVar[int] = 3

    @classmethod
    def example(cls, key: Array) -> tuple[Conv3d, Array]:
        """A small layer and a volume for it."""
        return cls.make(2, 2, 2, key, padding=0, size=(3, 3, 4)), jax.random.normal(key, (2, 3, 3, 4))
