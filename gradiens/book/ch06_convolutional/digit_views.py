"""What a network that reads digits has learned to look at: maps of four digits, the fall of a unit, a score shared out."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from gradiens.book.ch06_convolutional.digit_networks import Digits, logits
from gradiens.functions.activations import softmax
from gradiens.interpret.deconvolution import deconvolved
from gradiens.interpret.deletion import deletion_curve
from gradiens.interpret.grad_cam import enlarged, grad_cam
from gradiens.interpret.integrated_gradients import integrated_gradients
from gradiens.interpret.layers import feature_maps
from gradiens.interpret.occlusion import occlusion
from gradiens.interpret.saliency import saliency, smooth_saliency
from gradiens.interpret.tsne import tsne
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.receptive_field import receptive_field

SHARES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5)  # of the pixels, greyed
JUDGED = SHARES.index(0.1)
SECOND = 3  # the place of the second convolution in the chain
UNIT = (5, 4, 6)  # one of its units: map, row, column
STEPS = 300  # of the integrated gradients that are held to their sum
SHOWN = 25  # of those that are drawn


class Views(NamedTuple):
    """Of four digits: the picture, its class, the class read, and a map by each method."""

    x: Float[np.ndarray, "4 28 28"]
    y: Int[np.ndarray, "4"]
    c: Int[np.ndarray, "4"]
    saliency: Float[np.ndarray, "4 28 28"]
    smooth: Float[np.ndarray, "4 28 28"]
    integrated: Float[np.ndarray, "4 28 28"]
    occlusion: Float[np.ndarray, "4 28 28"]
    cam: Float[np.ndarray, "4 28 28"]


class Layers(NamedTuple):
    """The kernels of the first layer, the maps of one digit, and where in the digit four of the last maps come from."""

    filters: Float[np.ndarray, "8 5 5"]
    first: Float[np.ndarray, "8 24 24"]
    second: Float[np.ndarray, "16 10 10"]
    traced: Float[np.ndarray, "4 28 28"]


class Fall(NamedTuple):
    """How far one unit of the second convolution falls with each patch, which patches touch what it sees, and its value."""

    fall: Float[np.ndarray, "28 28"]
    touched: Bool[np.ndarray, "28 28"]
    value: float


class Shared(NamedTuple):
    """Of a smooth network, for four digits: the sum of the integrated gradients, and what it should be."""

    sums: Float[np.ndarray, "4"]
    differences: Float[np.ndarray, "4"]


class Deleted(NamedTuple):
    """The probability of the class read, by share of the pixels greyed: the most salient, and as many at random."""

    salient: Float[np.ndarray, "N S"]
    random: Float[np.ndarray, "N S"]


def views(network: Chain, data: Digits, key: Array) -> Views:
    """The first four validation digits."""
    x = jnp.asarray(data.x_val[:4])
    c = jnp.argmax(logits(network, x), axis=1)
    found = _views(network, x, c, jax.random.split(key, 4))
    return Views(np.asarray(x)[:, 0], data.y_val[:4], np.asarray(c), *map(np.asarray, found))


@jax.jit
def _views(network: Chain, x: Array, c: Array, keys: Array) -> tuple[Array, ...]:
    def one(x: Array, c: Array, key: Array) -> tuple[Array, ...]:
        features, head = Chain(network.blocks[: SECOND + 2]), Chain(network.blocks[SECOND + 2 :])
        return (
            saliency(network, x, c)[0],
            smooth_saliency(network, x, key, c, sigma=0.15)[0],
            integrated_gradients(network, x, c, steps=SHOWN)[0],
            occlusion(network, x, c),
            enlarged(grad_cam(features, head, x, c), (28, 28)),
        )

    return jax.vmap(one)(x, c, keys)


def layers(network: Chain, x: Float[Array, "1 28 28"]) -> Layers:
    """Of one digit."""
    seen = jax.jit(lambda network, x: [one.output for one in feature_maps(network, x)])(network, x)
    last = np.asarray(seen[SECOND + 2])
    strongest = np.argsort(-last.max(axis=(1, 2)), kind="stable")[:4]
    below = Chain(network.blocks[: SECOND + 3])
    traced = jax.jit(jax.vmap(deconvolved, (None, None, 0)))(below, x, jnp.asarray(strongest))
    maps = map(np.asarray, (seen[1], seen[SECOND + 1], traced[:, 0]))
    return Layers(np.asarray(network.blocks[0].W)[:, 0], *maps)


def fall(network: Chain, x: Float[Array, "1 28 28"], window: int) -> Fall:
    """A patch over one unit of the second convolution, in double precision; without padding its field begins at step · i."""
    network, x = jax.tree.map(lambda leaf: jnp.asarray(leaf, float), (network, x))
    k, i, j = UNIT
    below = Chain(network.blocks[: SECOND + 1])
    unit = lambda x: below(x)[k, i, j]  # noqa: E731
    found = jax.jit(lambda x: (occlusion(unit, x, window=window), unit(x)))(x)
    field = receptive_field(below)[-1]
    rows, columns = (_touched(field.step * first, field.size, window) for first in (i, j))
    return Fall(np.asarray(found[0]), rows[:, None] & columns[None], float(found[1]))


def _touched(first: int, size: int, window: int) -> np.ndarray:
    """Of each centre of a patch, whether the patch touches the rows first … first + size - 1."""
    top = np.arange(28) - (window - 1) // 2
    return (top + window > first) & (top < first + size)


@jax.jit
def shared(network: Chain, x: Float[Array, "4 1 28 28"], c: Int[Array, "4"]) -> Shared:
    """Integrated gradients from black, by the midpoint rule."""
    score = jax.vmap(lambda x, c: network(x)[c])
    one = lambda x, c: jnp.sum(integrated_gradients(network, x, c, steps=STEPS))  # noqa: E731
    return Shared(jax.vmap(one)(x, c), score(x, c) - score(jnp.zeros_like(x), c))  # pyright: ignore


@jax.jit
def deleted(network: Chain, x: Float[Array, "N 1 28 28"], key: Array) -> Deleted:
    """Both curves of every picture."""
    p = lambda x: softmax(network(x))  # noqa: E731

    def one(x: Array, key: Array) -> tuple[Array, Array]:
        c = jnp.argmax(network(x))
        salient, random = saliency(network, x, c)[0], jax.random.uniform(key, (28, 28), x.dtype)
        return deletion_curve(p, x, salient, c, SHARES), deletion_curve(p, x, random, c, SHARES)

    return Deleted(*jax.vmap(one)(x, jax.random.split(key, len(x))))  # pyright: ignore


def codes(network: Chain, x: Float[np.ndarray, "N 1 28 28"], seed: int) -> Float[np.ndarray, "N 2"]:
    """t-SNE of the 400 features that the dense layer gets."""
    features = jax.jit(jax.vmap(Chain(network.blocks[:-1])))
    return tsne(np.asarray(features(jnp.asarray(x))), seed, steps=300)
