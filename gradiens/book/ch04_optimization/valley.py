"""The landscape of σ(w₂ σ(w₁ x)) on six points, and its valley that falls towards infinity; minima of a small network."""

from __future__ import annotations

from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch04_optimization.paths import paths_of
from gradiens.functions.activations import sigmoid
from gradiens.functions.losses import binary_cross_entropy, squared
from gradiens.optim.newton import Newton
from gradiens.optim.problems.small_network import SmallNetwork

LOSSES = ("Squared error", "Cross-entropy")  # a sum, a mean
INFIMA = (17 / 12, (3 * np.log(3) + np.log(2)) / 6)
FAR = (2.0, 4.0, 8.0, 16.0, 32.0, 64.0)  # w₁ along the valley
BETTER = 4  # so many of them are told apart in double precision
X, Y = np.array([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0]), np.array([1.0, 0.0, 0.0, 1.0, 1.0, 0.0])
EXTENT = 20.0


def _squared(w2: Array, w1: Array) -> Array:
    return squared(sigmoid(w2 * sigmoid(w1 * X)), jnp.asarray(Y))


def _cross_entropy(w2: Array, w1: Array) -> Array:
    return binary_cross_entropy(w2 * sigmoid(w1 * X), jnp.asarray(Y)) / len(X)


COSTS = (_squared, _cross_entropy)


def landscape(step: float) -> tuple[Float[np.ndarray, "G"], Float[Array, "2 G G"]]:
    """The grid on [-20, 20], and both costs, rows by w₂."""
    n = round(EXTENT / step)
    w = np.arange(-n, n + 1) * step
    grid = lambda f: jax.vmap(jax.vmap(f, (None, 0)), (0, None))  # noqa: E731
    return w, jnp.stack([grid(f)(jnp.asarray(w), jnp.asarray(w)) for f in COSTS])


def valley() -> tuple[Float[Array, "2 F"], Float[Array, "2 F"]]:
    """For each w₁ of FAR the least cost over w₂ near ln 2, by Newton's method, and w₂ there."""
    w1 = jnp.asarray(FAR)
    starts = jnp.full((len(FAR), 1), np.log(2))
    paths = [paths_of(lambda theta, w1, f=f: f(theta[0], w1), Newton(), starts, 20, w1)[0] for f in COSTS]
    return jnp.stack([path.value[:, -1] for path in paths]), jnp.stack([path.theta[:, -1, 0] for path in paths])


def symmetric_minima() -> Float[np.ndarray, "3"]:
    """The copies of a minimum under permutations of the hidden units and signs; the largest cost at one; the highest cost
    on the straight ways from each to the next."""
    problem = SmallNetwork()
    minima = problem.minimisers()
    share = np.linspace(0, 1, 21)[:, None]
    between = np.concatenate([a * (1 - share) + b * share for a, b in pairwise(minima)])
    cost = jax.jit(jax.vmap(problem))
    return np.array([len(np.unique(minima, axis=0)), float(cost(minima).max()), float(cost(between).max())])
