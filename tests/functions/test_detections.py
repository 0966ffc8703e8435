"""Suppression, anchors, and average precision: by their sources, on tables that a person can check."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.functions.anchors import BACKGROUND, BETWEEN, assign, from_offsets, grid_of_anchors, to_offsets
from gradiens.functions.boxes import iou
from gradiens.functions.detections import (
    COCO,
    Found,
    average_precision,
    mean_average_precision,
    precision_recall,
    right,
)  # fmt: skip
from gradiens.functions.instances import instances
from gradiens.functions.overlap import mask_dice, mask_iou, mean_iou
from gradiens.functions.suppression import overlaps, suppress

RNG = np.random.default_rng(4)


def random_boxes(n):
    low = RNG.uniform(0, 20, (n, 2))
    return np.concatenate([low, low + RNG.uniform(2, 12, (n, 2))], axis=1)


def test_overlaps_are_those_of_the_differentiable_ones(x64):
    a, b = random_boxes(6), random_boxes(4)
    np.testing.assert_allclose(overlaps(a, b), iou(a[:, None], b[None]), rtol=1e-12)
    assert overlaps(np.zeros((0, 4)), b).shape == (0, 4)


def test_suppression_is_pytorch_visions_loop_by_hand():
    """Four boxes: b overlaps a by 1/3, c overlaps a by 9/11, d stands alone."""
    boxes = [[0, 0, 10, 10], [5, 0, 15, 10], [1, 0, 11, 10], [30, 30, 40, 40]]
    scores = [0.9, 0.8, 0.95, 0.1]
    np.testing.assert_array_equal(suppress(boxes, scores, 0.5), [2, 1, 3])
    np.testing.assert_array_equal(suppress(boxes, scores, 0.3), [2, 3])
    np.testing.assert_array_equal(suppress(boxes, scores, 0.3, classes=[0, 1, 1, 1]), [2, 0, 3])
    np.testing.assert_array_equal(suppress(boxes, scores, 1.0), [2, 0, 1, 3])
    assert suppress([], []).shape == (0,)


@pytest.mark.parametrize("threshold", [0.1, 0.4, 0.7])
def test_the_theorems_of_suppression(threshold):
    boxes, scores = random_boxes(150), RNG.uniform(size=150)
    kept = suppress(boxes, scores, threshold)
    between = overlaps(boxes[kept], boxes[kept]) - np.eye(len(kept))
    assert kept[0] == scores.argmax() and between.max() <= threshold and 1 < len(kept) < 150
    np.testing.assert_array_equal(suppress(boxes[kept], scores[kept], threshold), np.arange(len(kept)))
    for i in set(range(150)) - set(kept):  # who is gone was beaten by one who stayed
        assert any(scores[j] >= scores[i] and overlaps(boxes[[i]], boxes[[j]])[0, 0] > threshold for j in kept)


def test_anchors_lie_on_the_grid():
    anchors = grid_of_anchors(2, 3, 8.0, (4.0, 16.0), (1.0, 4.0))
    assert anchors.shape == (2 * 3 * 4, 4)
    np.testing.assert_allclose(anchors[0], [2, 2, 6, 6])  # cell (0, 0), size 4, square, around (4, 4)
    np.testing.assert_allclose(anchors[1], [3, 0, 5, 8])  # size 4, four times as high as wide
    np.testing.assert_allclose(anchors[4 * (1 * 3 + 2) + 2], [12, 4, 28, 20])  # row 1, column 2, size 16


def test_offsets_by_their_source_and_their_inverse(x64):
    boxes, anchors = random_boxes(9), random_boxes(9)
    t = to_offsets(boxes, anchors)
    for (x1, y1, x2, y2), (a1, b1, a2, b2), row in zip(boxes, anchors, t, strict=True):
        place = [((x1 + x2) - (a1 + a2)) / 2 / (a2 - a1), ((y1 + y2) - (b1 + b2)) / 2 / (b2 - b1)]
        np.testing.assert_allclose(row, [*place, np.log((x2 - x1) / (a2 - a1)), np.log((y2 - y1) / (b2 - b1))])
    np.testing.assert_allclose(from_offsets(t, anchors), boxes, rtol=1e-12, atol=1e-12)
    assert jnp.all(jnp.isfinite(from_offsets(jnp.full(4, 1e4), jnp.array([0.0, 0, 1, 1]))))


def test_anchors_are_assigned_by_the_rule():
    box = [[0, 0, 10, 10], [100, 100, 110, 110]]
    shifts = np.array([0, 3, 4, 9, 50])  # IoU 1, 7/13, 6/14, 1/19, 0
    anchors = np.array([[s, 0, s + 10, 10] for s in shifts] + [[106, 106, 116, 116]], float)
    found = assign(anchors, box, 0.5, 0.4)
    np.testing.assert_array_equal(found.box, [0, 0, BETWEEN, BACKGROUND, BACKGROUND, 1])
    np.testing.assert_allclose(found.overlap[:4], [1, 7 / 13, 6 / 14, 1 / 19])
    assert np.all(assign(anchors, []).box == BACKGROUND)


def test_each_box_has_an_anchor_of_its_own():
    """Both boxes overlap the first anchor most: by 9/11 and 8/12, the second anchor by 1/19 and 2/18; the third meets none."""
    anchors, boxes = at(0, 10), at(1, 2, 50)
    np.testing.assert_array_equal(assign(anchors, boxes).box, [0, 1])
    np.testing.assert_array_equal(assign(anchors, boxes[1::-1]).box, [1, 0])
    np.testing.assert_array_equal(assign(at(2), boxes, 0.9).box, [1])


@pytest.mark.parametrize("seed", range(5))
def test_no_box_goes_without_and_no_pair_would_rather_change(seed):
    """The pairs are stable: of a box and an anchor that are not a pair, one has a partner that overlaps it at least as much."""
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, 4, (9, 2))
    every = np.concatenate([low, low + rng.uniform(5, 9, (9, 2))], axis=1)  # all of them meet
    anchors, boxes = every[:6], every[6:]
    given, table = assign(anchors, boxes, 1, 1).box, overlaps(every[:6], every[6:])
    partner = [int(np.flatnonzero(given == j)[0]) for j in range(3)]
    assert sorted(given[given >= 0]) == [0, 1, 2]
    for i, j in np.ndindex(6, 3):
        own = table[i, given[i]] if given[i] >= 0 else 0
        assert table[i, j] <= max(own, table[partner[j], j])


def picture(boxes, scores=None, k=None):
    return Found.make(boxes, np.zeros(len(boxes)) if k is None else k, scores)


def at(*lefts):
    return [[x, 0.0, x + 10, 10.0] for x in lefts]


def test_average_precision_of_a_table():
    """Two pictures, three true boxes. By score: right, wrong, right (the second time a box is found it is wrong), wrong.

    precision 1, 1/2, 2/3, 1/2; recall 1/3, 1/3, 2/3, 2/3: AP = 1/3 · 1 + 1/3 · 2/3; at 11 recalls 0 … 0.3 give 1, 0.4 …
    0.6 give 2/3.
    """
    truth = [picture(at(0, 100)), picture(at(0))]
    found = [picture(at(1, 2, 50), [0.9, 0.8, 0.1]), picture(at(3), [0.7])]
    curve = precision_recall(found, truth)
    np.testing.assert_allclose(curve.precision, [1, 1 / 2, 2 / 3, 1 / 2])
    np.testing.assert_allclose(curve.recall, [1 / 3, 1 / 3, 2 / 3, 2 / 3])
    assert average_precision(curve) == pytest.approx(1 / 3 + 2 / 9)
    assert average_precision(curve, 11) == pytest.approx((4 * 1 + 3 * 2 / 3) / 11)
    assert average_precision(curve, 101) == pytest.approx((34 * 1 + 33 * 2 / 3) / 101)


def test_average_precision_by_the_devkit():
    """VOCap.m: recall and precision with ends put on, precision made to fall, the area of the steps."""
    for _ in range(5):
        tp = RNG.integers(0, 2, 20)
        rec, prec = np.cumsum(tp) / 15, np.cumsum(tp) / np.arange(1, 21)
        mrec, mpre = np.concatenate([[0], rec, [1]]), np.concatenate([[0], prec, [0]])
        for i in range(len(mpre) - 2, -1, -1):
            mpre[i] = max(mpre[i], mpre[i + 1])
        i = np.flatnonzero(mrec[1:] != mrec[:-1]) + 1
        voc = np.sum((mrec[i] - mrec[i - 1]) * mpre[i])
        eleven = np.mean([max([p for p, r in zip(prec, rec, strict=True) if r >= t], default=0)
                          for t in np.linspace(0, 1, 11)])  # fmt: skip
        curve = precision_recall([picture(at(*100 * np.arange(20) + 60 * (1 - tp)), np.arange(20, 0, -1))],
                                 [picture(at(*np.append(100 * np.flatnonzero(tp), -100 * np.arange(1, 16 - tp.sum()))))]
                                 )  # fmt: skip
        assert average_precision(curve) == pytest.approx(voc) and average_precision(curve, 11) == pytest.approx(eleven)


def test_a_taken_box_leaves_the_second_best_to_coco_alone():
    truth, found = picture(at(0, 4)), picture(at(0, 1), [0.9, 0.8])
    np.testing.assert_array_equal(right(found, truth, 0.5, "coco"), [True, True])
    np.testing.assert_array_equal(right(found, truth, 0.5, "voc"), [True, False])


def test_classes_count_apart_and_thresholds_are_averaged():
    truth = [picture(at(0, 100), k=[0, 1])]
    perfect = [picture(at(0, 100), [0.4, 0.9], [0, 1])]
    assert mean_average_precision(perfect, truth, COCO, 101) == 1
    swapped = [picture(at(0, 100), [0.4, 0.9], [1, 0])]
    assert mean_average_precision(swapped, truth) == 0
    assert average_precision(precision_recall(swapped, truth)) == 1  # whatever they are called
    shifted = [picture(at(2.2, 102.2), [0.4, 0.9], [0, 1])]  # IoU 7.8 / 12.2 = 0.639: right at 0.5, 0.55, 0.6
    assert mean_average_precision(shifted, truth, COCO) == pytest.approx(0.3)
    assert mean_average_precision([picture([])], truth) == 0


def test_masks():
    a, b = np.array([[1, 1, 0], [0, 1, 0]], bool), np.array([[1, 0, 0], [0, 1, 1]], bool)
    assert mask_iou(a, b) == 2 / 4 and mask_dice(a, b) == pytest.approx(4 / 6) == 2 * 0.5 / 1.5
    assert mask_iou(a & ~a, b & ~b) == mask_dice(a & ~a, b & ~b) == 1
    y, y_hat = [[0, 0, 1], [2, 2, 1]], [[0, 1, 1], [2, 0, 1]]  # IoU 1/3, 2/3, 1/2
    assert mean_iou(y, y_hat) == pytest.approx(1 / 2) and mean_iou(y, y) == 1


def test_a_mask_is_shared_out_between_boxes():
    """Two boxes of 4 × 4 that share the columns 2 and 3: each pixel goes to the nearer middle; row 3 is in neither."""
    mask = np.ones((5, 7), bool)
    mask[0, 0] = False
    found = instances(mask, [[0, 0, 4, 3], [2, 0, 6, 3]])
    np.testing.assert_array_equal(found[1], [1, 1, 1, 2, 2, 2, 0])
    assert found[0, 0] == 0 and not found[3:].any()
    assert not instances(mask, []).any()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: suppress([[0, 0, 1]], [1]),
        lambda: suppress([[2, 0, 1, 1]], [1]),
        lambda: suppress(at(0), [1, 2]),
        lambda: suppress(at(0), [1], 1.5),
        lambda: suppress(at(0, 1), [1, 2], classes=[0]),
        lambda: suppress(at(0, 1), [1, 2], classes=[0, 1, 2]),
        lambda: grid_of_anchors(2, 2, 8, ()),
        lambda: assign(at(0), at(0), 0.3, 0.4),
        lambda: Found.make(at(0), [1, 2]),
        lambda: Found.make(at(0), [1], [np.nan]),
        lambda: precision_recall([], []),
        lambda: mean_average_precision([picture([])], [picture([])]),
        lambda: average_precision(precision_recall([picture([])], [picture(at(0))]), 1),
        lambda: right(picture(at(0)), picture(at(0)), rule="pascal"),
        lambda: mask_iou([1, 0], [0, 1]),
        lambda: instances(np.ones((2, 2)), at(0)),
        lambda: mean_iou([0], [0, 1]),
    ],
)
def test_wrong_input_is_one_line(wrong):
    with pytest.raises(Mistake) as caught:
        wrong()
    assert "\n" not in str(caught.value)
