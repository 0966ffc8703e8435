"""Network for rows of numbers and categories: each category by its embedding, beside the numbers, into a perceptron.

    ŷ = MLP([x; E₁[c₁]; E₂[c₂]; …])

Book: 5.1.  Source: Guo & Berkhahn (2016), Entity embeddings of categorical variables.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from gradiens.functions.activations import Activation
from gradiens.nn.batched import Composite, Run
from gradiens.nn.embedding import Embedding, default_width
from gradiens.nn.mlp import MLP

KIND = "model"


class Row(NamedTuple):
    """One example: numbers and codes. Any pair with these two names will do."""

    numbers: Float[Array, " D"]
    codes: Int[Array, " C"]


class Tabular(Composite):
    """A perceptron on numbers and embedded categories.

    Book: 5.1.  Source: Guo & Berkhahn (2016).
    """

    embeddings: tuple[Embedding, ...]
    body: MLP

    @classmethod
    def make(
        cls,
        n_numbers: int,
        levels: tuple[int, ...],
        hidden: tuple[int, ...],
        n_out: int,
        key: Array,
        activation: str | Activation = "relu",
        init: str = "",
        keep: float = 1.0,
    ) -> Tabular:
        """`levels`: how many codes each category has; `hidden`: widths of the hidden layers; the others as for `MLP`."""
        body_key, *keys = jax.random.split(key, len(levels) + 1)
        embeddings = tuple(Embedding.make(n, k) for n, k in zip(levels, keys, strict=True))
        n_in = n_numbers + sum(map(default_width, levels))
        return cls(embeddings, MLP.make((n_in, *hidden, n_out), body_key, activation, init, keep))

    @classmethod
    def example(cls, key: Array) -> tuple[Tabular, Row]:
        """A small network and a row for it."""
        return cls.make(3, (4, 9), (5,), 2, key), Row(jax.random.normal(key, (3,)), jnp.int32([1, 7]))

    def forward(self, x: Row, run: Run) -> Float[Array, " K"]:
        """The outputs of one row."""
        numbers, codes = x
        embedded = [run(E, codes[..., i]) for i, E in enumerate(self.embeddings)]
        return run(self.body, jnp.concatenate([numbers, *embedded], axis=-1))
