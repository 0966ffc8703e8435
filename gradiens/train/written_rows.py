"""Rows of numbers and categories for a written model: one vector, the numbers and then an indicator of each category."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import Module
from gradiens.train.written import WrittenModel


class WrittenRows(Module):
    """A written model of [x; e_{c₁}; e_{c₂}; …]: its n counts the numbers and the levels of every category.

    Book: 5.1.
    """

    model: WrittenModel
    levels: tuple[int, ...] = eqx.field(static=True)

    @property
    def has_cost(self) -> bool:
        """Does the text say what the cost of one example is?"""
        return self.model.has_cost

    def __call__(self, x: Any, key: Array | None = None) -> Float[Array, " K"]:
        """The output for one row."""
        return self.model(self._joined(x))

    def cost(self, x: Any, y: Array) -> Float[Array, ""]:
        """C of one row."""
        return self.model.cost(self._joined(x), y)

    def _joined(self, x: Any) -> Float[Array, " n"]:
        numbers, codes = x
        hot = [jax.nn.one_hot(codes[i], n, dtype=numbers.dtype) for i, n in enumerate(self.levels)]
        return jnp.concatenate([numbers, *hot])
