"""Content and style of a picture, by the maps F ∈ ℝ^(C×H×W) of a network: what is where, and which features go together.

    G = 1/(C H W) F F'  ∈ ℝ^(C×C)     the Gram matrix, F as C rows of H W numbers: no place is left in it
    content   1/2 ‖F - P‖² / (C H W)
    style     1/4 ‖G(F) - G(A)‖²

Book: 6.8.  Source: Gatys et al. (2016), equations 1 to 5; their factors 1/(2 C H W) stand in G here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.core.module import Module

KIND = "transformation"

Maps = Float[Array, "C H W"]
Features = Callable[[Any], tuple[Maps, ...]]  # the maps of a picture at several depths


def gram(F: Maps) -> Float[Array, "C C"]:
    """F F' / (C H W): which maps are large together; the same wherever on the picture they are.

    Book: 6.8.  Source: Gatys et al. (2016), equation 3.
    """
    rows = F.reshape(F.shape[0], -1)
    return rows @ rows.T / F.size


def content_cost(F: Maps, P: Maps) -> Float[Array, ""]:
    """1/2 ‖F - P‖² / (C H W).

    Book: 6.8.  Source: Gatys et al. (2016), equation 1.
    """
    return jnp.mean((F - P) ** 2) / 2


def style_cost(F: Sequence[Maps], grams: Sequence[Float[Array, "C C"]]) -> Float[Array, ""]:
    """The mean over the depths of 1/4 ‖G(F) - G(A)‖².

    Book: 6.8.  Source: Gatys et al. (2016), equations 4 and 5.
    """
    return jnp.mean(jnp.stack([jnp.sum((gram(f) - g) ** 2) / 4 for f, g in zip(F, grams, strict=True)]))


def roughness(x: Maps) -> Float[Array, ""]:
    """The mean squared difference of neighbouring pixels: what keeps a made picture from speckling. 0 along an axis of one pixel.

    Book: 6.8.  Source: Mahendran & Vedaldi (2015), equation 5 with exponent 2.
    """
    down, across = x[:, 1:] - x[:, :-1], x[:, :, 1:] - x[:, :, :-1]
    return sum((jnp.mean(d**2) for d in (down, across) if d.size), jnp.zeros((), x.dtype))


class Goal(Module):
    """What a picture is to have: content maps at one depth, Gram matrices at several; and how much each counts."""

    content: Maps
    grams: tuple[Array, ...]
    weights: tuple[float, float, float]  # of content, style, roughness
    at: int = eqx.field(static=True)  # the depth of the content

    @classmethod
    def make(
        cls,
        features: Features,
        content: Maps,
        style: Maps,
        at: int = -1,
        weights: tuple[float, float, float] = (1.0, 1e3, 0.1),
    ) -> Goal:
        """The content of the one picture, the style of the other, by `features`."""
        deep = features(content)
        if not deep or min(weights) < 0 or not -len(deep) <= at < len(deep):
            raise Mistake(
                "maps at one depth or more, one of them for the content, weights ≥ 0", (len(deep), at, weights)
            )
        return cls(deep[at], tuple(gram(F) for F in features(style)), weights, at)

    def cost(self, features: Features, x: Maps) -> Float[Array, ""]:
        """α content + β style + γ roughness of the picture x."""
        F, (α, β, γ) = features(x), self.weights
        return α * content_cost(F[self.at], self.content) + β * style_cost(F, self.grams) + γ * roughness(x)
