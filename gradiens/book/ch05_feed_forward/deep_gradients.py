"""Gradients in every layer of deep random networks, and how far the adjoints stay below their bound."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float

from gradiens.book.ch05_feed_forward.digit_training import ONCE, seeds
from gradiens.functions.activations import named
from gradiens.functions.losses import categorical_cross_entropy
from gradiens.nn.back_propagation import adjoints, forward_pass, layer_norms, parameter_gradient
from gradiens.nn.dense import Dense
from gradiens.nn.mlp import MLP

STEEPEST = {"sigmoid": 0.25, "tanh": 1.0, "relu": 1.0}  # the largest slope
ACTIVATIONS = tuple(STEEPEST)
CLASSES = 10
DEPTH, GROUP = 12, 4  # of the network with rematerialisation: of so many layers only the input is kept


def deep_gradients(
    config: Any, count: int, key: Array
) -> tuple[Float[np.ndarray, "3 S L"], Float[np.ndarray, "3 S B"]]:
    """Norms of the gradient by activation, seed and layer; and by activation, seed and example ‖δ[1]‖ over its bound. Weights
    N(0, 1/√N), inputs N(0, 1), random classes; the same for each activation."""
    sizes, batch = (config.width,) * config.depth + (CLASSES,), config.batch

    def draw(key: Array) -> tuple[MLP, Array, Array]:
        one, two = jax.random.split(jax.random.fold_in(key, 1))
        x = jax.random.normal(one, (batch, config.width))
        return MLP.make(sizes, key, "tanh", "lecun"), x, jax.random.randint(two, (batch,), 0, CLASSES)

    networks, x, y = jax.jit(jax.vmap(draw), compiler_options=ONCE)(seeds(key, count))
    spectral = np.stack([np.linalg.norm(np.asarray(layer.W), 2, axis=(1, 2)) for layer in networks.layers[1:]])
    norms, ratios = [], []
    for name, steepest in STEEPEST.items():
        found, first, last = jax.jit(jax.vmap(_back))(MLP(networks.layers, named(name)), x, y)
        norms.append(np.asarray(found))
        length, given = (np.linalg.norm(np.asarray(delta), axis=2) for delta in (first, last))
        ratios.append(length / (given * np.prod(steepest * spectral, axis=0)[:, None]))
    return np.stack(norms), np.stack(ratios)


def rematerialised(config: Any, key: Array) -> tuple[np.ndarray, float]:
    """Numbers of a tanh network's minibatch kept for the way back: of every layer, and of every GROUP-th, those between computed
    again; and the largest difference of the two gradients, relative to the largest component."""
    network = MLP.make((config.width,) * (DEPTH + 1), key, "tanh", "lecun")
    x = jax.random.normal(key, (config.batch, config.width))

    def cost(layers: tuple[Dense, ...], keep: Callable[[Any], Any]) -> Array:
        group = keep(lambda a, few: functools.reduce(lambda a, layer: network.activation(layer(a)), few, a))
        return jnp.sum(functools.reduce(group, [layers[at : at + GROUP] for at in range(0, DEPTH, GROUP)], x) ** 2)

    ways = [functools.partial(cost, keep=keep) for keep in (lambda f: f, jax.checkpoint)]
    back = [jax.eval_shape(lambda layers, way=way: jax.vjp(way, layers)[1], network.layers) for way in ways]
    kept = [sum(leaf.size for leaf in jax.tree.leaves(each) if leaf.shape[:1] == x.shape[:1]) for each in back]
    both = jax.jit(lambda layers: [ravel_pytree(jax.grad(way)(layers))[0] for way in ways], compiler_options=ONCE)
    plain, again = map(np.asarray, both(network.layers))
    return np.array(kept), float(np.abs(plain - again).max() / np.abs(plain).max())


def _back(network: MLP, x: Array, y: Array) -> tuple[Array, Array, Array]:
    """The norms of the gradient of the mean cost, layer by layer; δ[1] and δ[L] of each example."""
    kept = forward_pass(network, x)
    deltas = adjoints(network, kept, jax.vmap(jax.grad(categorical_cross_entropy))(kept.z[-1], y))
    return layer_norms(parameter_gradient(network, kept, deltas)) / len(x), deltas[0], deltas[-1]
