"""Many files: order, faults counted, memory, progress."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from PIL import Image

from gradiens.core.check import Mistake
from gradiens.data import picture_batch
from gradiens.data.decode import Form
from gradiens.data.picture_batch import choose_form, first_of, free_memory, read_pictures, shown

FORM = Form(4, 5, 1)


@pytest.fixture
def files(tmp_path):
    """Picture i is of the value i; there are more than the threads have in hand at a time."""
    paths = [tmp_path / f"{i}.png" for i in range(300)]
    for i, path in enumerate(paths):
        Image.fromarray(np.full((4, 5), i % 256, np.uint8)).save(path)
    return paths


def names_of(files):
    return [path.name for path in files]


def test_the_order_is_kept_and_every_file_is_summed(files):
    batch = read_pictures(files, names_of(files), FORM)
    np.testing.assert_array_equal(batch.pixels[:, 2, 3], np.arange(300) % 256)
    assert batch.pixels.shape == (300, 4, 5) and batch.read.all() and batch.notes == ()
    assert batch.sums[7] == hashlib.sha256(files[7].read_bytes()).hexdigest()


def test_what_cannot_be_read_is_left_out_and_counted(files):
    for i in (3, 40, 41, 299):
        files[i].write_bytes(b"")
    batch = read_pictures(files, names_of(files), FORM)
    left = np.delete(np.arange(300), [3, 40, 41, 299])
    np.testing.assert_array_equal(np.flatnonzero(batch.read), left)
    np.testing.assert_array_equal(batch.pixels[:, 0, 0], left % 256)
    told = "3.png (an empty file), 40.png (an empty file), 41.png (an empty file), …"
    assert batch.notes == (f"cannot be read, left out: 4 of 300 pictures, {told}",)


def test_traits_are_counted_with_names(files):
    Image.fromarray(np.zeros((4, 5, 3), np.uint8)).save(files[1])
    Image.fromarray(np.zeros((8, 5), np.uint8)).save(files[2])
    Image.fromarray(np.zeros((40, 50), np.uint8)).save(files[9])
    notes = read_pictures(files, names_of(files), FORM).notes
    assert notes[0] == "in colours, made grey: 1 of 300 pictures, 1.png"
    assert notes[1].endswith("cut out: 2 of 300 pictures, from 8 × 5 to 40 × 50")


@pytest.mark.parametrize(
    ("kind", "most", "odd", "want", "says"),
    [
        (np.float32, 200.0, 1.0, (200, 1), "of decimal numbers, those from 0 to 255 made bytes"),
        (np.float32, 0.5, 1.02, (128, 255), "of decimal numbers, those from 0 to 1 made bytes"),
        (np.int32, 51400, 200, (200, 1), "of more than 8 bits, scaled to 8"),
    ],
)
def test_pictures_of_numbers_have_one_scale(tmp_path, kind, most, odd, want, says):
    paths = [tmp_path / f"{i}.tif" for i in range(6)]
    for i, path in enumerate(paths):
        Image.fromarray(np.full((4, 5), odd if i == 4 else most, kind)).save(path)
    batch = read_pictures(paths, names_of(paths), FORM)
    assert batch.pixels[:, 1, 1].tolist() == [want[i == 4] for i in range(6)]
    assert batch.notes == (f"{says}: 6 of 6 pictures",)
    assert batch.sums[4] == hashlib.sha256(paths[4].read_bytes()).hexdigest()


def test_more_than_half_unreadable_is_a_mistake(files):
    for path in files[:151]:
        path.write_text("no")
    with pytest.raises(Mistake, match=r"got 151 of 300 that cannot: 0.png \(no picture\)"):
        read_pictures(files, names_of(files), FORM)
    with pytest.raises(Mistake, match=r"expected a picture, got 0.png \(no picture\)"):
        read_pictures(files[:1], ["0.png"], FORM)
    with pytest.raises(Mistake, match=r"none among 2 files, 0.png: no picture"):
        choose_form(files[:2], None)


def test_too_many_pictures_for_the_memory_are_refused_with_a_size_that_fits(monkeypatch, files):
    monkeypatch.setattr(picture_batch, "free_memory", lambda: 3 * 300 * 100 * 3)
    with pytest.raises(Mistake, match="--size 10 would fit"):
        read_pictures(files, names_of(files), Form(20, 20, 3))
    monkeypatch.undo()
    free = free_memory()
    assert free is None or free > 10**6


def test_the_form_is_chosen_by_files_spaced_over_all(monkeypatch, files):
    monkeypatch.setattr(picture_batch, "LOOKS", 3)
    for i in (0, 150, 299):
        Image.fromarray(np.zeros((7, 7, 3), np.uint8)).save(files[i])
    assert choose_form(files, None)[0] == Form(7, 7, 3)


def test_a_picture_of_too_many_pixels_does_not_stop_the_others(monkeypatch, files):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 30)
    Image.fromarray(np.zeros((8, 5), np.uint8)).save(files[0])
    batch = read_pictures(files[:40], names_of(files)[:40], FORM)
    assert "0.png (more than 30 pixels)" in batch.notes[0] and len(batch.pixels) == 39


def test_names_as_text():
    assert first_of(["a", "b", "c"]) == "a, b, c" and first_of(list("abcd")) == "a, b, c, …"
    assert shown("größe.png") == "größe.png"
    assert shown(b"caf\xe9.png".decode("utf-8", "surrogateescape")).encode()
