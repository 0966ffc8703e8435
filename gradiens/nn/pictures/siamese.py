"""Siamese network: one embedding for all, so that what counts is how far apart two pictures come to lie.

    e(x) = f(x) / ‖f(x)‖,     d(a, b) = ‖e(a) - e(b)‖²

The network f is shared; it learns from pairs or from triplets which pictures belong together, and so it can tell apart classes
that it has never seen.

Book: 6.8.  Source: Bromley et al. (1993); the sphere is that of Schroff et al. (2015).
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import Module
from gradiens.nn.batched import on_batch
from gradiens.nn.chain import Chain
from gradiens.nn.draft import Draft

KIND = "model"

TINY = 1e-12  # below the squared length, where an embedding is 0


class Siamese(Module):
    """The embeddings, on the unit sphere, of the k pictures of one example (2 of a pair, 3 of a triplet): (k, D).

    Book: 6.8.  Source: Bromley et al. (1993).
    """

    embed: Any

    @classmethod
    def make(
        cls,
        dimension: int,
        key: Array,
        shape: tuple[int, int, int] = (1, 28, 28),
        maps: tuple[int, ...] = (8, 16),
    ) -> Siamese:
        """A 3 × 3 convolution, relu and a pool for each of `maps`, then a dense layer to `dimension` numbers."""
        draft, blocks = Draft(key, shape), []
        for wide in maps:
            blocks += [draft.conv(wide, 3, bias=True), "relu", draft.pool()]
        return cls(Chain.make(*blocks, draft.flatten(), draft.dense(dimension)))

    @classmethod
    def example(cls, key: Array) -> tuple[Siamese, Array]:
        """A small network and a pair for it."""
        return cls.make(2, key, (1, 4, 4), (2,)), jax.random.normal(key, (2, 1, 4, 4))

    def __call__(self, x: Float[Array, "k C H W"], key: Array | None = None) -> Float[Array, "k D"]:
        """The embeddings of the pictures of one example."""
        keys = [None] * len(x) if key is None else jax.random.split(key, len(x))
        return jnp.stack([_on_sphere(self.embed(one, key=k)) for one, k in zip(x, keys, strict=True)])

    def on_batch(self, X: Float[Array, "B k C H W"], key: Array | None = None) -> tuple[Float[Array, "B k D"], Siamese]:
        """The embeddings of a batch of examples, in one pass over all of their pictures."""
        Z, embed = on_batch(self.embed, X.reshape(-1, *X.shape[2:]), key)
        return _on_sphere(Z).reshape(*X.shape[:2], -1), Siamese(embed)


def _on_sphere(e: Float[Array, "*n D"]) -> Float[Array, "*n D"]:
    return e / jnp.sqrt(jnp.sum(e**2, axis=-1, keepdims=True) + TINY)
