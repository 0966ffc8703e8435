"""Discrete convolution of maps with kernels, as networks have it: no kernel is turned round, channels are summed.

    (W ⋆ x)[o, i, j] = Σ_c Σ_u Σ_v W[o, c, u, v] x[c, s i + u - p, s j + v - p]

The one place of this operation: layers call it, and nothing else does.

Book: 6.2.
"""

from __future__ import annotations

import jax
from jaxtyping import Array, Float


def convolve(
    W: Float[Array, "O C u v"], x: Float[Array, "C H W"], stride: int = 1, padding: int = 0
) -> Float[Array, "O H2 W2"]:
    """W ⋆ x of one example, with stride s and p zeros around the maps; H2 = ⌊(H + 2p - u) / s⌋ + 1."""
    around = [(padding, padding)] * 2
    return jax.lax.conv_general_dilated(x[None], W, (stride, stride), around)[0]
