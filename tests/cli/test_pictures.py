"""`gradiens fit FOLDER` and `gradiens predict RUN FOLDER`: what is wrong with the files is said and counted, never a crash."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from PIL import Image

from gradiens.core.run import Run

QUICK = ("--hidden", "4", "--epochs", "30", "--lr", "0.05", "--quiet", "--json")


def picture(label, i, channels=(3,)):
    low = {"dark": 0, "light": 150}[label]
    return np.random.default_rng(i).integers(low, low + 100, (6, 6, *channels), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path):
    """Forty pictures of two classes that brightness tells apart, and some that are not as they should be."""
    root = tmp_path / "shots"
    for label in ("dark", "light"):
        (root / label).mkdir(parents=True)
        for i in range(20):
            Image.fromarray(picture(label, i)).save(root / label / f"{i}.png")
    Image.fromarray(picture("dark", 20, ())).save(root / "dark/grey.png")
    Image.fromarray(picture("dark", 21)).resize((30, 20)).save(root / "dark/large.jpg")
    (root / "light/broken.jpg").write_bytes((root / "dark/large.jpg").read_bytes()[:300])
    (root / "light/notes.txt").write_text("nothing")
    (root / "neither").mkdir()
    return root


def test_a_folder_is_fitted_and_its_faults_are_in_the_card(gradiens, folder, tmp_path):
    said = gradiens("fit", folder, *QUICK, "--out", "run")
    assert said.code == 0, said.err
    assert said.json["test"]["accuracy"] == 1.0 and said.json["classes"] == ["dark", "light"]
    card = json.loads((tmp_path / "run/summary.json").read_text())["card"]
    assert card["rows"] == 42 and card["images"]["shape"] == [6, 6, 3] and card["path"] == str(folder)
    told = "\n".join(card["notes"])
    for words in (
        "no classes: neither", "no pictures by their names: 1 (notes.txt)", "cannot be read, left out: 1 of 43 pictures",
        "light/broken.jpg (damaged", "grey, made colours: 1 of 43 pictures, dark/grey.png", "from 20 × 30",
    ):  # fmt: skip
        assert words in told and words in said.err, words
    page = (tmp_path / "run/report.html").read_text()
    assert "Training pictures of each class" in page and 'alt="light"' in page

    made = gradiens("predict", "run", folder, "--json").json
    assert made["rows"] == 42 and all(one["class"] in one["file"] for one in made["predictions"])
    assert any("cannot be read, left out: 1 of 43 pictures" in note for note in made["notes"])
    one = gradiens("predict", "run", folder / "light/3.png").out.splitlines()
    assert one[0] == "file,class,p(dark),p(light)" and one[1].startswith("3.png,light,")
    pl.DataFrame({"path": ["shots/dark/1.png", "shots/light/1.png"]}).write_csv(tmp_path / "new.csv")
    made = gradiens("predict", "run", "new.csv", "--json").json["predictions"]
    assert [(row["file"], row["class"]) for row in made] == [
        ("shots/dark/1.png", "dark"),
        ("shots/light/1.png", "light"),
    ]

    Image.fromarray(picture("dark", 99)).save(folder / "dark/0.png")
    again = gradiens("resume", "run")
    assert again.code == 2 and "as it was when the run began" in again.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("fit", "shots/dark"), "got shots/dark with 22 pictures and no sub-folder"),
        (("fit", "shots/dark/1.png"), "got the picture 1.png; give a folder"),
        (("fit", "shots", "--size", "0"), "--size"),
        (("fit", "shots", "--target", "x"), "target, got 'x'"),
        (("fit", "shots", "--drop", "x"), "without columns to drop"),
        (("fit", "shots", "--pictures", "x"), "a table with a column of paths, got shots; leave out --pictures"),
        (("fit", "wine", "--pictures", "x"), "a table with a column of paths, got wine; leave out --pictures"),
        (("fit", "shot"), "did you mean 'shots'?"),
    ],
)
def test_what_is_no_folder_of_classes_is_refused_in_one_line(gradiens, folder, words, says):
    said = gradiens(*words)
    assert said.code == 2 and says.removeprefix("--") in said.err and said.err.count("gradiens: ") == 1


def test_a_fit_that_fails_before_its_first_checkpoint_leaves_no_run(gradiens, folder, tmp_path):
    """Pictures too small for the network, a shift wider than them: the folder is free for the next try."""
    for words in (("--model", "alexnet"), ("--model", "small_cnn", "--augment", "shift=20")):
        said = gradiens("fit", folder, *words, "--epochs", "1", "--quiet", "--out", "run")
        assert said.code == 2 and not (tmp_path / "run").exists(), said.err
    run = Run.create(tmp_path / "mine", {}, {})
    (tmp_path / "mine/notes.txt").write_text("kept")
    run.discard()
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_mostly_broken_pictures_are_refused(gradiens, folder):
    for path in (folder / "light").glob("*.png"):
        path.write_text("no picture")
    (folder / "dark/0.png").write_text("no picture")
    said = gradiens("fit", folder)
    assert said.code == 2 and "got 22 of 43 that cannot: dark/0.png (no picture)" in said.err
