"""Deletion: does a map of importance point at what matters? Grey the pixels it ranks highest and see the score fall.

    D(s) = f_c(x with the ⌈s H W⌉ pixels of largest importance set to grey)

A map that knows makes D fall faster than pixels drawn at random do.

Book: 6.7.  Source: Samek et al. (2017), section 3; Petsiuk, Das & Saenko (2018), deletion.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.interpret.score import Scores, floating, score_of


def greyed(
    x: Float[Array, "*C H W"], importance: Float[Array, "H W"], share: float, value: float = 0.5
) -> Float[Array, "*C H W"]:
    """x with ⌈s H W⌉ pixels, those of largest importance, set to `value`; of equals the earlier ones.

    Raises `Mistake` for a share outside [0, 1], an importance that is not one number a pixel, and an x that is not of
    floating-point numbers.

    Book: 6.7.  Source: Samek et al. (2017), section 3.
    """
    if not 0 <= share <= 1 or importance.shape != x.shape[-2:]:
        want = f"a share from 0 to 1 and an importance of shape {x.shape[-2:]}"
        raise Mistake(want, f"{share:g} and {importance.shape}")
    floating(x)
    count = math.ceil(share * importance.size - 1e-9)
    order = jnp.argsort(-importance.reshape(-1), stable=True)
    hidden = jnp.zeros(importance.size, bool).at[order[:count]].set(True).reshape(importance.shape)
    return jnp.where(hidden.reshape(*[1] * (x.ndim - 2), *hidden.shape), jnp.asarray(value, x.dtype), x)


def deletion_curve(
    f: Scores,
    x: Float[Array, "*C H W"],
    importance: Float[Array, "H W"],
    c: int | Array | None = None,
    shares: Sequence[float] = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5),
    value: float = 0.5,
) -> Float[Array, " S"]:
    """f_c with each share of the pixels greyed; f may return probabilities, which is what is usually drawn.

    Book: 6.7.  Source: Samek et al. (2017), section 3; Petsiuk, Das & Saenko (2018).
    """
    return jax.vmap(score_of(f, c))(jnp.stack([greyed(x, importance, s, value) for s in shares]))
