"""Losses that compare: embeddings of examples with each other, a mask with its probabilities as a whole.

Each is a sum over no single output, so it is no `loss(y_hat, y)` of one example: a Siamese network is trained by pairs or
triplets, a mask by its overlap.

Book: 6.8.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

KIND = "comparison loss"


def contrastive(
    a: Float[Array, " D"], b: Float[Array, " D"], same: Float[Array, ""], margin: float = 1.0
) -> Float[Array, ""]:
    """Embeddings of one class (s = 1) are drawn together, others (s = 0) pushed until m apart.

        C = s ‖a - b‖²/2 + (1 - s) max(m - ‖a - b‖, 0)²/2

    Book: 6.8.  Source: Hadsell et al. (2006), equation 4; their Y is 1 - s.
    """
    squared = jnp.sum((a - b) ** 2)
    # the root has no slope at 0: there it is taken elsewhere, and its slope is 0
    distance = jnp.where(squared > 0, jnp.sqrt(jnp.where(squared > 0, squared, 1)), 0)
    s = jnp.asarray(same, squared.dtype)
    return s * squared / 2 + (1 - s) * jnp.maximum(margin - distance, 0) ** 2 / 2


def triplet(
    anchor: Float[Array, " D"], positive: Float[Array, " D"], negative: Float[Array, " D"], margin: float = 0.2
) -> Float[Array, ""]:
    """The anchor a must be nearer to p, of its class, than to n, of another, by the margin m in squared distance.

    It is 0 exactly when d(a, n) ≥ d(a, p) + m, d(a, b) = ‖a - b‖².

        C = max(‖a - p‖² - ‖a - n‖² + m, 0)

    Book: 6.8.  Source: Schroff et al. (2015), equation 2.
    """
    near, far = jnp.sum((anchor - positive) ** 2), jnp.sum((anchor - negative) ** 2)
    return jnp.maximum(near - far + margin, 0)


def soft_dice(p: Float[Array, " N"], y: Float[Array, " N"], smooth: float = 1.0) -> Float[Array, ""]:
    """One minus the Dice coefficient with probabilities p for the pixels of the mask y; f keeps empty masks defined.

        C = 1 - (2 Σₖ pₖ yₖ + f)/(Σₖ pₖ + Σₖ yₖ + f)

    Book: 6.8.  Source: Milletari et al. (2016), with sums instead of squares below.
    """
    y = jnp.asarray(y, p.dtype)
    return 1 - (2 * jnp.sum(p * y) + smooth) / (jnp.sum(p) + jnp.sum(y) + smooth)


def example(loss: Callable[..., Array], key: Array) -> tuple[Array, ...]:
    """Arguments for a loss of this file, for tests and for the printing of its equation."""
    a, b, c = jax.random.normal(key, (3, 3))
    if loss is contrastive:
        return a, b, jnp.asarray(0.25, a.dtype)
    return (a, b, c) if loss is triplet else (jax.nn.sigmoid(a), jax.nn.sigmoid(b))
