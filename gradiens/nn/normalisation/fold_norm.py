"""Batch normalisation folded into the affine map beside it: at inference the two are one layer.

    behind it   γ (W x + b - μ) / √(σ² + ε) + β = W' x + b',   s = γ / √(σ² + ε),   W' = s ⊙ W (by rows),     b' = s (b - μ) + β
    before it   W (s (x - μ) + β) + b = W' x + b',                                  W' = W ⊙ s (by columns),  b' = b + W (β - s μ)

A convolution takes one that stands behind it, not one before it: at the border it pads zeros, which are not shifted.

Book: 5.6.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import jax.numpy as jnp
from jaxtyping import Array

from gradiens.core.check import Mistake
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.dense import Dense
from gradiens.nn.normalisation.batch_norm import BatchNorm

KIND = "rewriting"


def fold(layer: Dense | Conv2d, norm: BatchNorm) -> Dense | Conv2d:
    """The layer that is `norm` after `layer`, by the running averages.

    Raises `Mistake` for layers of other kinds, or a norm of another number of units.

    Book: 5.6.
    """
    _check(layer, norm, Dense | Conv2d, 0)
    s, W = _scale(norm), layer.W
    b = jnp.zeros_like(norm.mean) if layer.b is None else layer.b
    return dataclasses.replace(layer, W=s[:, *[None] * (W.ndim - 1)] * W, b=s * (b - norm.mean) + norm.beta)


def fold_before(norm: BatchNorm, layer: Dense) -> Dense:
    """The layer that is `layer` after `norm`, by the running averages. Raises as `fold`.

    Book: 5.6.
    """
    _check(layer, norm, Dense, 1)
    s, W = _scale(norm), layer.W
    shift = W @ (norm.beta - s * norm.mean)
    return Dense(W * s[None, :], shift if layer.b is None else layer.b + shift)


def folded(chain: Chain) -> Chain:
    """The chain with every batch normalisation folded into the layer before it, else into the dense layer behind it; one
    that has neither stays. Chains in it are folded for themselves.

    Book: 5.6.
    """
    blocks: list[Any] = []
    for block in (folded(block) if isinstance(block, Chain) else block for block in chain.blocks):
        last = blocks[-1] if blocks else None
        if isinstance(block, BatchNorm) and isinstance(last, Dense | Conv2d):
            blocks[-1] = fold(last, block)
        elif isinstance(block, Dense) and isinstance(last, BatchNorm):
            blocks[-1] = fold_before(last, block)
        else:
            blocks.append(block)
    return Chain(tuple(blocks))


def _scale(norm: BatchNorm) -> Array:
    return norm.gamma / jnp.sqrt(norm.var + norm.eps)


def _check(layer: Any, norm: Any, kind: Any, axis: int) -> None:
    """Is it a layer of this kind beside a batch normalisation of as many units as W has along the axis?"""
    if not isinstance(layer, kind) or not isinstance(norm, BatchNorm):
        takes = "a dense layer" if kind is Dense else "a dense or convolutional layer"
        raise Mistake(f"{takes} and a batch normalisation", f"{type(layer).__name__} and {type(norm).__name__}")
    if layer.W.shape[axis] != norm.gamma.size:
        raise Mistake("as many units in the normalisation as in the layer", f"{norm.gamma.size}, {layer.W.shape[axis]}")
