"""Grids over canvases before anything is trained: which anchors hold a digit, what the others cost, how far a cell sees."""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch06_convolutional.digit_canvases import CLASSES, SIDE, begin
from gradiens.functions.anchors import BACKGROUND, assign, grid_of_anchors
from gradiens.functions.detections import Found
from gradiens.functions.focal import focal
from gradiens.functions.suppression import overlaps
from gradiens.nn.pictures.feature_pyramid import FeaturePyramid

CELL, SIZES, RATIOS = 8, (14.0, 20.0), (1.0, 2.5)  # four anchors for each cell, as the detector of the long run has
RARE = 0.01  # the probability of a digit with which an anchor begins
FOCI = (0.0, 2.0)  # γ: cross-entropy, and the focal loss


class Grids(NamedTuple):
    """Of canvases with digits: the share of the digits that an anchor overlaps by a half; the share of the anchors that are
    background; the share of these in the cost of objectness at the start, by γ; and how many pixels a fine cell of a pyramid
    answers to, by its own level alone and by all."""

    covered: float
    empty: float
    background: Float[np.ndarray, "2"]
    reach: Float[np.ndarray, "2"]


def grids(truth: list[Found], x: Float[np.ndarray, "1 H W"], seed: int) -> Grids:
    """The anchors on canvases with these digits; a pyramid with weights by the seed, on the canvas x."""
    anchors = grid_of_anchors(SIDE // CELL, SIDE // CELL, CELL, SIZES, RATIOS)
    covered = np.concatenate([overlaps(anchors, one.boxes).max(axis=0) >= 0.5 for one in truth])
    boxes = np.concatenate([assign(anchors, one.boxes).box for one in truth])
    empty, holds = np.mean(boxes == BACKGROUND), np.mean(boxes >= 0)
    z = jnp.log(RARE / (1 - RARE))
    of = np.array([[focal(z, jnp.asarray(y), 0.5, γ) for y in (0.0, 1.0)] for γ in FOCI])
    cost = of * np.array([empty, holds])
    return Grids(float(covered.mean()), float(empty), cost[:, 0] / cost.sum(axis=1), _reach(jnp.asarray(x), seed))


def pyramid(key: Array) -> FeaturePyramid:
    """Cells of 2, 4 and 8 pixels."""
    return FeaturePyramid.make(CLASSES + 5, key, (1, SIDE, SIDE))


def _reach(x: Float[Array, "1 H W"], seed: int) -> Float[np.ndarray, "2"]:
    """Pixels with a derivative in the numbers of the cell in the middle of the finest level."""
    network = begin(pyramid, seed)
    of_coarse = lambda network: [across.W for across in network.across[1:]]  # noqa: E731
    alone = eqx.tree_at(of_coarse, network, replace_fn=jnp.zeros_like)
    middle = (SIDE // 4) * (SIDE // 2 + 1)
    slope = jax.jit(jax.grad(lambda x, network: jnp.sum(network(x)[middle])))
    noisy = x + 0.1 * jax.random.normal(jax.random.key(seed), x.shape, x.dtype)  # equal pixels have one maximum only
    return np.array([np.count_nonzero(slope(noisy, one)) for one in (alone, network)], np.float64)
