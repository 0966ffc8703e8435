"""`gradiens look`: a picture of the data or a file, what is said and written, and what is refused in one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.report.report_pages import Page

QUICK = ("--hidden", "8", "--epochs", "2", "--quiet", "--json")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run on the small digits."""
    from gradiens.train.fit import fit

    folder = tmp_path_factory.mktemp("look") / "run"
    fit("digits", out=folder, hidden=(8,), epochs=2, quiet=True)
    return folder


def save(path: Path, pixels: np.ndarray) -> Path:
    from PIL import Image

    Image.fromarray(pixels).save(path)
    return path


def test_a_picture_of_the_data_by_its_part_and_place(gradiens, run):
    said = gradiens("look", run, "test:17", "--json").json
    assert set(said["probabilities"]) == set("0123456789")
    assert sum(said["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert said["predicted"] == max(said["probabilities"], key=said["probabilities"].get) == said["asked"]
    from gradiens.train.fit import prepare_spec
    from gradiens.train.fitted import load_model

    fitted = load_model(run)
    rows = prepare_spec(fitted.spec).test
    assert said["true"] == str(rows.y[17])
    p = fitted.outputs(rows.x[17:18])[0]
    np.testing.assert_allclose(list(said["probabilities"].values()), p, rtol=1e-4, atol=1e-6)
    assert said["integrated_gradients"]["sum"] == pytest.approx(said["integrated_gradients"]["gain"], abs=0.05)
    page = Path(said["page"])
    assert page == run / "look-test-17.html" and Page(page.read_text()).errors == []


def test_a_file_is_brought_to_the_size_and_colours_of_the_training_and_says_so(gradiens, run, tmp_path):
    (tmp_path / "dog").mkdir()
    picture = save(tmp_path / "dog/a 3.png", np.random.default_rng(0).integers(0, 256, (40, 50, 3)).astype(np.uint8))
    said = gradiens("look", run, picture, "--class", "3", "--out", "page.html")
    assert said.code == 0 and said.out.startswith("a 3.png is read as") and "page.html" in said.out
    assert "from 40 × 50" in said.out and "made grey" in said.out
    assert "Which pixels mattered for “3”" in Path("page.html").read_text()
    assert gradiens("look", run, picture, "--json").json["page"].endswith("/look-dog-a-3.html")


@pytest.mark.parametrize(
    ("image", "says"),
    [
        ("nothing.png", "as test:17, got 'nothing.png': there is no such file"),
        (".", "as test:17, got the folder ."),
        ("test:999", "a picture from test:0 to test:269"),
        ("test:-1", "a picture's file"),
        ("broken.jpg", "broken.jpg"),
        ("text.png", "text.png"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_line(gradiens, run, tmp_path, image, says):
    save(tmp_path / "whole.jpg", np.random.default_rng(0).integers(0, 256, (40, 40, 3)).astype(np.uint8))
    content = (tmp_path / "whole.jpg").read_bytes()
    (tmp_path / "broken.jpg").write_bytes(content[: len(content) // 2])
    (tmp_path / "text.png").write_text("not a picture")
    before = sorted(run.iterdir())
    said = gradiens("look", run, image)
    assert said.code == 2 and says in said.err and len(said.err.splitlines()) == 1
    assert sorted(run.iterdir()) == before


def test_pictures_of_one_name_in_two_folders_have_a_page_each(gradiens, run, tmp_path):
    pixels = np.zeros((8, 8), np.uint8)
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        save(tmp_path / name / "00.png", pixels)
    pages = [Path(gradiens("look", run, f"{name}/00.png", "--json").json["page"]) for name in ("cat", "dog")]
    assert [page.name for page in pages] == ["look-cat-00.html", "look-dog-00.html"]


def test_a_picture_of_data_that_changed_that_were_in_memory_or_of_a_model_alone_is_refused(gradiens, tmp_path):
    """A class that is new, before the others: no truth is told, and none of another class."""
    from gradiens.data.images import Images
    from gradiens.train.fit import fit

    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for i in range(10):
            save(tmp_path / "pets" / name / f"{i}.png", np.full((4, 4), 20 * i + len(name), np.uint8))
    fit("pets", out="run", hidden=(), epochs=1, quiet=True)
    assert gradiens("look", "run", "test:0", "--json").json["true"] in ("cat", "dog")
    said = gradiens("look", "run/model.safetensors", "test:0")
    assert said.code == 2 and "a run for a picture of its data, got a model alone" in said.err
    (tmp_path / "pets/ant").mkdir()
    for i in range(10):
        save(tmp_path / "pets/ant" / f"{i}.png", np.full((4, 4), 20 * i, np.uint8))
    said = gradiens("look", "run", "test:0")
    assert said.code == 2 and "pets as it was when the run began, got other content" in said.err
    named = Images("pets", np.zeros((20, 4, 4), np.uint8), np.arange(20) % 2, ("cat", "dog"))
    fit(named, out="memory", hidden=(), epochs=1, quiet=True)
    for words in (("look", "memory", "test:0"), ("resume", "memory")):
        said = gradiens(*words)
        assert said.code == 2 and "data with a path or a name, got pets, which was in memory" in said.err


def test_a_class_that_is_not_there_and_a_run_on_a_table_are_refused(gradiens, run, table):
    said = gradiens("look", run, "test:0", "--class", "ten")
    assert said.code == 2 and "known class" in said.err
    assert gradiens("fit", table, "--target", "bought", *QUICK, "--out", "shop").code == 0
    said = gradiens("look", "shop", "test:0")
    assert said.code == 2 and "expected a run on pictures, got one on the table shop" in said.err
