"""Digits told apart by their distance: an embedding that has learned from triplets of 0 … 7, judged on 8 and 9 too."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.book.ch06_convolutional.digit_canvases import Pixels, begin, outputs
from gradiens.classical.unsupervised.pca import fit_pca
from gradiens.data.canvases import triplets
from gradiens.functions.comparison_losses import contrastive, triplet
from gradiens.functions.metrics import auc
from gradiens.nn.pictures.siamese import Siamese
from gradiens.optim.adam import Adam
from gradiens.train.train_network import train_network

HELD_OUT = (8, 9)
DIMENSION = 16
_contrast = jax.jit(jax.vmap(contrastive))
DRAWN = 600  # test digits whose embeddings are drawn
JUDGED = 2000  # triplets of held-out digits
MARGIN = 0.5


class Paired(NamedTuple):
    """By seed: the AUC of the distance for "another digit", the share of triplets in order, and the mean contrastive loss of
    their pairs, of 8 and 9; and AUC and loss before training. Of the first seed, two components of the embeddings of a few."""

    auc: Float[np.ndarray, " S"]
    ordered: Float[np.ndarray, " S"]
    contrast: Float[np.ndarray, " S"]
    untrained: Float[np.ndarray, "2 S"]  # AUC, loss
    embedded: Float[np.ndarray, "D 2"]
    labels: Int[np.ndarray, " D"]


def triplet_cost(e: Float[Array, "3 D"], y: Array) -> Float[Array, ""]:
    """The loss of one triplet, anchor, positive and negative; there is no target."""
    return triplet(e[0], e[1], e[2], MARGIN)


def embedding_network(key: Array) -> Siamese:
    """To the sphere in 16 dimensions."""
    return Siamese.make(DIMENSION, key)


def pair(data: tuple[Pixels, Pixels], seeds: list[int], count: int, epochs: int) -> Paired:
    """Trained on triplets of the training digits but 8 and 9, judged on triplets of the test digits 8 and 9."""
    (x, y), test = data
    known = ~np.isin(y, HELD_OUT)
    rows = []
    for seed in seeds:
        chosen = triplets(y[known], count, seed)
        network = begin(embedding_network, seed)
        before, _, contrast = _judge(network, test, seed)
        given = x[known][chosen][:, :, None]
        nothing = np.zeros(count, np.float32)
        network, _ = train_network(
            network, given, nothing, triplet_cost, Adam(0.002), epochs, 50, seed, name="triplets"
        )
        rows.append((*_judge(network, test, seed), before, contrast, network))
    numbers = np.array([row[:5] for row in rows]).T
    embedded = embeddings(rows[0][5], test.x[:DRAWN])
    plane = fit_pca(embedded, 2).transform(embedded)
    return Paired(numbers[0], numbers[1], numbers[2], numbers[3:], plane, test.y[:DRAWN].astype(np.int64))


def embeddings(network: Siamese, x: Float[np.ndarray, "N 28 28"]) -> Float[np.ndarray, "N D"]:
    """Of each picture."""
    return np.asarray(outputs(network, jnp.asarray(x[:, None, None])))[:, 0]


def _judge(network: Siamese, test: Pixels, seed: int) -> tuple[float, float, float]:
    """The AUC of the squared distance over pairs, the share of triplets with the positive nearer, and the mean contrastive loss
    of the pairs, of held-out digits."""
    held = np.isin(test.y, HELD_OUT)
    e, chosen = embeddings(network, test.x[held]), triplets(test.y[held], JUDGED, seed)
    a, p, n = np.moveaxis(e[chosen], 1, 0).astype(np.float64)
    near, far = np.sum((a - p) ** 2, axis=1), np.sum((a - n) ** 2, axis=1)
    other = np.repeat([0, 1], JUDGED)
    loss = _contrast(np.concatenate([a, a]), np.concatenate([p, n]), 1 - other)
    return auc(other, np.concatenate([near, far])), float(np.mean(near < far)), float(np.mean(loss))
