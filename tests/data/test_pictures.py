"""Pictures: resized, cropped and normalised as the formulas say; what cannot be read is told in one line."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from gradiens.core.check import Mistake
from gradiens.data.pictures import centre_crop, denormalise, normalise, read_picture, resize

RNG = np.random.default_rng(0)


def picture(high, wide, channels=3):
    return RNG.integers(0, 256, (high, wide, channels), dtype=np.uint8)


@pytest.mark.parametrize(
    ("high", "wide", "size", "shape"), [(40, 60, 20, (20, 30)), (60, 40, 20, (30, 20)), (9, 9, 18, (18, 18))]
)
@pytest.mark.parametrize("channels", [1, 3])
def test_the_shorter_side_gets_the_size(high, wide, size, shape, channels):
    assert resize(picture(high, wide, channels), size).shape == (*shape, channels)


def test_halving_averages():
    """A new pixel of half the resolution is mostly the mean of four: of stripes two pixels wide, exactly between."""
    stripes = np.zeros((8, 8, 1), np.uint8)
    stripes[:, ::2] = 200
    inner = resize(stripes, 4)[:, 1:-1]
    assert np.all(np.abs(inner.astype(int) - 100) <= 1)


def test_its_own_size_changes_nothing():
    one = picture(7, 9)
    np.testing.assert_array_equal(resize(one, 7), one)


def test_the_middle():
    one = np.arange(5 * 6).reshape(5, 6, 1).astype(np.uint8)
    np.testing.assert_array_equal(centre_crop(one, 3)[..., 0], [[7, 8, 9], [13, 14, 15], [19, 20, 21]])


def test_normalise_by_hand_and_back():
    one, mean, std = picture(4, 5), (0.4, 0.5, 0.1), (0.2, 0.3, 2.0)
    x = normalise(one, mean, std)
    assert x.dtype == np.float32
    np.testing.assert_allclose(x[2, 3, 1], (one[2, 3, 1] / 255 - 0.5) / 0.3, rtol=1e-5)
    np.testing.assert_array_equal(denormalise(x, mean, std), one)


@pytest.mark.parametrize("suffix", [".png", ".bmp"])
def test_files_are_read_as_colours(tmp_path, suffix):
    grey = picture(6, 5, 1)[..., 0]
    Image.fromarray(grey).save(tmp_path / f"p{suffix}")
    read = read_picture(tmp_path / f"p{suffix}")
    np.testing.assert_array_equal(read, np.repeat(grey[..., None], 3, axis=2))


def test_files_that_are_none(tmp_path):
    path = tmp_path / "p.jpg"
    with pytest.raises(Mistake, match="no such file"):
        read_picture(path)
    path.write_text("not a picture")
    with pytest.raises(Mistake, match="none"):
        read_picture(path)
    Image.fromarray(picture(64, 64)).save(path)
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(Mistake, match="damaged"):
        read_picture(path)


@pytest.mark.parametrize(
    "call",
    [
        lambda: resize(picture(4, 4), 0),
        lambda: resize(np.zeros((4, 4, 3)), 2),
        lambda: resize(picture(4, 4, 2), 2),
        lambda: centre_crop(picture(4, 4), 5),
        lambda: normalise(picture(4, 4), (0.5,), (0.5,)),
        lambda: normalise(picture(4, 4), (0.5,) * 3, (0.5, 0.0, 0.5)),
    ],
)
def test_what_does_not_fit(call):
    with pytest.raises(Mistake):
        call()
