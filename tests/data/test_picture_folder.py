"""What a folder holds: classes, parts, what is passed over, what is refused. No picture is opened: files may be empty."""

from __future__ import annotations

import os
import unicodedata

import pytest

from gradiens.core.check import Mistake
from gradiens.data.picture_folder import pictures_below, scan, sorted_names


def made(root, *files):
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).touch()
    return root


def test_one_sub_folder_is_one_class(tmp_path):
    files = scan(made(tmp_path, "dog/b.png", "dog/a.JPG", "cat/deep/down/c.jpeg", "cat/a.gif"))
    assert files.names == ["cat/a.gif", "cat/deep/down/c.jpeg", "dog/a.JPG", "dog/b.png"]
    assert files.labels == ["cat", "cat", "dog", "dog"] and files.test == [False] * 4 and files.notes == ()
    assert files.paths[1] == tmp_path / "cat/deep/down/c.jpeg"


@pytest.mark.parametrize(
    ("folders", "test", "notes"),
    [
        (("train", "test"), "test", ()),
        (("Training", "VAL"), "VAL", ("the pictures of VAL/ are the test part",)),
        (("train", "valid", "test"), "test", ("the pictures of valid/ are among those of train/",)),
    ],
)
def test_parts_in_folders_of_their_own(tmp_path, folders, test, notes):
    made(tmp_path, *(f"{folder}/{label}/1.png" for folder in folders for label in "ab"))
    files = scan(tmp_path)
    assert {name for name, tested in zip(files.names, files.test, strict=True) if tested} == {
        f"{test}/a/1.png", f"{test}/b/1.png"
    }  # fmt: skip
    assert len(files.names) == 2 * len(folders) and files.notes == notes


@pytest.mark.parametrize("part", ["test", "val"])
def test_folders_beside_the_parts_are_no_classes(tmp_path, part):
    made(tmp_path, *(f"{folder}/{label}/1.png" for folder in ("train", part) for label in "ab"))
    made(tmp_path, "sample/a/1.png", "masks/x.csv")
    files = scan(tmp_path)
    assert files.names == ["train/a/1.png", "train/b/1.png", f"{part}/a/1.png", f"{part}/b/1.png"]
    assert files.test == [False, False, True, True]
    first, second = sorted(("train", part))
    assert files.notes[0] == f"folders beside {first}/ and {second}/, left out: masks, sample"


def test_train_beside_another_class_is_a_class(tmp_path):
    files = scan(made(tmp_path, "train/1.png", "plane/1.png"))
    assert files.labels == ["plane", "train"]


def test_an_archive_s_own_folder_is_opened(tmp_path):
    files = scan(made(tmp_path, "pets/cat/1.png", "pets/dog/1.png"))
    assert files.labels == ["cat", "dog"] and files.notes == ("the classes are in pets",)


def test_what_is_no_picture_is_passed_over_and_counted(tmp_path):
    made(tmp_path, "a/1.png", "b/1.png", "empty/.keep", "loose.png", "a/notes.txt", "b/x.csv")
    made(tmp_path, ".git/1.png", "a/Thumbs.db", "a/._1.png", "b/desktop.ini", "__MACOSX/a/1.png")
    files = scan(tmp_path)
    assert files.names == ["a/1.png", "b/1.png"]
    assert files.notes == (
        "class folders without a picture, no classes: empty",
        "pictures outside the folders of classes, left out: 1 (loose.png)",
        "files that are no pictures by their names: 2 (notes.txt, x.csv)",
    )


def test_links_are_followed_and_circles_are_not(tmp_path):
    made(tmp_path, "in/a/1.png", "in/b/1.png", "elsewhere/2.png")
    (tmp_path / "in/a/up").symlink_to(tmp_path / "in")
    (tmp_path / "in/a/self").symlink_to(tmp_path / "in/a/self")
    (tmp_path / "in/b/more").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in/b/gone.png").symlink_to(tmp_path / "nothing")
    assert scan(tmp_path / "in").names == ["a/1.png", "b/1.png", "b/gone.png", "b/more/2.png"]


def test_names_in_any_script(tmp_path):
    made(tmp_path, "猫/ж.png", unicodedata.normalize("NFD", "größe") + "/1.png")
    assert scan(tmp_path).labels == ["größe", "猫"]
    os.mkdir(os.fsencode(tmp_path) + b"/caf\xe9")
    (tmp_path / os.fsdecode(b"caf\xe9") / "1.png").touch()
    assert "caf\\udce9" in scan(tmp_path).labels


def test_classes_in_order():
    assert sorted_names({"10", "9", "0"}) == ["0", "9", "10"] and sorted_names(["b", "10", "9"]) == ["10", "9", "b"]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ((), "without pictures and no sub-folder"),
        (("1.png", "2.png"), "with 2 pictures and no sub-folder"),
        (("a/x.txt", "b/y.txt"), "without pictures and in a, b none"),
        (
            ("train/a/1.png", "train/b/1.png", "test/1.png", "plane/1.png"),
            "parts with classes, got test/ beside plane/",
        ),
        (("train/a/1.png", "Training/b/1.png", "test/b/1.png"), "parts with classes, got Training/ beside train/"),
        (("a/1.png", "b/y.txt"), "at least two classes, got .* with a alone"),
        (
            ("train/a/1.png", "train/b/1.png", "test/c/1.png"),
            "classes of the test among those of training: a, b, got 'c'",
        ),
    ],
)
def test_what_is_no_such_folder_is_said(tmp_path, files, says):
    made(tmp_path, *files)
    with pytest.raises(Mistake, match=says):
        scan(tmp_path)


def test_a_folder_that_may_not_be_read_is_empty(tmp_path, monkeypatch):
    made(tmp_path, "1.png")

    def refused(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refused)
    assert pictures_below(tmp_path) == ([], [])
