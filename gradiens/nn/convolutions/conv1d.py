"""Convolutional layer for sequences and signals of several channels.

    Z = W ⋆ X + b,   X ∈ ℝ^(C×T),  W ∈ ℝ^(O×C×k),  b ∈ ℝ^O

With the padding "causal" place t depends on the places up to t: what a model of series needs.

Book: 6.4.  Source: Waibel et al. (1989).
"""

from __future__ import annotations

from typing import ClassVar

import jax
from jaxtyping import Array

from gradiens.nn.convolutions.convolution_layer import ConvolutionLayer


class Conv1d(ConvolutionLayer):
    """Z = W ⋆ X + b along one axis, O (C k/groups + 1) parameters.

    Book: 6.4.  Source: Waibel et al. (1989).
    """

    AXES: ClassVar[int] = 1

    @classmethod
    def example(cls, key: Array) -> tuple[Conv1d, Array]:
        """A causal layer with gaps, and a signal for it."""
        return cls.make(2, 3, 3, key, padding="causal", dilation=2, size=(6,)), jax.random.normal(key, (2, 6))
