"""Digits at random places of a canvas of 48 × 48: found by a box, by windows, and pixel by pixel."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from gradiens.data.canvases import Canvases, make_canvases
from gradiens.data.sets.mnist import mnist
from gradiens.data.windows import cut_windows
from gradiens.functions.boxes import giou, iou
from gradiens.functions.comparison_losses import soft_dice
from gradiens.functions.detection_cost import class_and_box
from gradiens.functions.detections import Found
from gradiens.functions.losses import binary_cross_entropy
from gradiens.functions.overlap import mask_dice, mask_iou
from gradiens.functions.reading import read_boxes
from gradiens.nn.batched import on_batch
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.convolutions.pool import Flatten, MaxPool
from gradiens.nn.convolutions.sliding import read_windows, slid, stride_of
from gradiens.nn.dense import Dense
from gradiens.nn.pictures.box_head import BoxHead
from gradiens.nn.pictures.fcn import FCN
from gradiens.nn.pictures.unet import UNet
from gradiens.optim.adam import Adam
from gradiens.train.train_network import train_network

SIDE, WINDOW, PADDING = 48, 28, 8
CLASSES = 10
NOISE = 0.3
SHOWN = 6


class Pixels(NamedTuple):
    """Digits as pixels of 0 … 1 and their classes."""

    x: Float[np.ndarray, "N 28 28"]
    y: np.ndarray


class Located(NamedTuple):
    """By seed: the mean overlap of boxes (IoU, and the generalised one), the share of classes right; and of the first seed a few
    canvases."""

    overlap: Float[np.ndarray, " S"]
    general: Float[np.ndarray, " S"]
    right: Float[np.ndarray, " S"]
    pictures: Float[np.ndarray, "6 48 48"]
    boxes: Float[np.ndarray, "6 2 4"]  # true, found


class Segmented(NamedTuple):
    """By seed: the mean overlap of masks, and the mean Dice loss of the probabilities they are cut from; and of the first seed a
    few canvases."""

    iou: Float[np.ndarray, " S"]
    dice: Float[np.ndarray, " S"]
    soft: Float[np.ndarray, " S"]
    pictures: Float[np.ndarray, "6 48 48"]
    masks: Bool[np.ndarray, "2 6 48 48"]  # true, found


def digits(train: bool, images: int = 10_000) -> Pixels:
    """The first training or test images."""
    data = mnist()
    pixels, labels = (data.pixels, data.labels) if train else (data.test_pixels, data.test_labels)
    assert pixels is not None and labels is not None
    return Pixels(pixels[:images].astype(np.float32) / np.float32(data.maximum), labels[:images])


@functools.partial(jax.jit, static_argnums=0)
def drawn(make: Callable[[Array], Any], key: Array) -> Any:
    """The network that `make` draws, in one program, in single precision."""
    return jax.tree.map(lambda leaf: leaf.astype(jnp.float32), make(key))


def begin(make: Callable[[Array], Any], seed: int) -> Any:
    """The network that `make` draws with the seed's key: of a generator whose programs compile in a third of the time."""
    return drawn(make, jax.random.key(seed, impl="rbg"))


def box_network(key: Array) -> BoxHead:
    """For class and box."""
    return BoxHead.make(CLASSES, key, (1, SIDE, SIDE))


def mask_network(key: Array) -> UNet:
    """One level, 8-16-8 maps, one convolution each."""
    return UNet.make(1, 1, key, (SIDE, SIDE), (8, 16), 1)


def scoring_network(key: Array) -> FCN:
    """Three depths, of which two give their scores."""
    return FCN.make(1, key, (1, SIDE, SIDE))


def reading_network(key: Array) -> Chain:
    """For windows of 28 × 28: ten digits and the background, and a box."""
    one, two, three, four = jax.random.split(key, 4)
    return Chain.make(
        *(Conv2d.make(1, 8, 5, one, padding=0, size=(28, 28)), "relu", MaxPool(2)),
        *(Conv2d.make(8, 16, 3, two, padding=0, size=(12, 12)), "relu", MaxPool(2)),
        *(Flatten(), Dense.make(400, 64, three), "relu", Dense.make(64, CLASSES + 1 + 4, four)),
    )


@jax.jit
def outputs(network: Any, x: Float[Array, "N 1 H W"]) -> Array:
    """What the network says of each picture."""
    return on_batch(network, x)[0]


