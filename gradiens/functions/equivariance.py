"""Equivariance: f treats a moved input as it treats the input, and moves the output.

    f(g x) = g f(x) for all moves g           equivariant
    f(g x) = f(x)                             invariant

Convolution on a torus commutes with all shifts: f(x) = W ⋆ x with x continued periodically. At a border of zeros, and at a
stride, it does so no longer exactly.

Book: 6.1.  Source: Cohen & Welling (2016), section 2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.functions.convolution import convolve

KIND = "measure"


def circular_convolve(W: Float[Array, "O C k k"], x: Float[Array, "*B C H W"]) -> Float[Array, "*B O H W"]:
    """W ⋆ x with x continued periodically: maps of the size of x, the window's middle (the earlier of two) on each place."""
    sides = [((k - 1) // 2, k // 2) for k in W.shape[2:]]
    around = [(0, 0)] * (x.ndim - len(sides)) + sides
    return convolve(W, jnp.pad(x, around, mode="wrap"))


def shifted(x: Float[Array, "*B H W"], by: tuple[int, int]) -> Float[Array, "*B H W"]:
    """The maps moved down and right by so many places, what leaves on one side coming in on the other."""
    return jnp.roll(x, by, (-2, -1))


def equivariance_error(
    f: Callable[[Array], Any], x: Array, before: Callable[[Array], Array], after: Callable[[Any], Any] | None = None
) -> float:
    """The largest |f(g x) - g' f(x)| relative to the largest |f(x)|, g being `before` and g' `after` (none: invariance).

    Book: 6.1.  Source: Cohen & Welling (2016), section 2.
    """
    y = f(x)
    wanted = np.asarray(y if after is None else after(y))
    return float(np.abs(np.asarray(f(before(x))) - wanted).max() / max(np.abs(wanted).max(), 1e-300))
