"""Pictures turned and scaled about their middle, by linear interpolation between four pixels.

    x'[u] = x[A (u - c) + c],   c = ((H-1)/2, (W-1)/2),   A = 1/s (cos θ, sin θ; -sin θ, cos θ)

The angle θ turns counter-clockwise. A point outside takes the nearest pixel of the edge. θ = 0 and s = 1 is the identity.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import Module, knob
from gradiens.data.augment.draws import between


class Rotate(Module):
    """Turned by an angle between -d and d.

    Book: 8.6.  Source: Simard, Steinkraus & Platt (2003), section 2: new data by affine maps.
    """

    degrees: float = knob(15.0, 0.0, 180.0, says="largest angle")

    def __call__(self, key: Array, x: Float[Array, "B C H W"]) -> Float[Array, "B C H W"]:
        """θ uniform on [-d, d], s = 1."""
        θ = between(key, -self.degrees, self.degrees, x)[:, 0, 0, 0]
        θ = jnp.deg2rad(θ)
        return warp(x, θ, jnp.ones_like(θ))


class Zoom(Module):
    """Scaled by a factor between 1/(1 + z) and 1 + z.

    Book: 8.6.  Source: Simard, Steinkraus & Platt (2003), section 2.
    """

    share: float = knob(0.2, 0.0, 4.0, says="z: the factor is at most 1 + z")

    def __call__(self, key: Array, x: Float[Array, "B C H W"]) -> Float[Array, "B C H W"]:
        """log s uniform on [-log(1 + z), log(1 + z)], θ = 0."""
        most = jnp.log1p(jnp.asarray(self.share, x.dtype))
        s = jnp.exp(between(key, -most, most, x)[:, 0, 0, 0])
        return warp(x, jnp.zeros_like(s), s)


def warp(x: Float[Array, "B C H W"], angle: Float[Array, " B"], scale: Float[Array, " B"]) -> Float[Array, "B C H W"]:
    """Each picture turned by its angle (radians, counter-clockwise) and enlarged by its scale about its middle."""
    return jax.vmap(_one)(x, angle, scale)


def _one(x: Float[Array, "C H W"], θ: Float[Array, ""], s: Float[Array, ""]) -> Float[Array, "C H W"]:
    high, wide = x.shape[-2:]
    c = (high - 1) / 2, (wide - 1) / 2
    i = (jnp.arange(high, dtype=x.dtype) - c[0])[:, None]
    j = (jnp.arange(wide, dtype=x.dtype) - c[1])[None, :]
    rows = jnp.clip((jnp.cos(θ) * i + jnp.sin(θ) * j) / s + c[0], 0, high - 1)
    columns = jnp.clip((-jnp.sin(θ) * i + jnp.cos(θ) * j) / s + c[1], 0, wide - 1)
    top = jnp.clip(jnp.floor(rows), 0, max(high - 2, 0))
    left = jnp.clip(jnp.floor(columns), 0, max(wide - 2, 0))
    a, b = (rows - top)[None], (columns - left)[None]  # where the point lies between its four pixels
    at = top.astype(jnp.int32) * wide + left.astype(jnp.int32)
    flat, down, right = x.reshape(len(x), -1), min(high - 1, 1) * wide, min(wide - 1, 1)
    above = (1 - b) * flat[:, at] + b * flat[:, at + right]
    below = (1 - b) * flat[:, at + down] + b * flat[:, at + down + right]
    return (1 - a) * above + a * below