def locate(data: tuple[Pixels, Pixels], seeds: list[int], canvases: int, epochs: int, fresh: int) -> Located:
    """One network for class and box, by seed: CE + 10 MAE(box/48), ADAM 0.002, batch 50."""
    rows = []
    for seed in seeds:
        made, test = (make_canvases(*part, n, seed, SIDE) for part, n in zip(data, (canvases, fresh), strict=True))
        y = np.concatenate([made.classes, made.boxes[:, 0] / SIDE], axis=1).astype(np.float32)
        network = begin(box_network, seed)
        network, _ = train_network(network, made.x, y, class_and_box, Adam(0.002), epochs, 50, seed, name="box")
        out = np.asarray(outputs(network, test.x))
        found, true = SIDE * out[:, -4:], test.boxes[:, 0]
        overlap, general = (np.mean(both, dtype=np.float64) for both in _overlaps(found, true))
        rows.append((overlap, general, np.mean(out[:, :-4].argmax(1) == test.classes[:, 0]), test, found))
    test, found = rows[0][3:]
    boxes = np.stack([test.boxes[:SHOWN, 0], found[:SHOWN]], axis=1)
    overlap, general, right = np.array([row[:3] for row in rows]).T
    return Located(overlap, general, right, test.x[:SHOWN, 0], boxes)


@jax.jit
def _overlaps(a: Float[Array, "N 4"], b: Float[Array, "N 4"]) -> tuple[Float[Array, " N"], Float[Array, " N"]]:
    return iou(a, b), giou(a, b)


def mask_cost(z: Float[Array, "1 H W"], mask: Float[Array, "H W"]) -> Float[Array, ""]:
    """The mean binary cross-entropy of the pixels of one picture."""
    return jnp.mean(jax.vmap(binary_cross_entropy)(z.reshape(-1), mask.reshape(-1)))


def segment(
    data: tuple[Pixels, Pixels],
    seeds: list[int],
    canvases: int,
    epochs: int,
    fresh: int,
    make: Callable[[Array], Any] = mask_network,
) -> Segmented:
    """A network for masks on noisy canvases of one to three digits, by seed: ADAM 0.01, batch 20."""
    rows = []
    for seed in seeds:
        made, test = (several(part, n, seed, NOISE) for part, n in zip(data, (canvases, fresh), strict=True))
        network = begin(make, seed)
        masks = made.masks.astype(np.float32)
        network, _ = train_network(network, made.x, masks, mask_cost, Adam(0.01), epochs, 20, seed, name="masks")
        z = outputs(network, test.x)[:, 0]
        found = np.asarray(z) > 0
        overlap, dice = np.mean([(mask_iou(*p), mask_dice(*p)) for p in zip(test.masks, found, strict=True)], axis=0)
        rows.append((overlap, dice, _soft_dice(z, test.masks), test, found))
    test, found = rows[0][3:]
    shown = np.stack([test.masks[:SHOWN], found[:SHOWN]])
    overlap, dice, soft = np.array([row[:3] for row in rows], np.float64).T
    return Segmented(overlap, dice, soft, test.x[:SHOWN, 0], shown)


@jax.jit
def _soft_dice(z: Float[Array, "N H W"], masks: Bool[Array, "N H W"]) -> Float[Array, ""]:
    """The mean over canvases."""
    each = jax.vmap(lambda z, mask: soft_dice(jax.nn.sigmoid(z).reshape(-1), mask.reshape(-1)))
    return jnp.mean(each(z, masks))


def several(data: Pixels, n: int, seed: int, noise: float = 0.0) -> Canvases:
    """Canvases of one to three digits."""
    return make_canvases(*data, n, seed, SIDE, (1, 3), noise)


def truth_of(canvases: Canvases) -> list[Found]:
    """What is on each canvas."""
    return [Found.make(b[k >= 0], k[k >= 0]) for b, k in zip(canvases.boxes, canvases.classes, strict=True)]


def window_network(canvases: Canvases, seed: int, epochs: int) -> Chain:
    """Which digit is in a window of 28 × 28, or none, and its box: trained on windows near digits and on the background."""
    network = begin(reading_network, seed)
    x, y = cut_windows(canvases, CLASSES, WINDOW, empty=3, seed=seed, padding=PADDING)
    return train_network(network, x, y, window_cost, Adam(0.003), epochs, 50, seed, name="windows")[0]


def window_cost(output: Array, target: Array) -> Float[Array, ""]:
    """The box counts less than on a whole canvas: it lies near the middle of the window anyway."""
    return class_and_box(output, target, 2.0)


def slide(network: Chain, x: Float[np.ndarray, "N 1 48 48"]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Boxes and scores of all windows of each canvas: the network as convolutions, once over the canvas."""
    whole = slid(network, (1, WINDOW, WINDOW))
    around = np.pad(x, [(0, 0), (0, 0), (PADDING, PADDING), (PADDING, PADDING)])
    step = stride_of(network)
    read = jax.jit(jax.vmap(lambda answers: read_windows(answers, step, WINDOW, PADDING)))
    boxes, scores = read(outputs(whole, around))
    return list(zip(np.clip(np.asarray(boxes), 0, SIDE), np.asarray(scores), strict=True))


def found_in(answers: list[tuple[np.ndarray, np.ndarray]], threshold: float) -> list[Found]:
    """What is kept of the windows' boxes, of whatever class."""
    return [read_boxes(boxes, scores, 0.05, threshold, apart=False) for boxes, scores in answers]
