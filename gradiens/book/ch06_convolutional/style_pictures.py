"""A canvas of digits in the style of diagonal stripes, by the maps of the network that has learned to find digits."""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from gradiens.functions.style import gram, style_cost
from gradiens.nn.chain import Chain
from gradiens.train.style_transfer import Depths, transfer

STEPS, PERIOD = 150, 6
WEIGHTS = (1.0, 1000.0, 0.1)  # content, style, roughness


class Painted(NamedTuple):
    """Content, style and the picture made; the cost of every step; how far from the style the content was, and the picture is."""

    pictures: Float[np.ndarray, "3 48 48"]
    cost: Float[np.ndarray, " T"]
    apart: Float[np.ndarray, "2"]


def paint(network: Chain, content: Float[np.ndarray, "1 48 48"]) -> Painted:
    """The content is what the second convolution says of the canvas, the style what both say of the stripes."""
    i, j = np.indices(content.shape[1:])
    stripes = (0.5 + 0.5 * np.sin(2 * np.pi * (i + j) / PERIOD)).astype(np.float32)[None]
    features = Depths(network, 2)
    made, cost = transfer(features, content, stripes, STEPS, 0.02, WEIGHTS)
    grams = [gram(F) for F in features(jnp.asarray(stripes))]
    apart = [float(style_cost(features(jnp.asarray(x)), grams)) for x in (content, made)]
    return Painted(np.concatenate([content, stripes, made]), cost, np.array(apart))
