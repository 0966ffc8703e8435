"""Beyond Classification.

A convolutional network can say more than what is in a picture. With four more outputs it says where: one digit on a canvas is
boxed after four passes; for its name they are too few, the class is hardly better than a guess. Made for a window and slid over
a larger canvas - which is one convolution - it finds several, a little to the left and a little to the right too, and of boxes
that overlap the best is kept. A network that goes down to small maps and up again says of every pixel whether it is ink, through
heavy noise. And a network that is trained by comparing puts pictures where their distance means something: it has never seen an
8 or a 9, and mostly tells that two of them differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch06_convolutional.digit_canvases import (
    SHOWN,
    SIDE,
    Located,
    Segmented,
    digits,
    found_in,
    locate,
    segment,
    several,
    slide,
    truth_of,
    window_network,
)
from gradiens.book.ch06_convolutional.digit_detector import Detected, detect
from gradiens.book.ch06_convolutional.digit_grids import Grids, grids
from gradiens.book.ch06_convolutional.digit_pairs import HELD_OUT, Paired, pair
from gradiens.book.ch06_convolutional.overlap_identities import Identities, identities
from gradiens.book.ch06_convolutional.style_pictures import Painted, paint
from gradiens.core.module import Module, knob
from gradiens.functions.detections import (
    Found,
    PrecisionRecall,
    average_precision,
    mean_average_precision,
    precision_recall,
)
from gradiens.functions.instances import instances
from gradiens.report.figure import Figure, Series
from gradiens.report.marked import with_boxes, with_mask

SEEDS = 3


class Config(Module):
    """How much is trained on, and how long; rates and batches are those of the text."""

    canvases: int = knob(2000, 100, 60_000, says="canvases of one digit for class and box")
    epochs: int = knob(4, 1, 200, says="passes over them")
    windowed: int = knob(1000, 50, 60_000, says="canvases of which windows are cut")
    window_epochs: int = knob(6, 1, 200, says="passes over the windows")
    noisy: int = knob(500, 20, 60_000, says="noisy canvases for the masks")
    mask_epochs: int = knob(6, 1, 200, says="passes over them")
    triplets: int = knob(2000, 50, 100_000, says="triplets for the embedding")
    fresh: int = knob(200, 10, 5000, says="new canvases to judge by")
    suppression: float = knob(0.3, 0.0, 1.0, says="IoU above which the worse of two boxes is dropped")


class Windowed(NamedTuple):
    """What the slid network finds on new canvases of one to three digits: all that is likely, what is kept, what is there."""

    pictures: Float[np.ndarray, "6 48 48"]
    likely: list[np.ndarray]  # boxes of the canvases shown, before suppression
    kept: list[Found]
    truth: list[Found]


class Record(NamedTuple):
    """The identities, the five trained networks, and grids that are not trained."""

    identities: Identities
    located: Located
    windowed: Windowed
    segmented: Segmented
    paired: Paired
    painted: Painted
    grids: Grids


def run(config: Config, key: Array) -> Record:
    """Seeds of the networks and of the data come from the key."""
    chance, drawn = jax.random.split(key)
    seeds = [int(s) for s in jax.random.randint(drawn, (SEEDS,), 0, 2**20)]
    data = digits(True), digits(False)
    given = several(data[0], config.windowed, seeds[0])
    network = window_network(given, seeds[0], config.window_epochs)
    fresh = several(data[1], config.fresh, seeds[0])
    answers = slide(network, fresh.x)
    likely = [boxes[scores.max(axis=1) > 0.5] for boxes, scores in answers[:SHOWN]]
    kept = found_in(answers, float(config.suppression))
    return Record(
        identities=identities(network, fresh.x[0], chance),
        located=locate(data, seeds, config.canvases, config.epochs, config.fresh),
        windowed=Windowed(fresh.x[:SHOWN, 0], likely, kept, truth_of(fresh)),
        segmented=segment(data, seeds, config.noisy, config.mask_epochs, config.fresh),
        paired=pair(data, seeds, config.triplets, 1),
        painted=paint(network, fresh.x[1]),
        grids=grids(truth_of(fresh), fresh.x[0], seeds[0]),
    )


def long_run(config: Config, key: Array) -> Detected:
    """A one-stage detector, and one of two stages made from it, on many canvases."""
    return detect((digits(True, 60_000), digits(False)), int(jax.random.randint(key, (), 0, 2**20)))


def values(config: Config, record: Record) -> dict[str, float]:
    """Overlaps by seed; precision of the windows; what the embedding knows of digits it has not seen."""
    found, truth = record.windowed.kept, record.windowed.truth
    numbers: dict[str, float] = {
        "windows: average precision at IoU 0.5, any class": average_precision(precision_recall(found, truth)),
        "windows: mAP at IoU 0.5": mean_average_precision(found, truth),
    }
    for i in range(SEEDS):
        numbers |= {
            f"one digit, seed {i}: mean IoU of the box": float(record.located.overlap[i]),
            f"one digit, seed {i}: mean GIoU of the box": float(record.located.general[i]),
            f"one digit, seed {i}: accuracy of the class": float(record.located.right[i]),
            f"masks, seed {i}: mean IoU": float(record.segmented.iou[i]),
            f"masks, seed {i}: mean Dice": float(record.segmented.dice[i]),
            f"masks, seed {i}: mean soft Dice loss": float(record.segmented.soft[i]),
            f"8 and 9 held out, seed {i}: AUC of the distance": float(record.paired.auc[i]),
            f"8 and 9 held out, seed {i}: AUC before training": float(record.paired.untrained[0, i]),
            f"8 and 9 held out, seed {i}: contrastive loss": float(record.paired.contrast[i]),
            f"8 and 9 held out, seed {i}: contrastive loss before training": float(record.paired.untrained[1, i]),
            f"8 and 9 held out, seed {i}: triplets in order": float(record.paired.ordered[i]),
        }
    apart = dict(zip(("style cost of the content", "style cost of the picture made"), map(float, record.painted.apart)))
    return numbers | apart | _of_grids(record.grids)


def _of_grids(found: Grids) -> dict[str, float]:
    background, answers = (
        "background in the cost of objectness at the start",
        "pyramid: pixels that a fine cell answers to",
    )
    return {
        "anchors: share of the digits that one overlaps by a half": found.covered,
        "anchors: share that is background": found.empty,
        f"{background}: cross-entropy": float(found.background[0]),
        f"{background}: focal loss": float(found.background[1]),
        f"{answers}, by its own level": float(found.reach[0]),
        f"{answers}, with the coarser levels": float(found.reach[1]),
    }


def long_values(config: Config, record: Detected) -> dict[str, float]:
    """mAP of the detectors with one stage and with two; the masks of a U-Net and of a network without its way up."""
    detectors = ("one stage: mAP at IoU 0.5", "one stage: mAP at IoU 0.5 … 0.95", "two stages: mAP at IoU 0.5")
    masks = ("masks of a U-Net: mean IoU", "masks of a fully convolutional network: mean IoU")
    return dict(zip((*detectors, *masks), record, strict=True))


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """Boxes, windows, the curve, masks, embeddings, and a picture in another style."""
    located, windowed, segmented = record.located, record.windowed, record.segmented
    boxes = [with_boxes(x, b[:, None]) for x, b in zip(located.pictures, located.boxes, strict=True)]
    likely = [with_boxes(x, [[], b]) for x, b in zip(windowed.pictures, windowed.likely, strict=True)]
    kept = [with_boxes(x, [[], f.boxes[f.scores > 0.5]]) for x, f in zip(windowed.pictures, windowed.kept)]
    named = [" ".join(map(str, f.classes[f.scores > 0.5])) or "none" for f in windowed.kept[:SHOWN]]
    masks = [with_mask(x, m) for x, m in zip(segmented.pictures, segmented.masks[1], strict=True)]
    each = [
        with_mask(x, instances(m, f.boxes[f.scores > 0.5]))
        for x, m, f in zip(windowed.pictures, segmented.masks[1], windowed.kept)
    ]
    return (
        _row("One digit: its box in orange, the one found in blue", boxes),
        _row("Windows with a digit, probability above 1/2: their boxes", likely),
        _row(f"What suppression keeps of them, and the digits read: IoU at most {config.suppression:g}", kept, named),
        _curve(precision_recall(windowed.kept, windowed.truth)),
        _row("Canvases with noise", segmented.pictures),
        _row("Pixels that are taken for ink", masks),
        _row("Pixels that are ink", segmented.masks[0].astype(float)),
        _row("These pixels shared out between the boxes that windows have found", each),
        _embedding(record.paired, range(8), "Embeddings of test digits, learned from triplets of these classes"),
        _embedding(record.paired, HELD_OUT, "Embeddings of test digits of two classes never seen"),
        _row("Content, style, and the content in that style", record.painted.pictures, ["content", "style", "made"]),
    )


def _row(title: str, pictures: list[np.ndarray] | np.ndarray, labels: list[str] | None = None) -> Figure:
    names = labels or [""] * len(pictures)
    series = [Series("picture", z=np.clip(z, 0, 1), label=name) for z, name in zip(pictures, names, strict=True)]
    return Figure(title, series, summary=f"{len(series)} canvases of {SIDE} × {SIDE} pixels.")


def _curve(curve: PrecisionRecall) -> Figure:
    line = Series("line", curve.recall, curve.precision, label=f"AP {average_precision(curve):.3f}")
    return Figure("Sliding windows: precision and recall, down the ranks", [line], "recall", "precision")


def _embedding(found: Paired, classes: Sequence[int], title: str) -> Figure:
    clouds = [Series("points", *found.embedded[found.labels == k].T, label=str(k)) for k in classes]
    says = (
        f"{np.isin(found.labels, classes).sum()} test digits on the first two principal components of all embeddings."
    )
    return Figure(title, clouds, "first", "second", square=True, summary=says)


def claim_iou_is_an_overlap(config: Config, record: Record) -> bool:
    """Claim 1: IoU is in [0,1], symmetric, 1 exactly for equal boxes, invariant to translation and scale (1e-9)."""
    found = record.identities.iou
    bounds = np.all((found.of >= 0) & (found.of < 1)) and np.all(found.itself == 1) and np.any(found.of > 0)
    same = np.array_equal(found.of, found.swapped) and np.allclose(found.of, found.moved, rtol=1e-9, atol=1e-12)
    return bool(bounds and same)


def claim_suppression_keeps_what_is_best_and_apart(config: Config, record: Record) -> bool:
    """Claim 2: NMS is idempotent; kept boxes have pairwise IoU <= threshold, the best box survives."""
    found = record.identities.suppression
    return bool(np.all(found.again) and np.all(found.largest <= found.threshold) and np.all(found.best))


def claim_dice_is_a_function_of_iou(config: Config, record: Record) -> bool:
    """Claim 3: Dice = 2 IoU/(1 + IoU), relative 1e-9."""
    iou, dice = record.identities.masks.T
    return np.allclose(dice, 2 * iou / (1 + iou), rtol=1e-9, atol=0)


def claim_the_triplet_loss_ends_at_the_margin(config: Config, record: Record) -> bool:
    """Claim 4: triplet loss is 0 exactly when d(a,n) >= d(a,p) + margin."""
    found = record.identities.triplets
    kept = found.far >= found.near + found.margin
    return bool(np.array_equal(found.loss == 0, kept) and np.any(kept) and not np.all(kept))


def claim_a_dense_head_slid_is_a_convolution(config: Config, record: Record) -> bool:
    """Claim 5: a dense head slid over an image equals a convolution: a random one (1e-9), and the network of the windows
    (single precision: 1e-4)."""
    found = record.identities.slid
    head = np.allclose(found.convolved, found.each, rtol=1e-9, atol=1e-12)
    return bool(head and np.allclose(found.network, found.windows, rtol=1e-4, atol=1e-4))


def claim_boxes_and_masks_overlap_the_truth(config: Config, record: Record) -> bool:
    """Claim 6: mean IoU on new canvases: box > 0.5, segmentation > 0.8 (median of 3)."""
    assert len(record.located.overlap) == len(record.segmented.iou) == SEEDS
    return bool(np.median(record.located.overlap) > 0.5 and np.median(record.segmented.iou) > 0.8)
