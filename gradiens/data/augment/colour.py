"""Pictures in another light.

    brightness    x' = x + δ                          δ uniform on [-b, b]
    contrast      x' = m + f (x - m)                  f uniform on [1-b, 1+b], m the mean of the picture
    saturation    x' = g + f (x - g)                  g at each pixel the mean of its channels
    noise         x' = x + σ ε                        ε standard normal at each pixel

The pictures are standardised: a brightness of 0.2 is a fifth of the standard deviation of the pixels.

Source: Howard (2013), section 2.2: brightness, contrast and colour, each by a random amount.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import Module, knob
from gradiens.data.augment.draws import between


class Brightness(Module):
    """All pixels of a picture brighter or darker by one amount.

    Book: 8.6.  Source: Howard (2013).
    """

    amount: float = knob(0.2, 0.0, 10.0, says="largest change, in standard deviations of the pixels")

    def __call__(self, key: Array, x: Float[Array, "B C H W"]) -> Float[Array, "B C H W"]:
        """x' = x + δ."""
        δ = between(key, -self.amount, self.amount, x)
        return x + δ


class Contrast(Module):
    """The distances from a picture's mean stretched or shrunk.

    Book: 8.6.  Source: Howard (2013).
    """

    amount: float = knob(0.2, 0.0, 1.0, says="the factor lies within 1 ± amount")

    def __call__(self, key: Array, x: Float[Array, "B C H W"]) -> Float[Array, "B C H W"]:
        """x' = m + f (x - m)."""
        f = between(key, 1 - self.amount, 1 + self.amount, x)
        m = jnp.mean(x, axis=(1, 2, 3), keepdims=True)
        return m + f * (x - m)


class Saturation(Module):
    """The distances of the colours from grey stretched or shrunk; a grey picture stays.

    Book: 8.6.  Source: Howard (2013).
    """

    amount: float = knob(0.2, 0.0, 1.0, says="the factor lies within 1 ± amount")

    def __call__(self, key: Array, x: Float[Array, "B C H W"]) -> Float[Array, "B C H W"]:
        """x' = g + f (x - g)."""
        f = between(key, 1 - self.amount, 1 + self.amount, x)
        g = jnp.mean(x, axis=1, keepdims=True)
        return g + f * (x - g)


class Noise(Module):
    """Every number changed by a normal draw.

    Book: 8.6.
    """

    sigma: float = knob(0.1, 0.0, 10.0, says="σ, in standard deviations of the pixels")

    def __call__(self, key: Array, x: Float[Array, "B C H W"]) -> Float[Array, "B C H W"]:
        """x' = x + σ ε."""
        σ, ε = jnp.asarray(self.sigma, x.dtype), jax.random.normal(key, x.shape, x.dtype)
        return x + σ * ε
