"""Figures as data, and what is handed to plotly."""

# ruff: noqa: E501
from __future__ import annotations

import json
import shutil
import subprocess

import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.report import Claims, Equation, Figure, Series, Values, figures_page
from gradiens.report.draw import POINTS, draw, payload
from gradiens.report.text import duration, number, score
from tests.report.report_pages import Page

GRID = np.linspace(-1, 1, 9)
Z = GRID[:, None] ** 2 + GRID[None, :]
EVERY = [
    Series("line", GRID, GRID**2, label="line"),
    Series("points", GRID, GRID, label="points"),
    Series("bars", ["a", "b"], [1.0, 2.0], label="bars"),
    Series("band", GRID, GRID - 1, GRID + 1, label="band"),
    Series("heat", GRID, GRID, Z, label="heat"),
    Series("contour", GRID, GRID, Z, label="contour"),
    Series("regions", GRID, GRID, (Z > 0).astype(int), label="regions"),
]


@pytest.mark.parametrize("series", EVERY, ids=lambda s: s.kind)
def test_every_kind_draws_and_says_something(series):
    figure = Figure("T", [series], "x", "y")
    page = Page(draw(figure, "one"))
    assert page.errors == [] and series.label in figure.says()
    (plot,) = page.plots()
    assert len(plot["data"]) == 1


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Series("lines", y=[1]), "did you mean 'line'"),
        (lambda: Series("line", [1, 2], [1, 2, 3]), "2 and 3"),
        (lambda: Series("line"), "rank 1, got nothing"),
        (lambda: Series("band", [1, 2], [1, 2], [1]), "2 and 1"),
        (lambda: Series("heat", [1, 2], [1, 2], np.zeros((2, 3))), r"shape \(2, 2\)"),
        (lambda: Series("heat", z=[1, 2]), "rank 2"),
    ],
)
def test_series_that_do_not_fit_are_refused(make, says):
    with pytest.raises(Mistake, match=says):
        make()


def test_values_arrive_as_they_were():
    figure = Figure("T", [Series("line", [0, 1, 2, 3], [1.5, np.nan, np.inf, -2.25], label="a")])
    (trace,) = payload(figure)["data"]
    assert trace["x"] == [0, 1, 2, 3]
    assert trace["y"] == [1.5, None, None, -2.25]
    json.dumps(payload(figure), allow_nan=False)


def test_a_band_goes_up_one_side_and_down_the_other():
    (trace,) = payload(Figure("T", [Series("band", [0, 1], [2.0, 3.0], [5.0, 7.0])]))["data"]
    assert trace["x"] == [0, 1, 1, 0] and trace["y"] == [2.0, 3.0, 7.0, 5.0]


def test_names_on_an_axis_are_kept_apart_when_cut():
    names = ["a very long name of a class 1", "a very long name of a class 2", "<b>x</b>"]
    plot = payload(Figure("T", [Series("heat", names, names, np.eye(3))]))
    assert plot["layout"]["yaxis"]["autorange"] == "reversed"
    assert plot["data"][0]["x"] == [0, 1, 2]
    assert plot["layout"]["xaxis"]["ticktext"] == ["a very long n…", "a very long n…", "&lt;b&gt;x&lt;/b&gt;"]


def test_large_clouds_are_thinned_and_it_is_said():
    x = np.arange(50_000.0)
    html = draw(Figure("T", [Series("points", x, x, label="p")]), "one")
    (plot,) = Page(html).plots()
    assert len(plot["data"][0]["x"]) == POINTS and plot["data"][0]["x"][-1] == 49_999
    assert "Drawn: 2,000 of 50,000 points" in html


def test_a_summary_tells_ends_and_extremes():
    assert Figure("T", [Series("line", y=[3.0, 0.5, np.nan, 1.0], label="cost")]).says() == (
        "cost: from 3 to 1; least 0.5, largest 3."
    )
    assert Figure("T", []).says() == "No data."
    assert Figure("T", [], summary="Seen.").says() == "Seen."


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12345, "12,345"), (0.97321, "0.9732"), (3.1e-16, "3.10×10⁻¹⁶"), (-2.5, "−2.5"), (None, "–"), (float("nan"), "–"),
        (float("-inf"), "−∞"), (1234567.8, "1,234,568"), (0, "0"), ("relu", "relu"), (True, "True"), (2.5e9 + 0.5, "2.50×10⁹"),
        (99999.5, "100,000"), (np.float32(0.5), "0.5"),
    ],
)  # fmt: skip
def test_numbers_for_people(value, text):
    assert number(value) == text


def test_scores_and_durations():
    assert [score(v) for v in (0.35, 77.2, 1234.5, -0.5, None, 0.0)] == [
        "0.3500",
        "77.20",
        "1,234.5",
        "−0.5000",
        "–",
        "0",
    ]
    assert [duration(s) for s in (0.4213, 12.34, 245.2, 7380, None)] == [
        "0.421 s",
        "12.3 s",
        "4 min 5 s",
        "2 h 3 min",
        "–",
    ]


def book_page() -> str:
    text = "ADAM: steps & means.\n\n    v' = β v + (1-β) g\n\nThe first <step>."
    blocks = [
        text, Equation({"title": "Update", "unicode": "θ' = θ - α v", "error": 0.0}), Claims({"claim_it_moves": True, "claim_it_stops": False}),
        Values({"final_cost": 3.25}), Figure("All", EVERY[:2]), [Figure(s.kind, [s], "x", "y", square=True) for s in EVERY],
    ]  # fmt: skip
    return figures_page("4.3 <ADAM>", blocks)


def test_a_page_for_a_section():
    html = book_page()
    page = Page(html)
    assert page.errors == [] and len(page.plots()) == 8
    assert len(page.ids()) == len(set(page.ids()))
    for text in (
        "4.3 <ADAM>",
        "The first <step>.",
        "it moves",
        "✓ holds",
        "✗ does not hold",
        "1 of 2 claims hold here",
        "3.25",
    ):
        assert text in page.text
    assert '<pre class="formulas">v&#x27; = β v + (1-β) g</pre>' in html


def test_a_browser_draws_every_chart(tmp_path):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        pytest.skip("no chromium on this machine: the charts were not drawn")
    (tmp_path / "page.html").write_text(book_page(), encoding="utf-8")
    flags = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update"
    command = [
        chromium,
        *flags.split(),
        "--disable-sync",
        "--virtual-time-budget=8000",
        f"--user-data-dir={tmp_path / 'user'}",
    ]
    done = subprocess.run(
        [*command, "--dump-dom", (tmp_path / "page.html").as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert 'data-ready="yes"' in done.stdout
    assert done.stdout.count("svg-container") >= 8 and 'class="wait"' not in done.stdout
    assert "Refused" not in done.stderr and "Uncaught" not in done.stderr
