"""Penalties on the weights of a network: what is added to the cost so that weights stay small, or become 0.

    L2    λ Σ w²        shrinks every weight in proportion; under gradient descent with step α a decay by 1 - 2αλ a step
    L1    λ Σ |w|       pulls every weight by the same amount, and holds small ones at 0

Weights are the arrays of two axes or more: the matrices of layers, kernels, embeddings. Biases and the gains of
normalisations are not penalised, for they do not make a function steeper.

Book: 5.7.  Source: Hoerl & Kennard (1970) for L2, Tibshirani (1996) for L1, Zou & Hastie (2005) for both.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import Module, knob

KIND = "penalty"


def weights(theta: Any) -> list[Array]:
    """The arrays of a parameter tree that are weights: those of two axes or more."""
    return [leaf for leaf in jax.tree.leaves(theta) if jnp.ndim(leaf) >= 2]


class L2(Module):
    """λ Σ w² over all weights.

    Book: 5.7.  Source: Hoerl & Kennard (1970).
    """

    strength: float = knob(1e-4, 0.0, 1e6, "log", "factor λ of the squared weights")

    def __call__(self, theta: Any) -> Float[Array, ""]:
        """λ Σ w²."""
        return self.strength * _sum([jnp.sum(w**2) for w in weights(theta)])


class L1(Module):
    """λ Σ |w| over all weights.

    Book: 5.7.  Source: Tibshirani (1996).
    """

    strength: float = knob(1e-5, 0.0, 1e6, "log", "factor λ of the absolute weights")

    def __call__(self, theta: Any) -> Float[Array, ""]:
        """λ Σ |w|."""
        return self.strength * _sum([jnp.sum(jnp.abs(w)) for w in weights(theta)])


class ElasticNet(Module):
    """λ₁ Σ |w| + λ₂ Σ w² over all weights: L1 and L2 together.

    Book: 5.7.  Source: Zou & Hastie (2005).
    """

    l1: float = knob(0.0, 0.0, 1e6, "log", "factor λ₁ of the absolute weights")
    l2: float = knob(0.0, 0.0, 1e6, "log", "factor λ₂ of the squared weights")

    def __call__(self, theta: Any) -> Float[Array, ""]:
        """λ₁ Σ |w| + λ₂ Σ w²."""
        return L1(self.l1)(theta) + L2(self.l2)(theta)


@dataclasses.dataclass(frozen=True)
class Penalised:
    """`loss(theta, input)` and a penalty of theta, as one loss.

    Two are equal where loss and penalty are: then a program compiled for one serves the other.
    """

    loss: Callable[[Any, Any], Array]
    penalty: Callable[[Any], Array]

    def __call__(self, theta: Any, input: Any) -> Float[Array, ""]:
        """The cost with its penalty."""
        return self.loss(theta, input) + self.penalty(theta)


def _sum(terms: list[Array]) -> Array:
    """Their sum; 0 of none."""
    return sum(terms[1:], start=terms[0]) if terms else jnp.zeros(())
