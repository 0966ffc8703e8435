"""Two pictures made one, with a share λ of the first; the cost is λ C(y_a) + (1-λ) C(y_b).

    mixup     x' = λ x_a + (1-λ) x_b                              λ ~ Beta(α, α)
    cutmix    x' = x_b within a box, x_a outside; λ = 1 - |box| / (H W)

The box of cutmix has the middle anywhere and sides √(1-λ₀) H and √(1-λ₀) W, λ₀ ~ Beta(α, α); what lies outside the picture
is cut off, and λ counts what is left.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import Module, knob
from gradiens.data.augment.draws import inside, whole


class Mixup(Module):
    """A weighted mean of two pictures.

    Book: 8.6.  Source: Zhang, Cisse, Dauphin & Lopez-Paz (2018), section 2.
    """

    alpha: float = knob(0.2, 0.01, 100.0, "log", "α of the Beta distribution: small leaves most pictures nearly alone")

    def __call__(self, key: Array, x_a: Float[Array, "B C H W"], x_b: Float[Array, "B C H W"]) -> tuple[Array, Array]:
        """x' = λ x_a + (1-λ) x_b, and λ of each picture."""
        λ = shares(key, self.alpha, x_a)
        by = λ[:, None, None, None]
        return by * x_a + (1 - by) * x_b, λ


class Cutmix(Module):
    """A box of one picture in another.

    Book: 8.6.  Source: Yun, Han, Oh, Chun, Choe & Yoo (2019), section 3.1.
    """

    alpha: float = knob(1.0, 0.01, 100.0, "log", "α of the Beta distribution; 1 is uniform")

    def __call__(self, key: Array, x_a: Float[Array, "B C H W"], x_b: Float[Array, "B C H W"]) -> tuple[Array, Array]:
        """x_b in the box, and λ of each picture: the share of x_a that is left."""
        high, wide = x_a.shape[-2:]
        of_share, of_row, of_column = jax.random.split(key, 3)
        side = jnp.sqrt(1 - shares(of_share, self.alpha, x_a))
        box_high, box_wide = (side * high).astype(jnp.int32), (side * wide).astype(jnp.int32)
        top = whole(of_row, 0, high - 1, x_a) - box_high // 2
        left = whole(of_column, 0, wide - 1, x_a) - box_wide // 2
        box = inside(top, top + box_high, left, left + box_wide, (high, wide))
        λ = 1 - jnp.mean(box.astype(x_a.dtype), axis=(1, 2, 3))
        return jnp.where(box, x_b, x_a), λ


def shares(key: Array, alpha: Array | float, x: Float[Array, "B C H W"]) -> Float[Array, " B"]:
    """λ ~ Beta(α, α), one a picture."""
    α = jnp.asarray(alpha, x.dtype)
    return jax.random.beta(key, α, α, (len(x),), x.dtype)
