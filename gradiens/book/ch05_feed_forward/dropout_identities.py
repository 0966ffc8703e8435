"""Dropout, penalties, bounds and smoothed labels held against their identities, on small random problems in double precision."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.book.ch05_feed_forward.digit_training import ONCE
from gradiens.functions.losses import categorical_cross_entropy
from gradiens.functions.smoothed import smoothed_cross_entropy
from gradiens.nn.dropout import Dropout
from gradiens.nn.stochastic_depth import StochasticDepth
from gradiens.optim.adam import Adam
from gradiens.optim.adamw import AdamW
from gradiens.optim.descent import Descent
from gradiens.optim.max_norm import max_norm
from gradiens.optim.penalties import L1, L2, Penalised
from gradiens.optim.sgd import SGD

KEEP, MASKS, RATE, STRENGTH, SMOOTHING, LONGEST = 0.8, 20_000, 0.1, 0.05, 0.2, 0.5


class Estimate(NamedTuple):
    """A mean over MASKS masks, its standard error, and what it should be."""

    mean: Float[Array, "*n"]
    error: Float[Array, "*n"]
    expected: Float[Array, "*n"]


class Identities(NamedTuple):
    """What dropout is in the mean; where decay and a penalty agree; smoothed labels in two ways."""

    mask: Estimate  # of mask ⊙ a / p, by unit
    squared: Estimate  # of the squared loss of a linear unit
    rests: Float[Array, "3 n"]  # a; with p = 1 and a key; at inference
    decay: Float[Array, "2 2 4"]  # weights after ten steps, by SGD and ADAM: with an L2 term, with decay
    smoothed: Float[Array, "2 K"]  # for each class: the loss, and the cross-entropy of smoothed targets
    depth: Estimate  # of the sum of x + m f(x) / p, a branch silenced as a whole
    lasso: Float[Array, "2 4"]  # what an L1 term adds to the gradient, and λ sign w
    longest: Float[Array, "2"]  # the length of w after ten steps, and with max-norm


@functools.partial(jax.jit, compiler_options=ONCE)
def identities(key: Array) -> Identities:
    """All of them for random numbers."""
    draw, masks, unit = jax.random.split(key, 3)
    a, w = jax.random.normal(draw, (2, 4))
    kept, _ = Dropout(KEEP).on_batch(jnp.broadcast_to(a, (MASKS, 4)), masks)
    y, p = 0.7, KEEP
    losses = (y - kept @ w) ** 2
    expected = (y - w @ a) ** 2 + jnp.sum(w**2 * a**2) * (1 - p) / p
    return Identities(
        mask=_estimate(kept, a),
        squared=_estimate(losses, expected),
        rests=jnp.stack([a, Dropout(1.0)(a, key=unit), Dropout(KEEP)(a)]),
        decay=jnp.stack([_by_sgd(w), _by_adam(w)]),
        smoothed=_smoothed(5 * a),
        depth=_estimate(
            jnp.sum(1 + StochasticDepth(KEEP).on_batch(jnp.tile(a, (MASKS, 1)), unit)[0], axis=1), 4 + jnp.sum(a)
        ),
        lasso=jnp.stack([_gradient(Penalised(_cost, L1(STRENGTH)), w) - _gradient(_cost, w), STRENGTH * jnp.sign(w)]),
        longest=jnp.stack(
            [jnp.linalg.norm(_ten(Descent(_cost, by), w)) for by in (SGD(RATE), max_norm(SGD(RATE), LONGEST))]
        ),
    )


def _estimate(draws: Array, expected: Array) -> Estimate:
    mean = jnp.mean(draws, axis=0)
    return Estimate(mean, jnp.std(draws, axis=0) / jnp.sqrt(float(MASKS)), expected)


def _gradient(cost: Callable[[Array, None], Array], w: Array) -> Float[Array, " 4"]:
    return jax.grad(cost)(w[None], None)[0]


def _by_sgd(w: Array) -> Float[Array, "2 4"]:
    """Ten steps on a cost with an L2 term, and on the cost alone, the weights shrunk by 1 - 2αλ in each step."""
    descent = Descent(_cost, SGD(RATE))
    shrunk = lambda _, θ: descent.step(descent.init(θ), None)[0].theta - 2 * RATE * STRENGTH * θ  # noqa: E731
    θ = jax.lax.fori_loop(0, 10, shrunk, w[None])
    return jnp.concatenate([_ten(Descent(Penalised(_cost, L2(STRENGTH)), SGD(RATE)), w), θ])


def _by_adam(w: Array) -> Float[Array, "2 4"]:
    """The same by ADAM, and by ADAMW with the decay 2λ."""
    penalised = Descent(Penalised(_cost, L2(STRENGTH)), Adam(RATE))
    return jnp.concatenate([_ten(penalised, w), _ten(Descent(_cost, AdamW(RATE, decay=2 * STRENGTH)), w)])


def _ten(descent: Descent, w: Array) -> Float[Array, "1 4"]:
    return jax.lax.fori_loop(0, 10, lambda _, state: descent.step(state, None)[0], descent.init(w[None])).theta


def _cost(theta: Array, input: None) -> Array:
    """Something curved: with the weights as one row, so that they count as weights."""
    return jnp.sum(jnp.cosh(theta - 1))


def _smoothed(z: Array) -> Float[Array, "2 K"]:
    """For each class: the library's loss, and -Σ t log softmax(z) with t = (1 - s) y + s / K."""
    K, s = z.shape[0], SMOOTHING
    classes = jnp.arange(K, dtype=jnp.int32)
    loss = jax.vmap(lambda y: smoothed_cross_entropy(z, y, s))(classes)
    each = jax.vmap(lambda y: categorical_cross_entropy(z, y))(classes)  # -log softmax(z)_k
    target = (1 - s) * jnp.eye(K) + s / K
    return jnp.stack([loss, target @ each])
