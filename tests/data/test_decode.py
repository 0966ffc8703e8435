"""One file: every kind of picture as bytes of one form, and every kind of fault in words."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from gradiens.core.check import Mistake
from gradiens.data import decode as module
from gradiens.data.decode import Form, Look, decode, form_of, look
from gradiens.data.pictures import centre_crop, resize

RNG = np.random.default_rng(0)
COLOURS = RNG.integers(0, 256, (12, 16, 3), dtype=np.uint8)
GREY = RNG.integers(0, 256, (12, 16), dtype=np.uint8)
WHOLE = Form(12, 16, 3)


def stored(folder, pixels, name="a.png", mode=None, **options):
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(folder / name, **options)
    return folder / name


def test_a_picture_of_the_form_is_read_as_it_is(tmp_path):
    path = stored(tmp_path, COLOURS)
    got = decode(path, WHOLE)
    np.testing.assert_array_equal(got.pixels, COLOURS)
    assert (got.size, got.traits, got.fault) == ((12, 16), (), "")
    assert look(path) == Look(12, 16, False)
    grey = decode(stored(tmp_path, GREY), Form(12, 16, 1))
    np.testing.assert_array_equal(grey.pixels, GREY)
    assert grey.traits == () and look(tmp_path / "a.png") == Look(12, 16, True)


@pytest.mark.parametrize("size", [5, 12, 20])
def test_squares_are_resized_and_cut_as_single_pictures_are(tmp_path, size):
    got = decode(stored(tmp_path, COLOURS), Form(size, size, 3))
    np.testing.assert_array_equal(got.pixels, centre_crop(resize(COLOURS, size), size))
    assert got.traits == ("resized",)


def test_an_oblong_form_is_covered(tmp_path):
    got = decode(stored(tmp_path, COLOURS), Form(6, 4, 3))
    whole = np.asarray(Image.fromarray(COLOURS).resize((8, 6), Image.Resampling.BILINEAR))
    np.testing.assert_array_equal(got.pixels, whole[:, 2:6])


def test_grey_and_colours_become_each_other(tmp_path):
    got = decode(stored(tmp_path, GREY), WHOLE)
    np.testing.assert_array_equal(got.pixels, np.repeat(GREY[..., None], 3, 2))
    assert got.traits == ("grey",)
    got = decode(stored(tmp_path, COLOURS), Form(12, 16, 1))
    luma = COLOURS @ np.array([0.299, 0.587, 0.114])  # ITU-R 601, as Pillow's documentation has it
    assert np.abs(got.pixels - luma).max() <= 1 and got.traits == ("colour",)


def test_what_is_seen_through_is_laid_on_white(tmp_path):
    alpha = RNG.integers(0, 256, (12, 16, 1), dtype=np.uint8)
    got = decode(stored(tmp_path, np.concatenate([COLOURS, alpha], 2)), WHOLE)
    want = 255 + (COLOURS - 255.0) * (alpha / 255)
    assert np.abs(got.pixels - want).max() <= 1 and got.traits == ("alpha",)
    solid = np.concatenate([COLOURS, np.full_like(alpha, 255)], 2)
    got = decode(stored(tmp_path, solid), WHOLE)
    np.testing.assert_array_equal(got.pixels, COLOURS)
    assert got.traits == ()


def test_sixteen_bits_are_scaled_to_eight(tmp_path):
    deep = np.array([[0, 257, 65535, 128]], np.uint16)
    got = decode(stored(tmp_path, deep), Form(1, 4, 1))
    np.testing.assert_array_equal(got.pixels, [[0, 1, 255, 0]])
    assert got.traits == ("deep",)


NUMBERS = [
    (np.float32, [0.0, 0.5, 1.0], "", [0, 128, 255], "unit"),
    (np.float32, [-5.0, 100.0, np.inf], "", [0, 100, 255], "decimal"),
    (np.float32, [0.0, 0.5, 1.0], "decimal", [0, 0, 1], "decimal"),
    (np.float32, [0.0, 0.5, 1.02], "unit", [0, 128, 255], "unit"),
    (np.int32, [0, 200, 255], "", [0, 200, 255], "wide"),
    (np.int32, [257, 65535, 514], "", [1, 255, 2], "deep"),
    (np.int32, [0, 200, 255], "deep", [0, 1, 1], "deep"),
    (np.uint16, [0, 200, 255], "", [0, 1, 1], "deep"),
    (np.uint16, [0, 200, 255], "unit", [0, 1, 1], "deep"),
]


@pytest.mark.parametrize(("kind", "values", "scale", "want", "trait"), NUMBERS)
def test_numbers_become_bytes_by_their_scale(tmp_path, kind, values, scale, want, trait):
    got = decode(stored(tmp_path, np.array([values], kind), "a.tif"), Form(1, 3, 1), scale)
    np.testing.assert_array_equal(got.pixels, [want])
    assert got.traits == (trait,)


def test_cmyk_is_made_colours(tmp_path):
    flat = np.full((12, 16, 3), (200, 40, 90), np.uint8)
    got = decode(stored(tmp_path, flat, "a.jpg", "CMYK", quality=95), WHOLE)
    assert np.abs(got.pixels.astype(int) - flat).max() <= 6 and got.traits == ("cmyk",)


@pytest.mark.parametrize(("orientation", "turn"), [(6, -1), (8, 1), (3, 2)])
@pytest.mark.parametrize(("name", "options"), [("a.tif", {}), ("a.webp", {"lossless": True})])
def test_a_picture_is_turned_as_the_camera_was_held(tmp_path, orientation, turn, name, options):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = stored(tmp_path, COLOURS, name, exif=exif, **options)
    turned = np.rot90(COLOURS, turn)
    assert look(path) == Look(*turned.shape[:2], False)
    got = decode(path, Form(*turned.shape[:2], 3))
    np.testing.assert_array_equal(got.pixels, turned)
    assert got.traits == ("turned",)


@pytest.mark.parametrize("orientation", [0, 1, 9])
def test_an_orientation_that_turns_nothing_is_not_said(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    got = decode(stored(tmp_path, COLOURS, "a.webp", exif=exif, lossless=True), WHOLE)
    np.testing.assert_array_equal(got.pixels, COLOURS)
    assert got.traits == ()


@pytest.mark.parametrize(("orientation", "axis"), [(2, 1), (4, 0)])
def test_a_mirrored_picture_is_mirrored_back(tmp_path, orientation, axis):
    exif = Image.Exif()
    exif[0x0112] = orientation
    got = decode(stored(tmp_path, COLOURS, "a.webp", exif=exif, lossless=True), WHOLE)
    np.testing.assert_array_equal(got.pixels, np.flip(COLOURS, axis))
    assert got.traits == ("turned",)


def test_of_an_animation_the_first_frame_is_taken(tmp_path):
    frames = [Image.fromarray(np.full((12, 16), value, np.uint8)) for value in (10, 200, 90)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    got = decode(tmp_path / "a.gif", Form(12, 16, 1))
    assert (got.pixels == 10).all() and got.traits == ("animated",)


def test_a_palette_of_greys_is_grey(tmp_path):
    assert look(stored(tmp_path, GREY, "a.gif")).grey
    assert not look(stored(tmp_path, COLOURS, "b.gif", "P")).grey


def test_a_large_jpeg_is_read_at_a_fraction_and_comes_out_alike(tmp_path):
    i, j = np.mgrid[:800, :800]
    smooth = np.stack([i // 4, j // 4, (i + j) // 8], 2).astype(np.uint8)
    got = decode(stored(tmp_path, smooth, "a.jpg", quality=95), Form(16, 16, 3))
    far = np.abs(got.pixels.astype(int) - resize(smooth, 16)).max()
    assert 0 < far <= 3 and got.size == (800, 800)  # exactly alike it would be of the whole picture


def test_faults_are_words(tmp_path, monkeypatch):
    whole = stored(tmp_path, RNG.integers(0, 256, (64, 64, 3), dtype=np.uint8), "a.jpg").read_bytes()
    for name, content in ("cut", whole[:700]), ("none", b""), ("text", b"hello, world\n" * 9), ("head", whole[:20]):
        (tmp_path / f"{name}.jpg").write_bytes(content)
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    told = {
        name: decode(tmp_path / name, WHOLE)
        for name in ("cut.jpg", "none.jpg", "text.jpg", "head.jpg", "gone.jpg", "folder.png", "loop.png")
    }
    assert all(one.pixels is None and one.fault for one in told.values())
    assert told["cut.jpg"].fault.startswith("damaged: image file is truncated")
    assert told["none.jpg"].fault == "an empty file" and told["text.jpg"].fault == "no picture"
    assert told["gone.jpg"].fault == "no such file" and "symbolic links" in told["loop.png"].fault
    assert look(tmp_path / "text.jpg") is look(tmp_path / "gone.jpg") is None

    def refused(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(module.Path, "read_bytes", refused)
    assert decode(tmp_path / "a.jpg", WHOLE).fault == "it may not be read"


def test_a_picture_of_too_many_pixels_is_a_fault(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert decode(stored(tmp_path, GREY), WHOLE).fault == "more than 100 pixels"  # a warning of Pillow, an error here
    assert decode(stored(tmp_path, np.zeros((20, 20), np.uint8)), WHOLE).fault == "more than 100 pixels"


def test_the_form_follows_the_pictures():
    same, grey = [Look(20, 30, False)] * 3, [Look(9, 9, True)]
    assert form_of(same, None, 64)[0] == Form(20, 30, 3)
    assert form_of(same + grey * 2, None, 64)[0] == Form(20, 20, 3)  # sides 9, 9, 20, 20, 20
    assert form_of(same + grey * 4, None, 64)[0] == Form(9, 9, 1)
    assert form_of([Look(200, 300, False)], None, 64)[0] == Form(64, 64, 3)
    form, said = form_of(same, 48, 64)
    assert form == Form(48, 48, 3) and "as asked for" in said
    with pytest.raises(Mistake, match="at least 1, got 0"):
        form_of(same, 0, 64)
