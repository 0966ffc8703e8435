"""Tables of paths: which column, which target, which rows; through `load` as users go."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from PIL import Image

from gradiens.core.check import Mistake
from gradiens.data.image_input import ImagePreprocessing
from gradiens.data.images import Images
from gradiens.data.load import load
from gradiens.data.picture_table import paths_of, picture_column, unread
from gradiens.data.table import Table, read_table
from gradiens.data.target import Target

HEAD = "file,animal,weight\n"


@pytest.fixture
def folder(tmp_path):
    """Twelve pictures whose pixels say which they are."""
    (tmp_path / "pictures").mkdir()
    for i in range(12):
        Image.fromarray(np.full((4, 4), i, np.uint8)).save(tmp_path / f"pictures/{i}.png")
    return tmp_path


def written(folder, text):
    (folder / "t.csv").write_text(text, encoding="utf-8")
    return folder / "t.csv"


def rows(values, animals=("cat", "dog")):
    return "".join(f"pictures/{i}.png,{animals[i % len(animals)]},{i / 7}\n" for i in values)


def test_a_column_of_paths_means_the_pictures(folder):
    images = load(written(folder, HEAD + rows(range(12))), target="animal")
    assert isinstance(images, Images) and images.pixels[:, 0, 0].tolist() == list(range(12))
    assert images.labels.tolist() == [0, 1] * 6 and images.classes == ("cat", "dog") and images.target == "animal"
    assert images.notes[:2] == (
        "column 'file' names the pictures",
        "columns beside path and class are passed over: weight",
    )
    assert images.path.endswith("t.csv") and images.name == "t"


def test_the_only_other_column_or_the_one_called_so_is_the_target(folder):
    text = "".join(f"pictures/{i}.png,{9 + i % 2}\n" for i in range(12))
    assert load(written(folder, "path,kind\n" + text)).classes == ("9", "10")
    wide = "".join(f"pictures/{i}.png,{i},{'ab'[i % 2]}\n" for i in range(12))
    assert load(written(folder, "path,row,Label\n" + wide)).classes == ("a", "b")
    with pytest.raises(Mistake, match="a target, got one of row, kind; name it: --target"):
        load(written(folder, "path,row,kind\n" + wide))
    with pytest.raises(Mistake, match="did you mean 'kind'"):
        load(written(folder, "path,row,kind\n" + wide), target="kinds")


def test_missing_files_are_counted_and_missing_paths_left_out(folder):
    images = load(written(folder, HEAD + rows(range(12)) + "pictures/99.png,cat,1\n,dog,2\n"), target="animal")
    assert len(images.pixels) == 12
    assert "rows that name no picture, left out: 1" in images.notes
    assert "cannot be read, left out: 1 of 13 pictures, pictures/99.png (no such file)" in images.notes


def test_a_column_of_parts_sets_the_test_apart(folder):
    text = "".join(f"pictures/{i}.png,{'ab'[i % 2]},{'Train' if i < 8 else 'test'}\n" for i in range(12))
    images = load(written(folder, "file,kind,split\n" + text))
    assert images.pixels[:, 0, 0].tolist() == list(range(8)) and images.test_pixels[:, 0, 0].tolist() == [8, 9, 10, 11]


def test_a_column_that_only_looks_like_paths_stays_text(folder):
    table = load(written(folder, "file,y\n" + "a.png,1\nb.png,2\n" * 3))
    assert isinstance(table, Table)
    assert table.notes == (
        f"column 'file' of names of pictures, none of which is there: looked for {folder / 'a.png'}",
    )
    with pytest.raises(Mistake, match=r"none among 6 files, a.png: no such file"):
        load(folder / "t.csv", target="y", pictures="file")
    mixed = load(written(folder, "file,y\n" + "pictures/1.png,1\npictures/2.png,1\nnotes.txt,2\n"))
    assert picture_column(mixed) == "" and unread(mixed) == mixed.notes[-1]
    assert mixed.notes[-1] == "column 'file' of names of pictures, but for 'notes.txt', which is none"
    assert unread(read_table(written(folder, "file,y\n" + "pictures/1.png,1\n" * 3))) == ""
    assert unread(read_table(written(folder, "file,y\n" + "a.png,1\nb.txt,2\nc.txt,2\n"))) == ""


def test_many_whole_numbers_are_classes(folder):
    text = "".join(f"pictures/{i % 12}.png,{i % 25}\n" for i in range(100))
    images = load(written(folder, "file,kind\n" + text))
    assert images.classes == tuple(map(str, range(25))) and images.labels.tolist() == [i % 25 for i in range(100)]
    as_floats = "".join(f"pictures/{i}.png,{i % 5}.0\n" for i in range(12))
    assert load(written(folder, "file,kind\n" + as_floats)).classes == ("0", "1", "2", "3", "4")
    with pytest.raises(Mistake, match="numbers in 'kind', such as 0, 12 different ones in 12 rows"):
        load(written(folder, "file,kind\n" + "".join(f"pictures/{i}.png,{i}\n" for i in range(12))))


@pytest.mark.parametrize(
    ("text", "target", "says"),
    [
        (HEAD + rows(range(12)), "weight", "classes for pictures, got numbers in 'weight'"),
        ("file\npictures/1.png\npictures/2.png\n", "label", "a target, got no column beside the paths; add one"),
        (HEAD + rows(range(12), ("cat",)), "animal", "at least two values, got 'cat'"),
        (HEAD + "pictures/1.png,,1\npictures/2.png,cat,1\n", "animal", "in every row, got 1 missing"),
    ],
)
def test_what_is_wrong_with_the_target_is_said(folder, text, target, says):
    with pytest.raises(Mistake, match=says):
        load(written(folder, text), target=target)


def test_paths_for_a_trained_model(folder):
    text = "file,y\npictures/3.png,1\n,1\npictures/1.png,1\n"
    paths, names, notes = paths_of(read_table(written(folder, text)))
    assert names == ["pictures/3.png", "pictures/1.png"] and paths[0] == folder / "pictures/3.png"
    assert notes == ["rows that name no picture, left out: 1 of 3"]
    known = ImagePreprocessing((4, 4), 255, Target("kind", "binary", ("a", "b")))
    new = known.read(folder / "t.csv")
    assert new.names == ("pictures/3.png", "pictures/1.png") and known.encode(new).notes[0] == notes[0]
    with pytest.raises(Mistake, match="images, got column 'file' of names of pictures, none of which is there"):
        known.read(written(folder, "file,y\n" + "a.png,1\nb.png,2\n"))
    with pytest.raises(Mistake, match="a column of paths of pictures"):
        paths_of(Table(pl.DataFrame({"x": [1]}), "t", "t.csv"))
