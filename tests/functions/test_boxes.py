"""Boxes: areas and overlaps counted in pixels, the theorems of IoU and GIoU."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.functions.boxes import box_area, clip_box, giou, iou, to_centres, to_corners

RNG = np.random.default_rng(3)


def random_boxes(n, whole=False):
    low = RNG.integers(0, 12, (n, 2)) if whole else RNG.uniform(0, 12, (n, 2))
    sides = RNG.integers(1, 9, (n, 2)) if whole else RNG.uniform(0.5, 9, (n, 2))
    return np.concatenate([low, low + sides], axis=1).astype(float)


def pixels(box):
    """The box as a set of unit squares."""
    x1, y1, x2, y2 = map(int, box)
    return {(x, y) for x in range(x1, x2) for y in range(y1, y2)}


def test_overlap_is_counted_pixel_by_pixel(x64):
    a, b = random_boxes(100, whole=True), random_boxes(100, whole=True)
    for one, other, found, general in zip(a, b, iou(a, b), giou(a, b), strict=True):
        A, B = pixels(one), pixels(other)
        hull = pixels([*np.minimum(one, other)[:2], *np.maximum(one, other)[2:]])
        assert float(found) == pytest.approx(len(A & B) / len(A | B), rel=1e-12)
        assert float(general) == pytest.approx(
            len(A & B) / len(A | B) - (len(hull) - len(A | B)) / len(hull), rel=1e-12, abs=1e-12
        )


def test_the_theorems_of_iou(x64):
    a, b = jnp.asarray(random_boxes(200)), jnp.asarray(random_boxes(200))
    found = iou(a, b)
    assert jnp.all((found >= 0) & (found <= 1)) and jnp.any(found == 0) and jnp.any(found > 0)
    np.testing.assert_array_equal(found, iou(b, a))
    np.testing.assert_array_equal(iou(a, a), 1)
    assert jnp.all(iou(a, a.at[:, 2].add(1e-9)) < 1)
    np.testing.assert_allclose(iou(3 * a + 5, 3 * b + 5), found, rtol=1e-12, atol=1e-14)
    general = giou(a, b)
    assert jnp.all((general > -1) & (general <= found + 1e-15))
    np.testing.assert_array_equal(giou(a, a), 1)


def test_giou_falls_as_boxes_apart_move_away(x64):
    still = jnp.array([0.0, 0, 1, 1])
    moved = jax.vmap(lambda d: giou(still, still + d))(jnp.array([1.0, 2, 4, 100]))
    assert jnp.all(jnp.diff(moved) < 0) and moved[0] > -1 and moved[-1] == pytest.approx(-1, abs=1e-3)
    assert jnp.all(jax.grad(lambda box: giou(still, box))(still + 3.0) != 0)
    assert jnp.all(jax.grad(lambda box: iou(still, box))(still + 3.0) == 0)


def test_centres_and_corners_are_each_others_inverse(x64):
    boxes = random_boxes(20)
    np.testing.assert_allclose(to_corners(to_centres(boxes)), boxes, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(to_centres(jnp.array([1.0, 2, 4, 10])), [2.5, 6, 3, 8])


def test_clipping_and_areas(x64):
    np.testing.assert_allclose(clip_box(jnp.array([-1.0, 2, 9, 50]), 40, 8), [0, 2, 8, 40])
    np.testing.assert_allclose(box_area(jnp.array([[0.0, 0, 2, 3], [1, 1, 1, 5], [3, 3, 2, 9]])), [6, 0, 0])
    assert iou(jnp.zeros(4), jnp.zeros(4)) == 0 and jnp.all(jnp.isfinite(jax.grad(iou)(jnp.zeros(4), jnp.zeros(4))))


def test_every_box_of_one_list_with_every_one_of_another(x64):
    a, b = random_boxes(3), random_boxes(5)
    table = iou(a[:, None], b[None])
    assert table.shape == (3, 5) and table[2, 4] == iou(jnp.asarray(a[2]), jnp.asarray(b[4]))
