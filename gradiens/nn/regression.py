"""The shallow cases of the perceptron: one dense layer, started from zero (the cost is convex, so it does not matter).

    linear     ŷ = W x + b                  with the squared loss
    logistic   ŷ = σ(W x + b)               with the binary cross-entropy, from the logit W x + b
    softmax    ŷ = softmax(W x + b)         with the categorical cross-entropy, from the logits W x + b

Book: 2.3, 3.2, 3.3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
from jaxtyping import Array

from gradiens.nn.dense import Dense
from gradiens.nn.mlp import MLP

KIND = "model"


def _one_layer(n_in: int, n_out: int, key: Array) -> MLP:
    return MLP((Dense.make(n_in, n_out, key, "zeros"),), "identity")


def _shown(*sizes: int) -> Callable[[Any], Any]:
    """Give a builder the `example(key) -> (model, x)` that the classes of models have."""

    def give(build: Any) -> Any:
        build.example = lambda key: (build(*sizes, key), jax.random.normal(key, sizes[:1]))
        return build

    return give


@_shown(3)
def linear_regression(D: int, key: Array) -> MLP:
    """ŷ = W x + b, one output.

    Book: 2.3.
    """
    return _one_layer(D, 1, key)


@_shown(3)
def logistic_regression(D: int, key: Array) -> MLP:
    """The logit z = W x + b of P(y = 1) = σ(z).

    Book: 3.2.
    """
    return _one_layer(D, 1, key)


@_shown(3, 4)
def softmax_regression(D: int, K: int, key: Array) -> MLP:
    """The K logits z = W x + b of P(y = k) = softmax(z)ₖ.

    Book: 3.3.
    """
    return _one_layer(D, K, key)
