"""Localisation: what is in the picture, and where, from one network with two heads.

    h = relu(D flatten(pool(relu(W₃ ⋆ pool(relu(W₂ ⋆ pool(relu(W₁ ⋆ x))))))))
    z = W_c h + b_c,    b = W_b h + b_b
    C = CE(z, y) + λ/4 Σᵢ |bᵢ - b*ᵢ|

z are the logits of the classes, b the corners of the box as parts of the picture's side.

Book: 6.8.  Source: Sermanet et al. (2014), section 4; here on one window, the whole picture.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.nn.batched import Composite, Run
from gradiens.nn.chain import Chain
from gradiens.nn.dense import Dense
from gradiens.nn.draft import Draft

KIND = "model"


class BoxHead(Composite):
    """Convolutions, a dense layer, and from it the logits of K classes and the four numbers of a box: K + 4 outputs.

    Book: 6.8.
    """

    trunk: Chain
    classify: Dense
    locate: Dense

    @classmethod
    def make(
        cls,
        classes: int,
        key: Array,
        shape: tuple[int, int, int] = (1, 48, 48),
        maps: tuple[int, ...] = (8, 16, 16),
        units: int = 64,
    ) -> BoxHead:
        """A 3 × 3 convolution, relu and a pool for each of `maps`, then `units` relu units; He's start."""
        if min(classes, units, *maps) < 1:
            raise Mistake("at least one class, one unit and one map", (classes, units, maps))
        draft, blocks = Draft(key, shape), []
        for wide in maps:
            blocks += [draft.conv(wide, 3, bias=True), "relu", draft.pool()]
        trunk = Chain.make(*blocks, draft.flatten(), draft.dense(units), "relu")
        one, two = jax.random.split(jax.random.fold_in(key, 0))
        return cls(trunk, Dense.make(units, classes, one), Dense.make(units, 4, two))

    @classmethod
    def example(cls, key: Array) -> tuple[BoxHead, Array]:
        """A small network and a picture for it."""
        return cls.make(2, key, (1, 4, 4), (2,), 3), jax.random.normal(key, (1, 4, 4))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """Logits and box, one after the other."""
        h = run(self.trunk, x)
        return jnp.concatenate([run(self.classify, h), run(self.locate, h)], axis=-1)
