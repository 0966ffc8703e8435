"""Occlusion: how far one score falls when a grey patch hides a part of the picture.

    O[i, j] = f_c(x) - f_c(x with a w × w patch of grey around the pixel (s i, s j))

Positive where what is hidden speaks for the class. A patch outside the receptive field of a unit changes nothing.

Book: 6.7.  Source: Zeiler & Fergus (2014), section 4.2.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from gradiens.core.check import Mistake
from gradiens.interpret.score import Scores, score_of


def occlusion(
    f: Scores,
    x: Float[Array, "*C H W"],
    c: int | Array | None = None,
    window: int = 5,
    stride: int = 1,
    value: float = 0.5,
) -> Float[Array, "H2 W2"]:
    """The fall of f_c with the patch at every s-th pixel, H2 = ⌈H/s⌉; the patch is cut off at the border. One batch.

    Raises `Mistake` for a picture without a plane, and a window or stride below 1.

    Book: 6.7.  Source: Zeiler & Fergus (2014), section 4.2.
    """
    if x.ndim < 2 or window < 1 or stride < 1:
        raise Mistake(
            "a picture (…, H, W), a window and a stride of at least 1", f"{x.shape}, window {window}, stride {stride}"
        )
    score = score_of(f, c)
    hidden = patches((x.shape[-2], x.shape[-1]), window, stride)
    at = lambda here: score(jnp.where(here, jnp.asarray(value, x.dtype), x))  # noqa: E731
    planes = hidden.reshape(-1, *[1] * (x.ndim - 2), *x.shape[-2:])
    return (score(x) - jax.vmap(at)(planes)).reshape(hidden.shape[:2])


def patches(size: tuple[int, int], window: int, stride: int) -> Bool[Array, "H2 W2 H W"]:
    """For each place of the patch, the pixels under it: those from s i - ⌊(w-1)/2⌋ on, w in each direction."""
    rows, columns = (_under(n, window, stride) for n in size)
    return rows[:, None, :, None] & columns[None, :, None, :]


def _under(n: int, window: int, stride: int) -> Bool[Array, "N2 N"]:
    first = jnp.arange(0, n, stride)[:, None] - (window - 1) // 2
    at = jnp.arange(n)[None, :]
    return (at >= first) & (at < first + window)
