"""Images in arrays: types, layouts, labels, official parts, and what is no image."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.data.arrays import arrays_in, as_images, as_pixels, read_arrays
from gradiens.data.images import Images
from gradiens.data.load import as_source, load
from gradiens.data.prepare import prepare

RNG = np.random.default_rng(0)
X = RNG.integers(0, 256, (10, 4, 5, 3), dtype=np.uint8)
Y = np.arange(10) % 3


@pytest.mark.parametrize(
    "x", [X, X.astype(int), X.astype(np.float32), X / 255, X.transpose(0, 3, 1, 2), X.transpose(0, 3, 1, 2) / 255]
)
def test_every_type_and_layout_is_the_same_bytes(x):
    pixels, _ = as_pixels(x)
    np.testing.assert_array_equal(pixels, X)
    assert pixels.dtype == np.uint8


def test_grey_loses_its_channel_and_truth_is_white():
    np.testing.assert_array_equal(as_pixels(X[..., :1])[0], X[..., 0])
    np.testing.assert_array_equal(as_pixels(X.transpose(0, 3, 1, 2)[:, :1])[0], X[..., 0])
    np.testing.assert_array_equal(as_pixels(X[..., 0] > 99)[0], 255 * (X[..., 0] > 99))


@pytest.mark.parametrize(
    ("x", "says"),
    [
        (X[0, 0], r"images N × H × W, or × 3 for colours, got an array of shape \(5, 3\)"),
        (X[..., :2], "shape"),
        (X[:0], "shape"),
        (X - 1.0, "values from -1"),
        (X * 2.0, "rescale"),
        (X / 255 - 0.5, "0 to 1 or from 0 to 255, got values from -0.5 to 0.5; rescale"),
        (X / np.nan, "finite numbers in images, got NaN or Inf"),
        (np.where(X.max() == X, np.inf, X), "finite numbers"),
        (X.astype(str), "numbers in images"),
    ],
)
def test_what_is_no_image_is_refused(x, says):
    with pytest.raises(Mistake, match=says):
        as_pixels(x)


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        (Y, ("0", "1", "2")), (Y.astype(np.float32), ("0", "1", "2")), (Y[:, None] + 9, ("9", "10", "11")),
        (np.array(["b", "a", "c"])[Y], ("a", "b", "c")), (Y == 0, ("false", "true")),
    ],
)  # fmt: skip
def test_labels_become_codes_of_classes(y, classes):
    images = as_images(X, y)
    assert images.classes == classes
    names = np.array(classes)[images.labels]
    flat = np.asarray(y).reshape(-1)
    want = (
        np.char.lower(flat.astype(str))
        if flat.dtype == bool
        else [f"{v:g}" if flat.dtype.kind == "f" else str(v) for v in flat]
    )
    assert names.tolist() == list(want)


@pytest.mark.parametrize(
    ("y", "says"),
    [
        (Y[:9], "one class for each of 10 images"),
        (Y / 2, "whole numbers or texts, got numbers such as 0.5"),
        (np.arange(10), "10 different values in 10 rows"),
        (np.zeros(10, int), "at least two values"),
    ],
)
def test_what_is_no_class_is_refused(y, says):
    with pytest.raises(Mistake, match=says):
        as_images(X, y)


def test_a_test_part_is_coded_by_the_classes_of_training():
    images = as_images(X, Y + 5, X[:2], [7, 5])
    assert images.test_labels.tolist() == [2, 0] and images.test_pixels.shape == (2, 4, 5, 3)
    assert as_images(X, Y, X[:2], [2, 0]).sha256 != as_images(X, Y, X[:2], [0, 2]).sha256 != as_images(X, Y).sha256
    for x_test, y_test, says in [
        (X[:1], [4], "seen in training"),
        (X[:1, :3], [0], "shape"),
        (X[:1], None, "one of the two"),
    ]:
        with pytest.raises(Mistake, match=says):
            as_images(X, Y, x_test, y_test)


def test_an_archive_is_loaded_by_its_path(tmp_path):
    np.savez(tmp_path / "a.npz", x_train=X, y_train=Y, x_test=X[:3], y_test=Y[:3])
    images = load(tmp_path / "a.npz")
    assert isinstance(images, Images) and len(images.test_pixels) == 3 and images.name == "a"
    assert load(tmp_path / "a.npz", size=2).pixels.shape == (10, 2, 2, 3)
    np.savez(tmp_path / "b.npz", images=X)
    np.testing.assert_array_equal(arrays_in(tmp_path / "b.npz")["x"], X)
    with pytest.raises(Mistake, match=r"arrays x and y, got b\.npz with images; "):
        read_arrays(tmp_path / "b.npz")
    (tmp_path / "c.npz").write_bytes(b"no archive")
    np.savez(tmp_path / "f.npz", X=X, kinds=Y)
    with pytest.raises(Mistake, match=r"the array x, got f\.npz with X, kinds"):
        arrays_in(tmp_path / "f.npz")
    with pytest.raises(Mistake, match=r"plain arrays, got c\.npz \(no archive\)"):
        arrays_in(tmp_path / "c.npz")
    np.savez(tmp_path / "d.npz", x=np.array([{}], object), y=Y)
    np.save(tmp_path / "e.npy", X)
    (tmp_path / "e.npy").rename(tmp_path / "e.npz")
    for name in ("c", "d", "e"):
        with pytest.raises(Mistake, match=rf"an .npz file of plain arrays, got {name}.npz"):
            read_arrays(tmp_path / f"{name}.npz")
    with pytest.raises(Mistake, match="does not exist"):
        load(tmp_path / "gone.npz")


def test_arrays_in_memory_are_a_source():
    assert as_source((X, Y)).classes == ("0", "1", "2") and len(as_source((X, Y, X, Y)).test_pixels) == 10


@pytest.mark.parametrize("kind", [np.uint8, np.int64])
def test_whole_numbers_zero_and_one_stay_the_whole_range(kind):
    x = (X > 99).astype(kind)
    images = as_images(x, Y, x[:2], Y[:2])
    assert images.maximum == 1 and images.notes == ("from memory", "pixels are 0 and 1")
    np.testing.assert_array_equal(images.pixels, x)
    seen = prepare(images).preprocessing
    np.testing.assert_array_equal(seen.features(images.pixels[0]), x[0].reshape(-1))  # 0 and 1, not 1/255
    assert as_images(x * kind(2), Y).maximum == as_images(x * kind(0), Y).maximum == 255
    with pytest.raises(Mistake, match="x_test of 0 and 1 as x, got the value 255"):
        as_images(x, Y, np.maximum(X, 255), Y)


def test_the_test_part_has_the_scale_of_the_other(tmp_path):
    dark = X[:2] * 0.9 / 255
    np.testing.assert_array_equal(as_images(X.astype(float), Y, dark, Y[:2]).test_pixels, np.rint(dark))
    np.testing.assert_array_equal(as_images(X / 255, Y, dark, Y[:2]).test_pixels, np.rint(dark * 255))
    np.testing.assert_array_equal(as_images(X, Y, dark, Y[:2]).test_pixels, np.rint(dark * 255))  # bytes tell nothing
    with pytest.raises(Mistake, match="pixels from 0 to 1 as in x, got values from 0"):
        as_images(X / 255, Y, X.astype(float), Y)
    np.savez(tmp_path / "a.npz", x=X.astype(float), y=Y, x_test=dark, y_test=Y[:2])
    np.testing.assert_array_equal(prepare(as_images(X, Y)).preprocessing.read(tmp_path / "a.npz"), np.rint(dark))
