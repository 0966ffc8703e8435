"""Detectors of digits with one stage and with two, and two networks for masks: the long experiment.

One stage says all of every anchor. With two, the first only proposes - objectness and box - and what lies in a proposal is cut
out, brought to 28 × 28 and read by a classifier of digits.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch06_convolutional.digit_canvases import (
    CLASSES,
    SIDE,
    Pixels,
    begin,
    mask_network,
    outputs,
    scoring_network,
    segment,
    several,
    truth_of,
)  # fmt: skip
from gradiens.book.ch06_convolutional.digit_networks import convolutional
from gradiens.data.canvases import Canvases
from gradiens.functions.cropping import crop_and_resize
from gradiens.functions.detection_cost import detection_cost, detection_targets
from gradiens.functions.detections import COCO, Found, mean_average_precision
from gradiens.functions.losses import categorical_cross_entropy
from gradiens.functions.reading import read_boxes
from gradiens.nn.chain import Chain
from gradiens.nn.pictures.detector import Detector
from gradiens.optim.adam import Adam
from gradiens.train.train_network import train_network

GIVEN, FRESH, EPOCHS, BATCH = 3000, 300, 10, 50
MASKS = 1000  # canvases for the networks that say of every pixel
CROP, PROPOSALS = 28, 8
LEAST, THRESHOLD = 0.05, 0.4
JITTER = np.float32(0.1)  # of the boxes that the second stage learns from, in sides


class Detected(NamedTuple):
    """mAP at IoU 0.5 of one stage, over IoU 0.5 … 0.95, and at 0.5 of two stages; mean IoU of masks by two networks."""

    one_stage: float
    coco: float
    two_stages: float
    unet: float
    fcn: float


def detect(data: tuple[Pixels, Pixels], seed: int) -> Detected:
    """Both, trained on canvases of one to three training digits and judged on canvases of test digits."""
    given, fresh = several(data[0], GIVEN, seed), several(data[1], FRESH, seed)
    truth, detector = truth_of(fresh), one_stage(given, seed)
    found = [read_boxes(b, s, LEAST, THRESHOLD) for b, s in zip(*_read(detector, fresh.x), strict=True)]
    both = two_stages(detector, reader(given, seed), fresh)
    return Detected(
        mean_average_precision(found, truth),
        mean_average_precision(found, truth, COCO, 101),
        mean_average_precision(both, truth),
        *(float(segment(data, [seed], MASKS, 6, FRESH, make).iou[0]) for make in (mask_network, scoring_network)),
    )


def detecting_network(key: Array) -> Detector:
    """Four anchors for each cell of 8 × 8 pixels."""
    return Detector.make(CLASSES, key, (1, SIDE, SIDE))


def one_stage(given: Canvases, seed: int, epochs: int = EPOCHS) -> Detector:
    """Trained on all anchors of all canvases."""
    detector = begin(detecting_network, seed)
    targets = detection_targets(detector.anchors, given.boxes, given.classes)
    return train_network(detector, given.x, targets, detection_cost, Adam(0.003), epochs, BATCH, seed, name="detector")[
        0
    ]


def reader(given: Canvases, seed: int, epochs: int = 4) -> Chain:
    """A classifier of what is cut out along boxes that are as inexact as proposals are: corners moved by a tenth of the sides."""
    rows, at = np.nonzero(given.classes >= 0)
    boxes = given.boxes[rows, at]
    sides = np.tile(boxes[:, 2:] - boxes[:, :2], (1, 2))
    moved = boxes + JITTER * sides * np.random.default_rng(seed).normal(size=boxes.shape).astype(np.float32)
    x = np.asarray(_crops(jnp.asarray(given.x[rows]), jnp.asarray(moved)))
    y = given.classes[rows, at].astype(np.int32)
    network = convolutional(jax.random.key(seed))
    return train_network(network, x, y, categorical_cross_entropy, Adam(0.003), epochs, BATCH, seed, name="reader")[0]


def two_stages(detector: Detector, network: Chain, fresh: Canvases) -> list[Found]:
    """Proposals by objectness alone, whatever the class; each is read by the network."""
    found = []
    for x, boxes, scores in zip(fresh.x, *_read(detector, fresh.x), strict=True):
        proposed = read_boxes(boxes, scores.sum(axis=1, keepdims=True), LEAST, THRESHOLD, PROPOSALS)
        n = len(proposed.boxes)
        whole = np.tile(np.array([0, 0, SIDE, SIDE], np.float32), (PROPOSALS, 1))  # one shape, one program
        whole[:n] = proposed.boxes
        crops = _crops(jnp.broadcast_to(jnp.asarray(x)[None], (PROPOSALS, *x.shape)), jnp.asarray(whole))
        p = np.asarray(jax.nn.softmax(outputs(network, crops), axis=1))[:n]
        found.append(Found(proposed.boxes, p.argmax(axis=1), proposed.scores * p.max(axis=1, initial=0)))
    return found


@jax.jit
def _crops(x: Float[Array, "N 1 H W"], boxes: Float[Array, "N 4"]) -> Float[Array, "N 1 28 28"]:
    return jax.vmap(lambda one, box: crop_and_resize(one, box, CROP))(x, boxes)


def _read(detector: Detector, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    boxes, scores = jax.jit(jax.vmap(detector.read))(outputs(detector, x))
    return np.asarray(boxes), np.asarray(scores)
