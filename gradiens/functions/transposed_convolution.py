"""Transposed convolution: the adjoint of W ⋆ ·, which turns maps as large as its output into maps as large as its input.

    <W ⋆ x, y> = <x, W ⋆' y> for all x, y
    (W ⋆' y)[c, h, w] = Σ_o Σ W[o, c, u, v] y[o, i, j]  over s i + d u - p = h, s j + d v - p = w

Each number of y is spread over a window of the result, and windows that overlap are added: a way to larger maps. From n
places it makes

    m = (n - 1) s - 2p + d (k - 1) + 1 + r,   r the remainder that the floor of the size of W ⋆ x has dropped: 0 ≤ r < s.

Book: 6.4.  Source: Dumoulin & Visin (2016), chapter 4; Zeiler et al. (2010).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.functions.convolution import Around, Sides, around, convolve, each, kernel_axes


def transposed_convolve(
    W: Float[Array, "O C *k"],
    y: Float[Array, "*B O *m"],
    stride: Sides = 1,
    padding: Around = 0,
    dilation: Sides = 1,
    groups: int = 1,
    remainder: Sides = 0,
) -> Float[Array, "*B C *n"]:
    """W ⋆' y of one example or of each of a batch, settings as for `convolve`; W is the kernel of the convolution itself.

    `remainder` r, also called output padding, chooses between the sizes that the convolution makes alike. Raises `Mistake`
    where ranks, channels, dtypes or settings do not go together.
    """
    axes = kernel_axes(W, y, groups, back=True)
    n, k = y.shape[y.ndim - axes :], W.shape[2:]
    settings = each(stride, axes), around(padding, axes), each(dilation, axes), each(remainder, axes, 0)
    size = [transposed_size(*one) for one in zip(n, k, *settings)]
    batch = y.shape[: y.ndim - axes - 1]
    zeros = jnp.zeros((*batch, W.shape[1] * groups, *size), y.dtype)
    back = jax.vjp(lambda x: convolve(W, x, stride, padding, dilation, groups), zeros)[1]
    return back(y)[0]


def transposed_size(n: int, k: int, s: int = 1, p: int | tuple[int, int] = 0, d: int = 1, r: int = 0) -> int:
    """m = (n - 1) s - 2p + d (k - 1) + 1 + r; a `Mistake` where that is less than 1, or r is no remainder: 0 ≤ r < s."""
    if not 0 <= r < s:
        raise Mistake(f"a remainder of at least 0 and less than the stride {s}", r)
    before, after = (p, p) if isinstance(p, int) else p
    m = (n - 1) * s - before - after + d * (k - 1) + 1 + r
    if m < 1:
        raise Mistake("maps and a window larger than the padding", f"{n} places, a window of {k}, {p} cut off")
    return m
