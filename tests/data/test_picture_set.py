"""Images from files: pixels, classes, parts, the sum that says whether anything changed; new pictures; sizes."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from gradiens.core.check import Mistake
from gradiens.data.decode import Form
from gradiens.data.images import Images
from gradiens.data.picture_set import files_at, new_pictures, read_folder, resized
from gradiens.data.pictures import centre_crop, resize


@pytest.fixture
def folder(tmp_path):
    """Two classes in both parts; the pixels of a picture say which it is."""
    value = 0
    for part, count in (("train", 4), ("test", 2)):
        for label in ("9", "10"):
            (tmp_path / part / label).mkdir(parents=True)
            for i in range(count):
                Image.fromarray(np.full((5, 6, 3), value, np.uint8)).save(tmp_path / part / label / f"{i}.png")
                value += 1
    return tmp_path


def test_pixels_classes_and_parts(folder):
    images = read_folder(folder)
    assert images.classes == ("9", "10") and images.name == folder.name and images.path == str(folder)
    assert images.pixels.shape == (8, 5, 6, 3) and images.test_pixels.shape == (4, 5, 6, 3)
    by_value = dict(zip(images.pixels[:, 0, 0, 0].tolist(), images.labels.tolist(), strict=True))
    assert by_value == dict(enumerate([0, 0, 0, 0, 1, 1, 1, 1]))
    by_value = dict(zip(images.test_pixels[:, 0, 0, 0].tolist(), images.test_labels.tolist(), strict=True))
    assert by_value == {8: 0, 9: 0, 10: 1, 11: 1}
    assert images.notes == ("the pictures have 5 × 6 pixels",)


def test_a_size_may_be_asked_for(folder):
    images = read_folder(folder, 3)
    assert images.pixels.shape == (8, 3, 3, 3)
    assert images.notes[0] == "the pictures are brought to 3 × 3 pixels: as asked for"


def test_the_sum_changes_with_names_classes_and_bytes_and_with_nothing_else(folder):
    first = read_folder(folder).sha256
    assert read_folder(folder).sha256 == first and len(first) == 64
    content = (folder / "train/9/0.png").read_bytes()
    (folder / "train/9/0.png").rename(folder / "train/9/00.png")
    renamed = read_folder(folder).sha256
    (folder / "train/9/00.png").rename(folder / "train/10/00.png")
    moved = read_folder(folder).sha256
    Image.fromarray(np.full((5, 6, 3), 99, np.uint8)).save(folder / "train/10/00.png")
    changed = read_folder(folder).sha256
    assert len({first, renamed, moved, changed}) == 4
    (folder / "train/10/00.png").unlink()
    (folder / "train/9/0.png").write_bytes(content)
    assert read_folder(folder).sha256 == first


def test_copies_are_counted(folder):
    (folder / "test/9/copy.png").write_bytes((folder / "train/9/0.png").read_bytes())
    (folder / "train/9/copy.png").write_bytes((folder / "train/9/1.png").read_bytes())
    assert read_folder(folder).notes[1:] == (
        "files that are copies of others, byte for byte: 2",
        "of them in the test part, with a copy in training: 1",
    )


def test_the_same_file_in_two_classes_is_named(folder):
    (folder / "train/10/copy.png").write_bytes((folder / "train/9/0.png").read_bytes())
    assert read_folder(folder).notes[1:] == (
        "files that are copies of others, byte for byte: 1",
        "the same file in two classes: 2, train/10/copy.png, train/9/0.png",
    )


def test_what_is_left_out_is_no_copy(folder):
    for part in ("train", "test"):
        for i in range(2):
            (folder / part / "9" / f"bad {i}.png").write_text("no picture")
    notes = read_folder(folder).notes
    assert "cannot be read, left out: 4 of 16 pictures" in notes[1] and len(notes) == 2


def test_a_class_that_cannot_be_read_is_none(folder):
    (folder / "train/bad").mkdir()
    (folder / "train/bad/1.png").write_text("no picture")
    Image.fromarray(np.zeros((5, 6, 3), np.uint8)).save(folder / "test/9/more.png")
    images = read_folder(folder)
    assert images.classes == ("9", "10") and len(images.pixels) == 8
    assert "classes without a picture that can be read: bad" in images.notes
    (folder / "test/bad").mkdir()
    for i in range(3):
        Image.fromarray(np.full((5, 6, 3), 90 + i, np.uint8)).save(folder / f"test/bad/{i}.png")
    images = read_folder(folder)
    said = "classes without a picture that can be read: bad in training; their 3 in the test part are left out"
    assert said in images.notes and len(images.test_pixels) == 5
    for path in (folder / "train/9").glob("*"):
        path.write_text("no picture")
    with pytest.raises(Mistake, match="two classes that can be read, got 10 alone"):
        read_folder(folder)


def test_a_test_part_that_cannot_be_read_is_not_replaced(folder):
    for path in (folder / "test").glob("*/*"):
        path.write_text("no picture")
    with pytest.raises(Mistake, match="pictures of the test part that can be read, got none of its 4"):
        read_folder(folder)


def test_new_pictures_keep_the_names_of_those_that_were_read(folder):
    (folder / "test/9/0.png").write_text("no picture")
    paths, names = files_at(folder / "test")
    assert names == ["10/0.png", "10/1.png", "9/0.png", "9/1.png"]
    new = new_pictures(paths, names, Form(5, 6, 1))
    assert new.names == ("10/0.png", "10/1.png", "9/1.png") and new.pixels[:, 0, 0].tolist() == [10, 11, 9]
    assert "9/0.png (no picture)" in new.notes[0]
    assert files_at(folder / "test/9/1.png")[1] == ["1.png"]
    (folder / "none").mkdir()
    with pytest.raises(Mistake, match=r"the folder .* without any"):
        files_at(folder / "none")


@pytest.mark.parametrize("channels", [(), (3,)])
def test_images_in_memory_are_resized_as_single_pictures_are(channels):
    pixels = np.random.default_rng(0).integers(0, 256, (4, 6, 8, *channels), dtype=np.uint8)
    images = Images("x", pixels, np.zeros(4, np.int32), ("a", "b"), pixels[:1], np.zeros(1, np.int32))
    small = resized(images, 3)
    want = centre_crop(resize(pixels[1].reshape(6, 8, -1), 3), 3).reshape(3, 3, *channels)
    np.testing.assert_array_equal(small.pixels[1], want)
    assert small.test_pixels.shape == (1, 3, 3, *channels) and "from 6 × 8 to 3 × 3" in small.notes[-1]
    assert resized(small, 3) is small
    with pytest.raises(Mistake, match="at least 1"):
        resized(images, 0)
