"""Occlusion: how far one score falls when a grey patch hides a part of the picture.

    O[i, j] = f_c(x) - f_c(x with a w × w patch of grey around the pixel (s i, s j))

Positive where what is hidden speaks for the class. A patch outside the receptive field of a unit changes nothing.

Book: 6.7.  Source: Zeiler & Fergus (2014), section 4.2.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax.core import Tracer
from jaxtyping import Array, Bool, Float

from gradiens.core.check import Mistake
from gradiens.interpret.score import Scores, floating, score_of

ROOM = 2**24  # numbers in the pictures of one batch


def occlusion(
    f: Scores,
    x: Float[Array, "*C H W"],
    c: int | Array | None = None,
    window: int = 5,
    stride: int = 1,
    value: float = 0.5,
) -> Float[Array, "H2 W2"]:
    """The fall of f_c with the patch at every s-th pixel, H2 = ⌈H/s⌉; the patch is cut off at the border.

    One batch, if its pictures are not more than `ROOM` numbers; else batches of so many, one after the other. Inside a compiled
    program that is a loop, in which convolutions are some 60 times slower on a CPU: call it uncompiled, or with a larger stride.
    Raises `Mistake` for a picture without a plane or not of floating-point numbers, and a window or stride below 1.

    Book: 6.7.  Source: Zeiler & Fergus (2014), section 4.2.
    """
    if x.ndim < 2 or window < 1 or stride < 1:
        raise Mistake(
            "a picture (…, H, W), a window and a stride of at least 1", f"{x.shape}, window {window}, stride {stride}"
        )
    floating(x)
    score, grey = score_of(f, c), jnp.asarray(value, x.dtype)
    rows, columns = (under(n, window, stride) for n in x.shape[-2:])
    size = len(rows), len(columns)
    at = lambda row, column: score(jnp.where(row[:, None] & column[None], grey, x))  # noqa: E731
    places = jnp.repeat(rows, size[1], axis=0), jnp.tile(columns, (size[0], 1))
    whole, batch = score(x), max(1, ROOM // x.size)
    if size[0] * size[1] <= batch:
        hidden = jax.vmap(at)(*places)
    elif isinstance(whole, Tracer):
        hidden = jax.lax.map(lambda place: at(*place), places, batch_size=batch)
    else:
        starts = range(0, size[0] * size[1], batch)
        hidden = jnp.concatenate([jax.vmap(at)(*(one[i : i + batch] for one in places)) for i in starts])
    return (whole - hidden).reshape(size)


def under(n: int, window: int, stride: int) -> Bool[Array, "N2 N"]:
    """For each place of the patch along one axis, the pixels under it: those from s i - ⌊(w-1)/2⌋ on, w of them."""
    first = jnp.arange(0, n, stride)[:, None] - (window - 1) // 2
    at = jnp.arange(n)[None, :]
    return (at >= first) & (at < first + window)
