"""Batch normalisation held against its theorems: one unit by the tape, its neighbours folded, its siblings alone."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch05_feed_forward.digit_training import ONCE
from gradiens.calculus.finite_differences import numerical_jacobian
from gradiens.calculus.reverse import record
from gradiens.calculus.tape import Tape
from gradiens.nn.dense import Dense
from gradiens.nn.normalisation.batch_norm import BatchNorm
from gradiens.nn.normalisation.fold_norm import fold, fold_before
from gradiens.nn.normalisation.group_norm import GroupNorm
from gradiens.nn.normalisation.layer_norm import LayerNorm
from gradiens.nn.normalisation.rms_norm import RMSNorm
from gradiens.nn.normalisation.weight_standardisation import WeightStandardised

BATCH, UNITS = 6, 4
EPSILONS = (1e-1, 1e-3, 1e-5, 1e-7, 0.0)


class Identities(NamedTuple):
    """Pairs that must be equal, and sums that must vanish."""

    moments: Float[Array, "3 units"]  # of the batch: mean, variance, v / (v + ε)
    rescaled: Float[Array, "2 B units"]  # ε = 0: outputs for X and for a X + c
    bias_gradient: Float[Array, " units"]  # of the bias before the normalisation
    backward: Float[Array, "3 B"]  # of one unit: the layer, the tape, finite differences
    sums: Float[Array, "E 2"]  # by ε: Σ dx, Σ dx x̂
    restored: Float[Array, "2 B units"]  # the batch, and what γ = √(v + ε), β = m make of it
    folds: Float[Array, "4 units"]  # norm after a layer, and folded; a layer after a norm, and folded
    companions: Float[Array, "6 2 units"]  # of SIX layers: outputs of one example in two different batches


SIX = ("batch, inference", "batch, training", "layer", "group", "instance", "RMS")


def identities(key: Array) -> Identities:
    """All of them for random numbers, in double precision."""
    X, C, found = _compiled(key)
    return found._replace(backward=_backward(X[:, 0], C[:, 0]))


@functools.partial(jax.jit, compiler_options=ONCE)
def _compiled(key: Array) -> tuple[Array, Array, Identities]:
    """The batch, the weights of a cost, and all but the comparison with the tape and with differences."""
    at, weigh, draw, other = jax.random.split(key, 4)
    X = 3 * jax.random.normal(at, (BATCH, UNITS)) + 1
    C = jax.random.normal(weigh, (BATCH, UNITS))
    layer, free = random_norm(draw, UNITS), BatchNorm.make(UNITS, 0.0)
    m, v = jnp.mean(X, axis=0), jnp.var(X, axis=0)
    plain = BatchNorm.make(UNITS, 0.1)
    Y, _ = plain.on_batch(X)
    same, _ = BatchNorm(jnp.sqrt(v + 0.1), m, m, v, 0.1).on_batch(X)
    through = jax.grad(lambda b: jnp.sum(C * free.on_batch(X + b[None])[0] ** 2))(jnp.ones(UNITS))
    return (
        X,
        C,
        Identities(
            moments=jnp.stack([jnp.mean(Y, axis=0), jnp.var(Y, axis=0), v / (v + 0.1)]),
            rescaled=jnp.stack([free.on_batch(X)[0], free.on_batch(7 * X - 3)[0]]),
            bias_gradient=through,
            backward=jnp.zeros((3, BATCH)),
            sums=jnp.stack([_sums(X[:, :1], C[:, :1], ε) for ε in EPSILONS]),
            restored=jnp.stack([X, same]),
            folds=_folds(layer, draw, X[0]),
            companions=_companions(layer, X, jax.random.normal(other, X.shape)),
        ),
    )


def random_norm(key: Array, n: int) -> BatchNorm:
    """A normalisation with random gains, biases and running averages."""
    γ, β, μ, σ = jax.random.normal(key, (4, n))
    return BatchNorm(γ, β, μ, σ**2 + 0.5)


def unit_graph(x: Any, c: Any, gamma: float = 2.0, beta: float = 0.5, eps: float = 1e-5) -> Tape:
    """The operations of one unit on a batch, C = Σ c (γ x̂ + β), on a tape."""
    c = np.asarray(c)

    def program(x: Any, gamma: Any, beta: Any) -> Any:
        d = x - np.sum(x) / c.size
        v = np.sum(d * d) / c.size
        return np.sum(c * (gamma * (d / np.sqrt(v + eps)) + beta))

    return record(program, np.asarray(x), gamma, beta, names=("x", "γ", "β"), output="C")


def _backward(x: Array, c: Array) -> Array:
    layer = BatchNorm(jnp.asarray([2.0]), jnp.asarray([0.5]), jnp.zeros(1), jnp.ones(1), 1e-5)
    cost = jax.jit(lambda x: jnp.sum(c * layer.on_batch(x[:, None])[0][:, 0]))
    return jnp.stack([jax.grad(cost)(x), unit_graph(x, c).adjoints()[0], numerical_jacobian(cost, np.asarray(x))[0]])


def _sums(X: Array, C: Array, ε: float) -> Array:
    layer = BatchNorm.make(1, ε)
    dX = jax.grad(lambda X: jnp.sum(C * layer.on_batch(X)[0]))(X)
    return jnp.stack([jnp.sum(dX), jnp.sum(dX * layer.on_batch(X)[0])])


def _folds(norm: BatchNorm, key: Array, x: Array) -> Array:
    one, bias = jax.random.split(key)
    layer = dataclasses.replace(Dense.make(UNITS, UNITS, one), b=jax.random.normal(bias, (UNITS,)))
    return jnp.stack([norm(layer(x)), fold(layer, norm)(x), layer(norm(x)), fold_before(norm, layer)(x)])


def _companions(norm: BatchNorm, X: Array, others: Array) -> Array:
    """The first example's outputs among its batch, and among others."""
    layers = jax.vmap(norm), lambda X: norm.on_batch(X)[0], *map(jax.vmap, _alone())
    pair = X, others.at[0].set(X[0])
    return jnp.stack([jnp.stack([layer(batch)[0] for batch in pair]) for layer in layers])


def _alone() -> tuple[Callable[[Array], Array], ...]:
    instance = GroupNorm.instance(2)  # of two maps of two numbers
    maps = lambda x: instance(x.reshape(2, 2)).reshape(UNITS)  # noqa: E731
    return LayerNorm.make(UNITS), GroupNorm.make(UNITS, 2), maps, RMSNorm.make(UNITS)


@functools.partial(jax.jit, compiler_options=ONCE)
def standardised_weights(key: Array) -> Float[Array, "2 units"]:
    """A dense layer with standardised weights W, and with those of 3 W + 2: outputs for one input, ε = 0."""
    layer, x = Dense.make(UNITS, UNITS, key), jax.random.normal(key, (UNITS,))
    moved = dataclasses.replace(layer, W=3 * layer.W + 2)
    return jnp.stack([WeightStandardised(one, 0.0)(x) for one in (layer, moved)])
