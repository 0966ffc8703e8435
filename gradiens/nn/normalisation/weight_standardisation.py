"""Weight standardisation: the weights into each unit, not the signals, brought to mean 0 and variance 1.

    z = Ŵ x + b,   Ŵ_i = (W_i - m_i) / √(v_i + ε),   m_i and v_i over the weights into unit i

The layer's map is the same for a W + c, a > 0, and the batch plays no part.

Book: 5.6.  Source: Qiao et al. (2019).
"""

from __future__ import annotations

import dataclasses

from jaxtyping import Array, Float

from gradiens.core.module import Module, knob
from gradiens.functions.normalising import standardised
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.dense import Dense


class WeightStandardised(Module):
    """A dense or convolutional layer with Ŵ for W. What is trained are W and b.

    Book: 5.6.  Source: Qiao et al. (2019).
    """

    layer: Dense | Conv2d
    eps: float = knob(1e-5, 0.0, 1.0, "log", "floor ε of the variance")

    @classmethod
    def example(cls, key: Array) -> tuple[WeightStandardised, Array]:
        """A small layer and an input for it."""
        layer, x = Dense.example(key)
        return cls(layer), x

    def __call__(self, x: Float[Array, "in *window"], key: Array | None = None) -> Float[Array, "out *window2"]:
        """One example."""
        return self.plain()(x)

    def plain(self) -> Dense | Conv2d:
        """The layer whose weights are Ŵ: the same map."""
        W = self.layer.W
        rows = standardised(W.reshape(len(W), -1), self.eps, 1)
        return dataclasses.replace(self.layer, W=rows.reshape(W.shape))

    @property
    def flops(self) -> int:
        """Those of the layer for one example, and eight a weight."""
        return self.layer.flops + 8 * self.layer.W.size
