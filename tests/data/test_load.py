"""One door: files, folders, sets by name, and what is none of them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from gradiens.core.check import Mistake
from gradiens.data.images import Images
from gradiens.data.load import load


def test_a_folder_is_pictures_and_a_set_goes_before_a_folder_of_its_name(tmp_path, monkeypatch):
    for label in ("a", "b"):
        (tmp_path / "digits" / label).mkdir(parents=True)
        Image.fromarray(np.zeros((3, 3), np.uint8)).save(tmp_path / "digits" / label / "1.png")
    monkeypatch.chdir(tmp_path)
    assert load(tmp_path / "digits").classes == ("a", "b")
    found = load("digits")
    assert isinstance(found, Images) and found.name == "digits" and len(found.classes) == 10
    monkeypatch.chdir(tmp_path / "digits")
    with pytest.raises(Mistake, match="did you mean 'digits'"):
        load("digit")


@pytest.mark.parametrize(
    ("name", "size", "says"),
    [
        ("p.png", None, "data to learn from, got the picture p.png"),
        ("t.csv", 8, "pictures to bring to a size, got a table"),
        ("nothing/here", None, "which does not exist"),
        ("nothing", None, "a file, a folder or the name of a data set, got 'nothing'"),
    ],
)
def test_what_cannot_be_loaded_is_said(tmp_path, monkeypatch, name, size, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text("x,y\n1,2\n3,4\n")
    Image.fromarray(np.zeros((3, 3), np.uint8)).save(tmp_path / "p.png")
    with pytest.raises(Mistake, match=says):
        load(name, size=size)
