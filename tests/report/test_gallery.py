"""Pictures in a page are the pixels that were given."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from gradiens.core.check import Mistake
from gradiens.report.draw import draw
from gradiens.report.figure import Figure, Series

RNG = np.random.default_rng(0)


def read(html):
    return [
        np.asarray(Image.open(io.BytesIO(base64.b64decode(found))))
        for found in re.findall(r"data:image/png;base64,([^\"]+)", html)
    ]


def test_bytes_come_back_and_numbers_are_rounded():
    colour, grey = RNG.integers(0, 256, (5, 7, 3), dtype=np.uint8), np.array([[0.0, 0.5], [1.0, 2.0]])
    html = draw(Figure("Two", [Series("picture", z=colour, label="a <b>"), Series("picture", z=grey)]), "f")
    one, two = read(html)
    np.testing.assert_array_equal(one, colour)
    np.testing.assert_array_equal(two, [[0, 128], [255, 255]])
    assert "a &lt;b&gt;" in html and "<b>" not in html


def test_what_a_picture_is_not():
    with pytest.raises(Mistake, match="shape"):
        Series("picture", z=np.zeros((2, 2, 4)))
    with pytest.raises(Mistake, match="alone"):
        Figure("mixed", [Series("picture", z=np.zeros((2, 2))), Series("line", [0, 1], [0, 1])])


def test_the_text_that_stands_for_it():
    assert "5 × 7 pixels" in Figure("One", [Series("picture", z=np.zeros((5, 7)), label="zero")]).says()
