"""The page of a run: well-formed, self-contained, escaped, complete for every task, tolerant of what is missing."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.report import RunReport, render
from tests.report.report_pages import Page
from tests.report.report_runs import FORWARD, binary, classes, regression

TASKS = {"classes": classes, "binary": binary, "number": regression}


@pytest.fixture(scope="module", params=TASKS)
def html(request) -> str:
    return render(TASKS[request.param]())


def test_elements_nest_and_ids_are_unique(html):
    page = Page(html)
    assert page.errors == []
    assert len(page.ids()) == len(set(page.ids()))


def test_nothing_is_loaded(html):
    page = Page(html)
    for tag, attributes in page.elements:
        assert "src" not in attributes, tag
        if "href" in attributes:
            assert attributes["href"].startswith(("#", "data:")), tag
    policy = next(a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy and "http" not in policy
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style and "url(" not in style[1] and "@import" not in style[1]


def test_plotly_is_there_once_and_the_page_stays_small(html):
    assert html.count('id="plotly"') == 1
    assert 1_000_000 < len(html) < 2_500_000


def test_every_plot_has_a_title_and_a_sentence(html):
    page, ids = Page(html), set(Page(html).ids())
    plots = [a for _, a in page.elements if "data-plot" in a]
    assert len(plots) >= 4
    for plot in plots:
        assert plot["role"] == "img"
        assert {plot["aria-labelledby"], plot["aria-describedby"]} <= ids
    captions = re.findall(r"<figcaption[^>]*>(.*?)</figcaption>", html)
    assert len(captions) == len(plots) and all(len(c) > 30 for c in captions)


def test_every_table_has_a_caption_and_headings_do_not_skip(html):
    page = Page(html)
    assert len(page.all("table")) == len(page.all("caption")) > 0
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_sections_come_in_order(html):
    names = [a["id"] for a in Page(html).all("section") if "id" in a]
    assert names == ["data", "equations", "layers", "curves", "evaluation", "repeat", "environment"]


def test_the_verdict_is_in_words():
    assert "The model beats the logistic baseline." in render(classes())
    assert "This test cannot tell the model from the logistic baseline." in render(binary())
    html = render(regression())
    assert "The model does not beat the linear baseline." in html
    assert "its RMSE is 2.94 higher; 95 % interval of the gain: −4.6 to −1.2" in html


def test_baselines_and_compile_time_are_shown():
    text = Page(render(classes())).text
    for word in ("majority", "logistic", "compiling", "0.83 s", "training", "2.41 s", "gradiens fit wine.csv", "1,091"):
        assert word in text


def test_bold_marks_the_better_of_costs_and_of_scores():
    html = render(regression())
    assert "<b>53.37</b>" in html and "<b>0.4700</b>" in html and "<b>77.20</b>" not in html.split("<table")[1]


EVIL = "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)>"


def evil(value):
    """The same value with every text in it, keys too, made hostile."""
    if isinstance(value, str):
        return value + EVIL
    if isinstance(value, dict):
        return {k if k in KEEP else k + EVIL: v if k in ("task", "verdict") else evil(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [evil(v) for v in value]
    return value


KEEP = {f.name for f in dataclasses.fields(RunReport)} | {
    "name", "path", "rows", "parts", "columns", "kind", "says", "min", "max", "mean", "classes", "notes",
    "target", "verdict", "baseline", "metric", "difference", "interval", "level", "title", "mathml", "latex",
    "unicode", "error", "note", "step", "train_loss", "val_loss", "accuracy", "shape",
}  # fmt: skip


def test_hostile_names_stay_text():
    run = classes()
    fields = {f.name: getattr(run, f.name) for f in dataclasses.fields(run)}
    page = Page(render(RunReport(**evil(fields))))
    assert page.errors == []
    assert page.all("img") == []
    assert {a.get("type", "") for a in page.all("script")} == {"", "text/plain", "application/json"}
    assert len([a for a in page.all("script") if not a]) == 1
    assert all(not name.startswith("on") for _, a in page.elements for name in a)
    assert "alert(1)" in page.text
    for plot in page.plots():
        assert "<script" not in str(plot) and "<img" not in str(plot)  # plotly reads tags in labels


@pytest.mark.parametrize(
    "mathml",
    [
        "<math><mi onclick='alert(1)'>x</mi></math>",
        "<math><mtext><![CDATA[><img src=x onerror=alert(1)>]]></mtext></math>",
        "<math><mi>x</math>",
        "<math><mi style='background:url(//x)'>x</mi></math>",
        "<math><mtext><p>x</p></mtext></math>",
        "<p onclick='alert(1)'><math><mi>x</mi></math></p>",
        "<p><b>x</b><math><mi>x</mi></math></p>",
        "<p>x</p>",
        "<math><mi>x</mi></math><script>alert(1)</script>",
        "<math><mi>x</mi></math></all><script>alert(1)</script><all>",
        "<math><annotation-xml encoding='text/html'><b>x</b></annotation-xml></math>",
        "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "",
    ],
)
def test_mathml_that_is_not_only_mathml_is_shown_as_text(mathml):
    html = render(RunReport("t", "number", "y", equations=[{**FORWARD, "mathml": mathml}]))
    assert "<math" not in html and FORWARD["unicode"] in html
    assert Page(html).errors == []


def test_several_displays_of_one_equation_are_shown():
    mathml = '<math><mi style="text-align:right;padding:0.25em 0">x</mi></math><p>where <math><mi>y</mi></math>.</p>'
    assert mathml in render(RunReport("t", "number", "y", equations=[{**FORWARD, "mathml": mathml}]))


def test_an_unchecked_equation_says_so():
    html = render(classes())
    assert html.count("✓ checked · error") == 2 and html.count("not checked</span>") == 1
    assert "✓ checked · error 3.1×10⁻¹⁶" in html


@pytest.mark.parametrize("error", [1e-3, float("inf")])
def test_an_equation_that_is_not_its_program_says_so(error):
    html = render(RunReport("t", "number", "y", equations=[{**FORWARD, "error": error}]))
    assert "not equal to the program" in html and "✓ checked" not in html


@pytest.mark.parametrize("task", ["classes", "binary", "number"])
def test_a_bare_run_renders(task):
    page = Page(render(RunReport("t", task, "y")))
    assert page.errors == [] and page.plots() == []
    assert "No test rows were set apart: the model is not judged." in page.text
    assert len(render(RunReport("t", task, "y"))) < 60_000  # no chart, no plotly


def test_none_and_nan_are_tolerated():
    run = classes()
    history = [{**row, "val_loss": None, "train_loss": float("nan") if row["step"] else 1.0} for row in run.history]
    prediction = np.array(run.prediction)
    prediction[3] = np.nan
    html = render(
        classes(
            history=history, prediction=prediction, test={"accuracy": float("nan"), "auc": None},
            baselines={"majority": {"accuracy": None}}, seconds={"compile": None, "train": float("nan")},
            comparison={"baseline": "majority", "verdict": "cannot be told from", "difference": None, "interval": None},
            card={"columns": [{"name": "a"}, {}], "target": None, "notes": None}, layers=[{"name": "W"}],
        )
    )  # fmt: skip
    assert Page(html).errors == []
    assert not re.search(r"\b(NaN|nan|None|Infinity)\b", Page(html).text)
    assert all("NaN" not in code for name, code in Page(html).code.items() if name.endswith("-data"))


def test_a_hundred_classes_stay_readable():
    page = Page(render(classes(100, 2000)))
    heat, roc = (p for p in page.plots() if p["data"][0]["type"] == "heatmap" or len(p["data"]) == 7)
    assert "text" not in heat["data"][0] and len(heat["layout"]["xaxis"]["tickvals"]) <= 24
    assert len(heat["data"][0]["z"]) == 100
    assert roc["data"][0]["name"] == "chance"
    assert "88 more classes" in page.text and "The 12 classes of least recall, of 100" in page.text


def test_shapes_of_several_arrays_and_their_work_are_shown():
    layers = [{"name": "layers.0", "shape": {"W": [64, 13], "b": [64]}, "parameters": 896, "flops": 1728}]
    text = Page(render(classes(layers=layers))).text
    assert "W: 64 × 13,\u2002b: 64" in text and "1,728" in text and "operations an example" in text


def test_the_confusion_matrix_counts_the_rows():
    run = classes()
    counts = np.zeros((3, 3), int)
    for y, p in zip(run.y, run.prediction):
        counts[y, np.argmax(p)] += 1
    heat = next(p["data"][0] for p in Page(render(run)).plots() if p["data"][0]["type"] == "heatmap")
    assert heat["text"] == counts.astype(str).tolist()
    np.testing.assert_allclose(heat["z"], counts / counts.sum(axis=1, keepdims=True), rtol=1e-5)


def test_an_absent_class_leaves_its_roc_out():
    run = classes()
    y = np.where(run.y == 2, 0, run.y)
    page = Page(render(classes(y=y)))
    roc = next(p for p in page.plots() if p["data"][0].get("name") == "chance")
    assert [t["name"].split(",")[0] for t in roc["data"]] == ["chance", "barolo", "grignolino"]


def test_predictions_of_another_length_are_refused():
    with pytest.raises(Mistake, match="as many predictions as test rows"):
        render(classes(y=np.zeros(3, np.int32)))


def test_the_same_run_gives_the_same_page():
    assert render(classes()) == render(classes())


def test_plotly_is_imported_only_to_draw():
    code = "import sys, gradiens.report; sys.exit('plotly' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
