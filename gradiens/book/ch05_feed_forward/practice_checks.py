"""What else a practitioner decides beside the start: units that stay equal, inputs in standard units, the size of a minibatch,
a schedule with a warm-up, an average of the weights, an end in time."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch05_feed_forward.digit_training import ONCE, Rows
from gradiens.classical.features.standardised import Standardised
from gradiens.core.iterate import iterate
from gradiens.functions.losses import categorical_cross_entropy
from gradiens.nn.back_propagation import adjoints, forward_pass, layer_norms, parameter_gradient, per_example_norms
from gradiens.nn.initialisers import lecun, orthogonal
from gradiens.nn.mlp import MLP
from gradiens.optim.adam import Adam
from gradiens.optim.averaging import averaged
from gradiens.optim.descent import Descent
from gradiens.optim.noise_scale import signal_and_noise
from gradiens.optim.schedules import WarmUp
from gradiens.optim.solution import solution
from gradiens.train.early_stopping import stopped
from gradiens.train.training import batch_cost

RATE, MEMORY, STEPS, PATIENCE, FEW = 1e-2, 0.9, 60, 10, 200
WAYS = ("constant step size", "warm-up, then a cosine")
LAYERS, UNITS = 50, 64  # of the linear layers


class Practice(NamedTuple):
    """What the parts of this file found."""

    moved: Float[np.ndarray, " hidden"]  # σ from zero weights: the largest weight of W[l] after training
    spread: Float[np.ndarray, " hidden"]  # and the largest difference of two of its rows
    singular: Float[
        np.ndarray, "2 2"
    ]  # of linear layers, orthogonal and N(0, 1/N): the product's largest and middle one
    curvature: Float[np.ndarray, "2"]  # λ_max of the inputs' second moments over their mean: pixels, standard units
    noise: Float[Array, ""]  # the noise scale: a batch of so many is half noise
    cost: Float[np.ndarray, "2 2"]  # by WAYS: of the unseen pictures at the last weights, and at their average
    ends: Float[np.ndarray, "2 2"]  # by WAYS: the step at which patience ends it, and the step that it keeps


def practice(network: MLP, rows: Rows, key: Array) -> Practice:
    """The parts for a network of relu units from He's start, on these pictures; what is trained are its first two layers and its
    last, on the first FEW of them."""
    x = np.asarray(rows[0], np.float64)
    few, others = ((rows[0][at], rows[1][at]) for at in (slice(FEW), slice(FEW, 2 * FEW)))
    short = MLP((*network.layers[:2], network.layers[-1]), network.activation)
    moved, spread = _equal_units(short, few)
    cost, ends = _schedules(short, few, others)
    return Practice(
        moved=moved,
        spread=spread,
        singular=_products(key),
        curvature=np.array([_curvature(x), _curvature(Standardised.of(x).apply(x))]),
        noise=_noise(network, rows),
        cost=cost,
        ends=ends,
    )


def _cost(network: MLP, rows: Rows) -> Float[Array, ""]:
    return batch_cost(categorical_cross_entropy, network, *rows)[0]


def _equal_units(network: MLP, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """The same layers of σ units from zero weights: full-batch ADAM."""
    zeros = jax.tree.map(jnp.zeros_like, MLP(network.layers, "sigmoid"))
    descent = Descent(lambda theta, _: _cost(theta, rows), Adam(RATE))
    trained = iterate(descent, zeros, steps=STEPS, keep=0, quiet=True).state.theta
    hidden = [np.asarray(layer.W) for layer in trained.layers[:-1]]
    return np.array([np.abs(W).max() for W in hidden]), np.array([np.ptp(W, axis=0).max() for W in hidden])


def _products(key: Array) -> np.ndarray:
    """The largest and the middle singular value of the product of LAYERS square matrices, from either start."""
    keys = jax.random.split(key, LAYERS)
    drawn = jax.jit(
        jax.vmap(lambda k: [start(k, (UNITS, UNITS)) for start in (orthogonal, lecun)]), compiler_options=ONCE
    )
    products = [functools.reduce(np.matmul, np.asarray(W)) for W in drawn(keys)]
    return np.array([np.linalg.svd(W, compute_uv=False)[[0, UNITS // 2]] for W in products])


def _curvature(x: np.ndarray) -> float:
    """Of the quadratic cost of a linear unit: its largest curvature over the mean one."""
    return float(np.linalg.norm(x, 2) ** 2 / np.mean(np.sum(x**2, axis=0)))


@jax.jit
def _noise(network: MLP, rows: Rows) -> Float[Array, ""]:
    """tr Σ / |G|² from the lengths of the gradients of single pictures, and of their mean."""
    kept = forward_pass(network, rows[0])
    deltas = adjoints(network, kept, jax.vmap(jax.grad(categorical_cross_entropy))(kept.z[-1], rows[1]))
    n = len(rows[1])
    small = jnp.mean(per_example_norms(kept, deltas) ** 2)
    big = jnp.sum(layer_norms(parameter_gradient(network, kept, deltas)) ** 2) / n**2
    signal, noise = signal_and_noise(small, big, 1, n)
    return noise / signal


def _schedules(network: MLP, rows: Rows, unseen: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Full-batch ADAM at a constant step size, and with a warm-up and a cosine, its weights averaged; both side by side."""
    either = WarmUp(STEPS, share=jnp.array([0.0, 0.1]), floor=jnp.array([1.0, 0.0]))  # pyright: ignore
    descent = Descent(lambda theta, _: _cost(theta, rows), averaged(Adam(RATE), MEMORY), either)

    def watched(state: Any, info: Any) -> Array:
        return jnp.stack([_cost(theta, unseen) for theta in (state.theta, solution(state.optimizer, state.theta))])

    told = np.asarray(iterate(descent, network, steps=STEPS, record=watched, keep=None, quiet=True).trace)
    last, average = told.reshape(STEPS, len(WAYS), 2).transpose(2, 1, 0)
    ends = [stopped(row, PATIENCE) for row in last]
    return np.stack([last[:, -1], average[:, -1]], axis=1), np.array(ends, np.float64) + 1
