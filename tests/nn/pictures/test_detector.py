"""The one-stage detector: the order of its anchors, its cost by hand, and that it learns."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.data.canvases import make_canvases
from gradiens.functions.detection_cost import detection_cost, detection_targets
from gradiens.functions.detections import Found, average_precision, precision_recall
from gradiens.functions.reading import read_boxes
from gradiens.nn.pictures.detector import Detector
from gradiens.optim.adam import Adam
from gradiens.train.train_network import train_network

KEY = jax.random.key(0)


def test_an_anchors_numbers_are_those_of_its_cell(x64):
    """Row (i, j, a) of the output is channels a (5 + K) … of the head's maps at (i, j), and its anchor lies there."""
    model = jax.jit(lambda key: Detector.make(2, key, (1, 8, 12), (3, 2), (4.0, 6.0), (1.0, 2.0)))(KEY)
    x = np.random.default_rng(0).normal(size=(1, 8, 12))
    V, out = jax.jit(lambda x: (model.head(model.trunk(x)), model(x)))(x)
    assert V.shape == (4 * 7, 2, 3) and out.shape == (2 * 3 * 4, 7) and model.anchors.shape == (24, 4)
    i, j, a = 1, 2, 3
    np.testing.assert_allclose(out[(i * 3 + j) * 4 + a], V[7 * a : 7 * (a + 1), i, j], rtol=1e-12)
    left, top, right, bottom = model.anchors[(i * 3 + j) * 4 + a]
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((10, 6))
    assert (bottom - top) / (right - left) == pytest.approx(2) and (bottom - top) * (right - left) == pytest.approx(36)
    boxes, scores = model.read(jnp.zeros((24, 7)))
    np.testing.assert_allclose(scores, 0.25)
    np.testing.assert_allclose(boxes, np.clip(model.anchors, 0, [12, 8, 12, 8]), atol=1e-12)


def test_the_cost_of_a_picture_by_hand(x64):
    anchors = np.array([[0, 0, 4, 4], [2, 0, 6, 4], [20, 20, 24, 24.0]])
    boxes, classes = np.array([[[0.0, 0, 4, 5], [9, 9, 9, 9]]]), np.array([[1, -1]])
    (target,) = detection_targets(anchors, boxes, classes, 0.5, 0.3)
    np.testing.assert_array_equal(target[:, 0], [1, 0, 0])  # IoU 16/20, 8/28, 0
    (between,) = detection_targets(anchors, boxes, classes, 0.5, 0.2)
    np.testing.assert_array_equal(between[:, 0], [1, -1, 0])
    np.testing.assert_allclose(target[0, 1:], [1, 0, 0.5 / 4, 0, np.log(5 / 4)], rtol=1e-6)
    out = np.random.default_rng(0).normal(size=(3, 7))
    σ = lambda o: 1 / (1 + np.exp(-o))  # noqa: E731
    objectness = [-0.5 * (1 - σ(out[0, 0])) ** 2 * np.log(σ(out[0, 0]))]
    objectness += [-0.5 * σ(o) ** 2 * np.log(1 - σ(o)) for o in out[1:, 0]]
    naming = np.log(np.exp(out[0, 5:]).sum()) - out[0, 6]
    e = np.abs(out[0, 1:5] - target[0, 2:])
    place = np.where(e <= 1, e**2 / 2, e - 0.5).sum()
    cost = jax.jit(lambda out, target: detection_cost(out, target, 3.0))
    assert float(cost(out, target)) == pytest.approx(sum(objectness) + naming + 3 * place, rel=1e-6)
    assert float(cost(out, between)) == pytest.approx(objectness[0] + objectness[2] + naming + 3 * place, rel=1e-6)
    (nothing,) = detection_targets(anchors, 0 * boxes, 0 * classes - 1)
    assert float(cost(out, nothing)) > 0 and not nothing.any()


def test_reading():
    boxes = [[0, 0, 4, 4], [0, 0, 4, 5], [8, 8, 9, 9]]
    scores = np.array([[0.9, 0.3], [0.8, 0.4], [0.01, 0.02]])
    found = read_boxes(boxes, scores)
    np.testing.assert_array_equal(found.classes, [0, 1])
    np.testing.assert_array_equal(found.scores, [0.9, 0.4])
    assert len(read_boxes(boxes, scores, apart=False).boxes) == 1 == len(read_boxes(boxes, scores, most=1).boxes)
    with pytest.raises(Mistake, match="scores"):
        read_boxes(boxes, scores[:2])


def test_it_learns_to_find_squares_and_bars():
    """Two shapes on canvases of 16 × 16: bars 3 × 6 and squares 5 × 5."""
    shapes = np.zeros((2, 8, 8), np.float32)
    shapes[0, 1:7, 2:5], shapes[1, 1:6, 1:6] = 1, 1
    made = make_canvases(shapes, [0, 1], 960, 0, 16, (1, 2))
    model = jax.jit(lambda key: Detector.make(2, key, (1, 16, 16), (8, 16), (4.0,), (1.0, 2.0)))(KEY)
    targets = detection_targets(model.anchors, made.boxes, made.classes)
    model, _ = train_network(model, made.x[:900], targets[:900], detection_cost, Adam(0.02), 8, 50, quiet=True)
    boxes, scores = jax.jit(jax.vmap(lambda x: model.read(model(x))))(made.x[900:])
    found = [read_boxes(b, s) for b, s in zip(np.asarray(boxes), np.asarray(scores), strict=True)]
    truth = [Found.make(b[k >= 0], k[k >= 0]) for b, k in zip(made.boxes[900:], made.classes[900:], strict=True)]
    assert np.mean([average_precision(precision_recall(found, truth, k)) for k in (0, 1)]) > 0.7


def test_a_picture_that_the_grid_does_not_fit():
    with pytest.raises(Mistake, match="sides 8 divides"):
        Detector.make(2, KEY, (1, 20, 16))


@pytest.mark.parametrize("shape", [(1, 16, 16), (1, 4, 16), (3, 1, 16, 4)])
def test_pictures_of_another_size_than_the_anchors_are_refused(shape):
    model = Detector.make(2, KEY, (1, 8, 8), (2,))
    with pytest.raises(Mistake, match="pictures of 8 × 8, got "):
        jax.eval_shape(lambda x: model.forward(x, lambda layer, x: layer(x)), jnp.ones(shape))
