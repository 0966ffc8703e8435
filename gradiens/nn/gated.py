"""Gated linear unit: an affine map whose every output is let through by a gate, which another affine map of x sets.

    a = (W x + b) ⊙ S(V x + c)

    S = σ        GLU        S = z σ(z)   SwiGLU
    S = relu     ReGLU      S = gelu     GEGLU
    S(z) = z     bilinear: a product of two affine maps

Where a gate is open the gradient passes through the affine part unhindered; no saturating function stands on that way.

Book: 5.3.  Source: Dauphin et al. (2017); Shazeer (2020) for the other gates.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
from jaxtyping import Array

from gradiens.functions.activations import Activation, named
from gradiens.nn.batched import Composite, Run
from gradiens.nn.dense import Dense


class Gated(Composite):
    """A dense layer times a gate between 0 and 1, or another activation of a second one; 2 n_out (n_in + 1) parameters.

    Book: 5.3.  Source: Dauphin et al. (2017); Shazeer (2020).
    """

    linear: Dense
    gate: Dense
    activation: Activation = eqx.field(static=True, converter=named)

    @classmethod
    def make(
        cls, n_in: int, n_out: int, key: Array, activation: str | Activation = "sigmoid", init: str = "lecun"
    ) -> Gated:
        """The affine part and the gate, whose `activation` makes it a GLU ("sigmoid"), a SwiGLU ("silu"), …"""
        one, two = jax.random.split(key)
        return cls(Dense.make(n_in, n_out, one, init), Dense.make(n_in, n_out, two, init), activation)

    @classmethod
    def example(cls, key: Array) -> tuple[Gated, Array]:
        """A small layer and an input for it."""
        return cls.make(3, 2, key), jax.random.normal(key, (3,))

    def forward(self, x: Any, run: Run) -> Any:
        """The affine part times the gate."""
        return run(self.linear, x) * self.activation(run(self.gate, x))
