"""What holds of boxes, masks, triplets and slid heads whatever they are, on random ones in double precision."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from gradiens.book.ch06_convolutional.digit_canvases import WINDOW
from gradiens.functions.boxes import iou
from gradiens.functions.comparison_losses import triplet
from gradiens.functions.overlap import mask_dice, mask_iou
from gradiens.functions.suppression import overlaps, suppress
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.sliding import as_convolution, slid, window_answers
from gradiens.nn.dense import Dense

BOXES, LISTS, MASKS, TRIPLES = 1000, 60, 200, 500
THRESHOLDS = (0.1, 0.3, 0.5, 0.7)
MARGIN = 0.5
CORNER = 36  # of the canvas, over which the network slides: 3 × 3 windows


class Overlaps(NamedTuple):
    """IoU of pairs of boxes that differ: as they are, the other way round, moved and scaled; and of each box with itself."""

    of: Float[np.ndarray, " N"]
    swapped: Float[np.ndarray, " N"]
    moved: Float[np.ndarray, " N"]
    itself: Float[np.ndarray, " N"]


class Suppressed(NamedTuple):
    """Of lists of boxes: the threshold, the largest IoU of what is kept, whether all of it is kept again, and the best is."""

    threshold: Float[np.ndarray, " L"]
    largest: Float[np.ndarray, " L"]
    again: Bool[np.ndarray, " L"]
    best: Bool[np.ndarray, " L"]


class Triplets(NamedTuple):
    """d(a, p), d(a, n), the loss, and the margin."""

    near: Float[np.ndarray, " T"]
    far: Float[np.ndarray, " T"]
    loss: Float[np.ndarray, " T"]
    margin: float


class Slid(NamedTuple):
    """A random head on random maps, as one convolution and window by window; the trained network on a canvas likewise."""

    convolved: Float[np.ndarray, "O H W"]
    each: Float[np.ndarray, "O H W"]
    network: Float[np.ndarray, "K H2 W2"]
    windows: Float[np.ndarray, "K H2 W2"]


class Identities(NamedTuple):
    """All of them; of masks IoU and Dice side by side."""

    iou: Overlaps
    suppression: Suppressed
    masks: Float[np.ndarray, "M 2"]
    triplets: Triplets
    slid: Slid


def identities(network: Chain, canvas: Float[np.ndarray, "1 H W"], key: Array) -> Identities:
    """Random boxes, lists, masks and triples from the key; the network is that of the windows."""
    rng = np.random.default_rng(int(jax.random.randint(key, (), 0, 2**31 - 1)))
    return Identities(_iou(rng), _suppressed(rng), _masks(rng), _triplets(rng), _slid(network, canvas, rng))


def _boxes(rng: np.random.Generator, n: int) -> np.ndarray:
    low = rng.uniform(0, 20, (n, 2))
    return np.concatenate([low, low + rng.uniform(1, 15, (n, 2))], axis=1)


def _iou(rng: np.random.Generator) -> Overlaps:
    a, b = jnp.asarray(_boxes(rng, BOXES)), jnp.asarray(_boxes(rng, BOXES))
    scale, shift = rng.uniform(0.1, 10), jnp.asarray(np.tile(rng.normal(size=(1, 2)), (1, 2)))
    moved = iou(scale * a + shift, scale * b + shift)
    # operation by operation: a compiled program may round a product and a sum as one, and be off by the last bit
    return Overlaps(*(np.asarray(found) for found in (iou(a, b), iou(b, a), moved, iou(a, a))))


def _suppressed(rng: np.random.Generator) -> Suppressed:
    rows = []
    for i in range(LISTS):
        boxes, scores, threshold = _boxes(rng, 40), rng.uniform(size=40), THRESHOLDS[i % len(THRESHOLDS)]
        kept = suppress(boxes, scores, threshold)
        among = overlaps(boxes[kept], boxes[kept]) - np.eye(len(kept))
        again = np.array_equal(suppress(boxes[kept], scores[kept], threshold), np.arange(len(kept)))
        rows.append((threshold, among.max(), again, scores.argmax() in kept))
    return Suppressed(*map(np.array, zip(*rows, strict=True)))


def _masks(rng: np.random.Generator) -> np.ndarray:
    pairs = [rng.random((2, 8, 8)) < rng.uniform(0.1, 0.9) for _ in range(MASKS)]
    return np.array([(mask_iou(a, b), mask_dice(a, b)) for a, b in pairs])


def _triplets(rng: np.random.Generator) -> Triplets:
    a, p, n = jnp.asarray(rng.normal(size=(3, TRIPLES, 4)))
    near, far = (np.sum(np.asarray(a - other) ** 2, axis=1) for other in (p, n))
    loss = jax.jit(jax.vmap(lambda a, p, n: triplet(a, p, n, MARGIN)))(a, p, n)
    return Triplets(near, far, np.asarray(loss), MARGIN)


def _slid(network: Chain, canvas: np.ndarray, rng: np.random.Generator) -> Slid:
    head = Dense(jnp.asarray(rng.normal(size=(3, 4 * 5 * 5))), jnp.asarray(rng.normal(size=3)))
    maps = jnp.asarray(rng.normal(size=(4, 9, 11)))
    whole, canvas = slid(network, (1, WINDOW, WINDOW)), canvas[:, :CORNER, :CORNER]

    @jax.jit
    def found(maps: Array, x: Array) -> tuple[Array, ...]:
        each = [[head(maps[:, i : i + 5, j : j + 5].reshape(-1)) for j in range(7)] for i in range(5)]
        convolved = as_convolution(head, (4, 5, 5))(maps)
        return convolved, jnp.moveaxis(jnp.array(each), -1, 0), whole(x), window_answers(network, x, WINDOW)

    return Slid(*map(np.asarray, found(maps, jnp.asarray(canvas))))
