"""The page on one picture: well formed, self-contained, escaped, complete with and without maps."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.report.look_page import Looked, look_page
from gradiens.train.inner import Maps, View
from tests.report.report_pages import Page

RNG = np.random.default_rng(0)
EVIL = "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)>"


def view(channels=1, maps=True, classes=3):
    draw = lambda *shape: RNG.uniform(size=shape)  # noqa: E731
    seen = (Maps("relu", 1, draw(4, 8, 9)), Maps("MaxPool", 2, draw(16, 4, 4)))
    p = draw(classes)
    return View(
        picture=draw(channels, 8, 9), probabilities=p / p.sum(), code=1, saliency=draw(8, 9), smooth=draw(8, 9),
        integrated=draw(8, 9) - 0.5, gain=1.5, occlusion=draw(4, 5) - 0.5, window=3,
        cam=Maps("relu", 1, draw(1, 4, 4)) if maps else None,
        filters=draw(4 if maps else 0, channels, 3, 3) - 0.5, layers=seen if maps else (),
        maximum=draw(channels, 8, 9), reached=0.99,
    )  # fmt: skip


@pytest.mark.parametrize(("channels", "maps"), [(1, True), (3, True), (1, False)])
def test_the_page_is_whole_and_loads_nothing(channels, maps):
    html = look_page(
        Looked(view(channels, maps), "abc", "cat.png", "pets, runs/pets-1", "b", ("resized",), "gradiens look")
    )
    page = Page(html)
    assert page.errors == [] and len(page.ids()) == len(set(page.ids()))
    assert all(a["src"].startswith("data:image/png") and a["alt"] for a in page.all("img"))
    assert len(page.all("img")) == (1 + 5 + 4 + 4 + 16 + 1 if maps else 1 + 4 + 1)
    assert len(html) < 300_000 and 'id="plotly"' not in html
    names = [a["id"] for a in page.all("section")]
    assert names == ["picture", "pixels", *(["layers"] if maps else []), "wish", "repeat"]
    for text in ("cat.png is read as", "and it is b", "resized", "Which pixels mattered for “b”", "1.5 above"):
        assert text in page.text
    assert ("Grad-CAM" in page.text) == maps


def test_classes_are_ranked_and_many_are_cut():
    one = view(classes=40)
    page = Page(look_page(Looked(one, [f"k{k}" for k in range(40)], "x", "run")))
    assert "the first 12 of 40" in page.text
    best = int(np.argmax(one.probabilities))
    assert f"x is read as k{best}" in page.text and "and it is" not in page.text
    assert len(page.all("i")) == 12


def test_hostile_names_stay_text():
    page = Page(look_page(Looked(view(), [EVIL] * 3, EVIL, EVIL, EVIL, (EVIL,), EVIL)))
    assert page.errors == [] and "alert(1)" in page.text
    assert all(a["src"].startswith("data:") for a in page.all("img"))
    assert all(not name.startswith("on") for _, a in page.elements for name in a)
    assert all("alert" not in code for code in page.code.values())
