"""Pictures in the mirror.

    x'[i, j] = x[i, W - 1 - j]  with probability p,  else x[i, j]

Twice the same flip is the identity.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import Module, knob


class Flip(Module):
    """Left and right exchanged, for some of the pictures.

    Book: 8.6.  Source: Krizhevsky, Sutskever & Hinton (2012), section 4.1.
    """

    probability: float = knob(0.5, 0.0, 1.0, says="share of the pictures that are flipped")

    def __call__(self, key: Array, x: Float[Array, "B C H W"]) -> Float[Array, "B C H W"]:
        """x'[i, j] = x[i, W - 1 - j] where a coin falls so."""
        return _where_coin(key, self.probability, x[..., ::-1], x)


class FlipVertical(Module):
    """Top and bottom exchanged, for some of the pictures: where down has no meaning, as seen from above.

    Book: 8.6.
    """

    probability: float = knob(0.5, 0.0, 1.0, says="share of the pictures that are flipped")

    def __call__(self, key: Array, x: Float[Array, "B C H W"]) -> Float[Array, "B C H W"]:
        """x'[i, j] = x[H - 1 - i, j] where a coin falls so."""
        return _where_coin(key, self.probability, x[..., ::-1, :], x)


def _where_coin(key: Array, probability: float, a: Array, b: Array) -> Array:
    coin = jax.random.bernoulli(key, probability, (len(a), 1, 1, 1))
    return jnp.where(coin, a, b)
