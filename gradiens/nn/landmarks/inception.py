"""The inception module: windows of several sizes side by side, their maps put together.

    Y = (Y₁, Y₃, Y₅, Y_p)      Y₁  window 1                     Y₅  window 1, then window 5
                               Y₃  window 1, then window 3      Y_p maxima over 3 × 3, then window 1

The windows of 1 × 1 before the larger ones make few maps of many, and the larger ones cheap. In the paper each convolution has
a bias and no normalisation: Σ c_out (c_in k² + 1) parameters over six convolutions.

Book: 6.6.  Source: Szegedy et al. (2015), section 4.
"""

from __future__ import annotations

from typing import Any, ClassVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.functions.activations import relu
from gradiens.nn.batched import Composite, Run
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.convolutions.pool import MaxPool
from gradiens.nn.draft import Draft
from gradiens.nn.names import Named
from gradiens.nn.normalisation.batch_norm import BatchNorm

KIND = "layer"
EPS = 1e-3  # ε of the normalisations in PyTorch's layout


class ConvUnit(Composite):
    """relu(N(W ⋆ x)), or relu(W ⋆ x + b) without normalisation.

    Book: 6.6.  Source: Szegedy et al. (2015).
    """

    NAMES: ClassVar[dict[str, str]] = {"norm": "bn"}

    conv: Conv2d
    norm: BatchNorm | None

    @classmethod
    def make(cls, draft: Draft, n_out: int, window: int, stride: int = 1, normalised: bool = True) -> ConvUnit:
        """From the shape that the draft has reached to n_out maps."""
        conv = draft.conv(n_out, window, stride, bias=not normalised)
        return cls(conv, draft.norm(EPS) if normalised else None)

    @classmethod
    def example(cls, key: Array) -> tuple[ConvUnit, Array]:
        """A small unit and maps for it."""
        return cls.make(Draft(key, (2, 4, 4)), 3, 3), jax.random.normal(key, (2, 4, 4))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """The maps."""
        z = run(self.conv, x)
        return relu(z if self.norm is None else run(self.norm, z))


class Inception(Named):
    """Four branches side by side; their maps put together are the output.

    Book: 6.6.  Source: Szegedy et al. (2015).
    """

    NAMES: ClassVar[dict[str, str]] = {
        "one": "branch1",
        "three": "branch2",
        "five": "branch3",
        "pooled": "branch4.1",
    }

    one: ConvUnit
    three: tuple[ConvUnit, ConvUnit]
    five: tuple[ConvUnit, ConvUnit]
    pooled: ConvUnit
    pool: MaxPool

    @classmethod
    def make(
        cls,
        draft: Draft,
        one: int,
        three: tuple[int, int],
        five: tuple[int, int],
        pooled: int,
        normalised: bool = False,
        window: int = 5,
    ) -> Inception:
        """Maps of each branch; `three` and `five` are those before and those after the larger window, which `window` is."""
        ways = [draft.branch() for _ in range(4)]
        unit = lambda way, n_out, k: ConvUnit.make(ways[way], n_out, k, normalised=normalised)  # noqa: E731
        draft.shape = (one + three[1] + five[1] + pooled, *draft.size)
        return cls(
            one=unit(0, one, 1),
            three=(unit(1, three[0], 1), unit(1, three[1], 3)),
            five=(unit(2, five[0], 1), unit(2, five[1], window)),
            pooled=unit(3, pooled, 1),
            pool=MaxPool(3, 1, 1),
        )

    @classmethod
    def example(cls, key: Array) -> tuple[Inception, Array]:
        """A small module and maps for it."""
        return cls.make(Draft(key, (2, 4, 4)), 1, (1, 2), (1, 1), 2), jax.random.normal(key, (2, 4, 4))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """The maps of the four branches, one after the other."""
        one = run(self.one, x)
        three = run(self.three[1], run(self.three[0], x))
        five = run(self.five[1], run(self.five[0], x))
        pooled = run(self.pooled, run(self.pool, x))
        return jnp.concatenate([one, three, five, pooled], axis=-3)
