"""Canvases: what is on them is what is said to be, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.core.check import Failure, Mistake
from gradiens.data.canvases import ink_box, make_canvases, triplets

RNG = np.random.default_rng(0)


def things(n=12, size=10):
    """Rectangles of ink of value 0.6 … 1 with a faint border around."""
    pixels = np.zeros((n, size, size), np.float32)
    for one in pixels:
        high, wide = RNG.integers(2, 7, 2)
        top, left = RNG.integers(1, size - high), RNG.integers(1, size - wide)
        one[top - 1 : top + high + 1, left - 1 : left + wide + 1] = 0.3
        one[top : top + high, left : left + wide] = RNG.uniform(0.6, 1)
    return pixels, np.arange(n) % 4


PIXELS, LABELS = things()


def test_the_box_of_the_ink():
    picture = np.zeros((5, 6))
    picture[1:3, 2:6], picture[0, 0] = 0.9, 0.5
    assert ink_box(picture) == (2, 1, 6, 3)
    with pytest.raises(Mistake, match="above half"):
        ink_box(np.full((3, 3), 0.5))


def test_boxes_and_masks_are_those_of_the_picture():
    made = make_canvases(PIXELS, LABELS, 30, 1, 24, (1, 3))
    counts = np.sum(made.classes >= 0, axis=1)
    assert set(counts) == {1, 2, 3} and len(made) == 30
    for x, boxes, classes, mask in zip(made.x[:, 0], made.boxes.astype(int), made.classes, made.masks, strict=True):
        np.testing.assert_array_equal(mask, x > 0.5)
        rest = x.copy()
        for (left, top, right, bottom), k in zip(boxes, classes, strict=True):
            inside = x[top:bottom, left:right]
            if k < 0:
                assert (left, top, right, bottom) == (0, 0, 0, 0)
                continue
            assert np.all(inside > 0.5)  # rectangles of ink fill their boxes
            sources = [p[slice(*ink_box(p)[1::2]), slice(*ink_box(p)[::2])] for p in PIXELS[np.equal(LABELS, k)]]
            assert any(s.shape == inside.shape and np.array_equal(s, inside) for s in sources)
            rest[top:bottom, left:right] = 0
        assert not rest.any()  # nothing elsewhere, and no box in another: each was whole


def test_the_seed_is_all():
    one, same, other = (make_canvases(PIXELS, LABELS, 5, s, 24, (1, 2), 0.3) for s in (3, 3, 4))
    np.testing.assert_array_equal(one.x, same.x)
    assert not np.array_equal(one.boxes, other.boxes)
    noise = one.x - np.where(one.masks[:, None], one.x, 0)
    assert np.std(noise[~one.masks[:, None]]) == pytest.approx(0.3, rel=0.05) and one.x.dtype == np.float32


def test_things_may_overlap_where_asked():
    crowd = make_canvases(PIXELS, LABELS, 20, 0, 12, (4, 4), overlap=True)
    assert np.all(crowd.classes >= 0)
    with pytest.raises(Failure, match="no place"):
        make_canvases(np.ones((1, 10, 10)), [0], 1, 0, 12, (4, 4))


def test_triplets():
    found = triplets(LABELS, 200, 0)
    a, p, n = LABELS[found].T
    assert np.all(a == p) and np.all(a != n) and np.all(found[:, 0] != found[:, 1])
    assert set(a) == set(n) == set(LABELS)
    np.testing.assert_array_equal(found, triplets(LABELS, 200, 0))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: make_canvases(255 * PIXELS, LABELS, 1, 0),
        lambda: make_canvases(PIXELS, LABELS[1:], 1, 0),
        lambda: make_canvases(PIXELS, LABELS, 1, 0, 8),
        lambda: make_canvases(PIXELS, LABELS, 1, 0, things=(2, 1)),
        lambda: make_canvases(PIXELS, LABELS, 0, 0),
        lambda: triplets([0, 0, 0], 1, 0),
        lambda: triplets([0, 0, 1], 1, 0),
    ],
)
def test_wrong_input_is_one_line(wrong):
    with pytest.raises(Mistake) as caught:
        wrong()
    assert "\n" not in str(caught.value)
