"""Random compositions of blocks with a loss on top, as functions of one vector: their parameters and their input."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float

from gradiens.core.module import join, split
from gradiens.functions.losses import categorical_cross_entropy, squared
from gradiens.nn.chain import Activate, Chain
from gradiens.nn.dense import Dense
from gradiens.nn.normalisation.normalise import Normalise

WIDTH = 4
KINDS = ("affine", "sigmoid", "tanh", "softplus", "normalise", "softmax")
LOSSES = ("squared error", "cross-entropy")
MOST = 6  # blocks
LONGEST = WIDTH + MOST * WIDTH * (WIDTH + 1)  # numbers in θ


class Drawn(NamedTuple):
    """A chain, the loss on top of it, their cost as a function of θ (parameters and input), θ, and the codes of its blocks
    and of its loss."""

    chain: Chain
    top: Callable[[Float[Array, " n"]], Float[Array, ""]]
    cost: Callable[[Float[Array, " d"]], Float[Array, ""]]
    theta: Float[Array, " d"]
    kinds: tuple[int, ...]
    loss: int


def draw_chain(rng: np.random.Generator) -> Drawn:
    """Two to six blocks drawn with equal probability; weights N(0, 1/2), biases and input N(0, 1)."""
    kinds = tuple(int(k) for k in rng.integers(0, len(KINDS), rng.integers(2, MOST + 1)))
    chain = Chain(tuple(_block(KINDS[k], rng) for k in kinds))
    loss, x = int(rng.integers(0, len(LOSSES))), jnp.asarray(rng.normal(size=WIDTH))
    target = jnp.asarray(rng.normal(size=WIDTH)) if loss == 0 else jnp.int32(rng.integers(0, WIDTH))
    top = lambda z: (squared if loss == 0 else categorical_cross_entropy)(z, target)  # noqa: E731
    parameters, rest = split(chain)
    theta, unravel = ravel_pytree((parameters, x))

    def cost(theta: Float[Array, " d"]) -> Float[Array, ""]:
        parameters, x = unravel(theta)
        return top(join(parameters, rest)(x))

    return Drawn(chain, top, cost, theta, kinds, loss)


def _block(kind: str, rng: np.random.Generator) -> Dense | Normalise | Activate:
    if kind == "affine":
        W = jnp.asarray(rng.normal(0, np.sqrt(0.5), (WIDTH, WIDTH)))
        return Dense(W, jnp.asarray(rng.normal(size=WIDTH)))
    return Normalise() if kind == "normalise" else Activate(kind)
