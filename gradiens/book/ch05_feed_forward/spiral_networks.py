"""The two arms of a spiral told apart by one hidden layer of tanh units, from many starts; in single precision."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.book.ch03_simple_networks.spiral import Spiral, spiral
from gradiens.book.ch05_feed_forward.digit_training import ONCE, seeds, single
from gradiens.core.iterate import iterate
from gradiens.functions.losses import binary_cross_entropy
from gradiens.nn.mlp import MLP
from gradiens.optim.adam import Adam
from gradiens.optim.descent import Descent

UNITS = (0, 2, 4, 10)
INITS = ("normal", "glorot")
AXIS = np.linspace(-1.3, 1.3, 131)


class Separations(NamedTuple):
    """By initialiser (INITS), number of hidden units (UNITS) and start; the classes in the square of the best network."""

    accuracy: Float[np.ndarray, "2 4 S"]
    regions: Int[np.ndarray, "4 G G"]
    x: Float[np.ndarray, "N 2"]
    y: Int[np.ndarray, " N"]


def separations(config: Any, key: Array) -> Separations:
    """Full-batch ADAM from `config.starts` starts of either kind, for each number of units, side by side."""
    points = spiral(jax.random.fold_in(key, 0))  # the first spiral of the section on curved boundaries
    keys = seeds(jax.random.fold_in(key, 1), config.starts)
    found = [_trained(units, points, config, keys) for units in (UNITS[:1], UNITS[1:])]
    shares, classes = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Separations(shares.swapaxes(0, 1), classes, points.x, points.y)


def _trained(
    sizes: tuple[int, ...], points: Spiral, config: Any, keys: Array
) -> tuple[Float[np.ndarray, "U 2 S"], Int[np.ndarray, "U G G"]]:
    """Training accuracies by number of units, initialiser and start, and the classes in the square."""
    x, y = single((jnp.asarray(points.x), jnp.asarray(points.y)))

    def cost(network: MLP, _: Any) -> Array:
        return jnp.mean(jax.vmap(binary_cross_entropy)(jax.vmap(network)(x)[:, 0], y))

    starts = single(jax.jit(lambda keys: _starts(sizes, keys), compiler_options=ONCE)(keys))
    lanes = jnp.tile(
        keys, len(sizes) * len(INITS)
    )  # the loop wants a key for each lane; the whole batch needs no chance
    descent = Descent(cost, Adam(config.rate))
    trained = iterate(descent, starts, steps=config.steps, key=lanes, start_axis=0, keep=0, quiet=True).state.theta
    plane = np.stack(np.meshgrid(AXIS, AXIS), axis=-1).reshape(-1, 2)
    everywhere = single(jnp.asarray(np.concatenate([points.x, plane])))
    arms = np.asarray(jax.jit(jax.vmap(lambda network: jax.vmap(network)(everywhere)[:, 0] > 0))(trained))
    shares = np.mean(arms[:, : len(x)] == (points.y == 1)[None], axis=1).reshape(len(sizes), -1)
    best = arms.reshape(*shares.shape, -1)[np.arange(len(sizes)), shares.argmax(axis=1), len(x) :]
    square = best.reshape(-1, len(AXIS), len(AXIS)).astype(np.int8)
    return shares.reshape(len(sizes), len(INITS), -1), square


def _starts(sizes: tuple[int, ...], keys: Array) -> MLP:
    """The networks of all sizes, initialisers and keys on one axis, each with as many units as the largest: those that it should
    not have are 0 in all their weights, so that their gradients are 0, and stay so."""
    made = [
        jax.vmap(lambda key, n=n, init=init: MLP.make((2, n, 1) if n else (2, 1), key, "tanh", init))(keys)
        for n in sizes
        for init in INITS
    ]
    widest = jax.tree.map(lambda *leaves: np.max([leaf.shape for leaf in leaves], axis=0), *made)

    def widened(leaf: Array, shape: np.ndarray) -> Array:
        return jnp.pad(leaf, [(0, most - n) for n, most in zip(leaf.shape, shape, strict=True)])

    return jax.tree.map(lambda *leaves: jnp.concatenate(leaves), *(jax.tree.map(widened, m, widest) for m in made))
