"""What the report says of how good a model is: intervals, precision and recall, coefficients, the plane, more rows."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import sklearn.metrics as peer

from gradiens.report import render
from gradiens.report.boundary import GRID, boundary
from gradiens.report.coefficient_table import SHOWN, coefficient_table
from gradiens.report.curves import size_curve
from gradiens.report.evaluation import recalled
from gradiens.train.fit import fit
from tests.report.report_pages import Page
from tests.report.report_runs import binary, classes, regression

QUICK = {"epochs": 3, "hidden": (8,), "quiet": True}


def row(name="age", **changes):
    values = {"estimate": 0.5, "standard_error": 0.1, "statistic": 5.0, "p_value": 6e-7, "low": 0.3, "high": 0.7}
    return {"name": name, **values, "per_std": 6.0, **changes}


def test_the_interval_of_each_metric_stands_below_the_model():
    page = Page(render(binary(intervals={"accuracy": [0.89, 0.95], "auc": [0.95, 0.98]})))
    assert page.errors == []
    assert "95 % interval0.8900 – 0.95000.9500 – 0.9800" in page.text.replace("\n", "").replace(" – ", " – ")


def test_precision_and_recall_are_scikit_learns():
    rng = np.random.default_rng(0)
    y = (rng.random(300) < 0.2).astype(np.int32)
    p = np.clip(0.3 * y + rng.random(300) * 0.7, 0, 1)
    figure = recalled(y, np.stack([1 - p, p], axis=1), ["no", "yes"])
    chance, curve = figure.series
    precision, recall, _ = peer.precision_recall_curve(y, p)
    found = dict(zip(curve.x.tolist(), curve.y.tolist(), strict=True))
    theirs = {r: q for r, q in zip(recall.tolist(), precision.tolist(), strict=True) if r > 0}
    assert set(found) - {0.0} == set(theirs)
    best = {r: max(q for q, s in zip(precision, recall, strict=True) if s == r) for r in theirs}
    assert curve.y.max() == pytest.approx(max(best.values()))
    np.testing.assert_allclose(chance.y, np.mean(y == 1))
    assert f"{peer.average_precision_score(y, p):.4f}" in figure.summary


def test_coefficients_are_shown_with_their_references_and_the_rest_folded():
    many = [row(f"x{i}") for i in range(SHOWN + 3)]
    found = {"rows": many, "says": "least squares", "statistic": "t", "level": 0.95, "fit": {"R²": 0.5}}
    page = Page(coefficient_table({**found, "reference": {"city": "<b>"}, "dependent": ["twice"]}))
    assert page.errors == []
    for said in ("least squares", "3 more coefficients", "city = <b>", "twice", "P(>|t|)", "< 0.0001", "95 % from"):
        assert said in page.text
    none = Page(coefficient_table({**found, "rows": [row(), row("city=Rome", **dict.fromkeys(list(row())[1:]))]}))
    assert none.text.count("–") == 7  # no number at all


def test_where_no_estimate_exists_the_page_says_so():
    says = "the classes are completely separated: no estimate exists"
    page = Page(render(binary(coefficients={"says": says})))
    assert says in page.text and page.errors == []
    assert "linear model, read" not in Page(render(binary())).text


def test_a_linear_model_is_told_from_a_network():
    found = {"rows": [row()], "says": "least squares"}
    assert "optimum of this model's own form" in Page(render(regression(coefficients=found, linear=True))).text
    assert "beside which the network stands" in Page(render(regression(coefficients=found))).text


@pytest.fixture(scope="module")
def plane():
    rng = np.random.default_rng(0)
    x = rng.normal([5.0, -100.0], [2.0, 30.0], (200, 2))
    return pl.DataFrame({"a": x[:, 0], "b": x[:, 1]})


@pytest.mark.parametrize("kinds", [2, 3])
def test_the_plane_of_two_numbers_is_what_the_model_predicts_there(plane, kinds):
    names = np.array(["p", "q", "r"])[np.clip((plane["a"].to_numpy() - 3) // 2.5, 0, kinds - 1).astype(int)]
    fitted = fit(plane.with_columns(y=pl.Series(names)), "y", **QUICK)
    (figure,) = boundary(fitted)
    shade, *clouds = figure.series
    assert shade.kind == ("contour" if kinds == 2 else "regions") and shade.z.shape == (GRID, GRID)
    i, j = 17, 90  # row: b, column: a
    told = fitted.predict(pl.DataFrame({"a": [shade.x[j]], "b": [shade.y[i]]})).probabilities[0]
    assert shade.z[i, j] == (pytest.approx(told[1], abs=1e-6) if kinds == 2 else told.argmax())
    assert (figure.x, figure.y) == ("a", "b")
    assert shade.x[0] < plane["a"].min() + 3 and shade.y[-1] > plane["b"].max() - 40
    assert sum(len(cloud.y) for cloud in clouds) == len(fitted.tested["y"]) == 30
    seen = np.concatenate([np.stack([cloud.x, cloud.y], axis=1) for cloud in clouds])
    distance = np.abs(seen[:, None] - plane.to_numpy()[None]).max(axis=2).min(axis=1)
    assert distance.max() < 1e-3  # the points are rows of the table, in its units


def test_a_number_over_the_plane_and_no_figure_for_more_columns(plane):
    table = plane.with_columns(y=2 * pl.col("a") + 0.1 * pl.col("b"))
    (figure,) = boundary(fit(table, "y", **QUICK))
    assert figure.title == "Predicted y" and [s.kind for s in figure.series] == ["contour", "points"]
    assert boundary(fit(table.with_columns(c=pl.col("a") ** 2), "y", **QUICK)) == []
    gaps = table.with_columns(a=pl.when(pl.col("a") > 7).then(None).otherwise(pl.col("a")))
    assert boundary(fit(gaps, "y", **QUICK)) == []


def test_the_score_against_the_number_of_rows():
    points = [
        {
            "rows": n,
            "metric": "rmse",
            "train": 10.0 + n / 100,
            "test": 60 - n / 10,
            "interval": [50.0, 70.0],
            "baselines": {"mean": 77.0},
        }
        for n in (30, 60, 300)
    ]
    (figure,) = size_curve(regression(learning_curve=points))
    band, _, test, mean = figure.series
    np.testing.assert_array_equal(test.x, [30, 60, 300])
    np.testing.assert_array_equal(test.y, [57, 54, 30])
    assert (band.kind, mean.guide, figure.log_x) == ("band", True, True)
    assert "From 30 to 300 training rows the test RMSE goes from 57 to 30" in figure.summary
    assert list(size_curve(regression(learning_curve=points[:1]))) == []
    assert Page(render(regression(learning_curve=points))).errors == []


def test_without_test_rows_the_page_says_that_nothing_is_judged():
    page = Page(render(classes(test={}, baselines={}, comparison={}, y=None, prediction=None)))
    assert "No test rows were set apart: the model is not judged." in page.text
    assert page.errors == [] and "No baseline" not in page.text


def test_data_in_memory_have_no_command_that_repeats_the_run(plane):
    from gradiens.report.run_page import gather

    fitted = fit(plane.with_columns(y=pl.col("a") * 2), "y", **QUICK)
    assert gather(fitted, []).command == ""
    fitted.summary["card"]["notes"] = []
    assert gather(fitted, []).command.startswith("gradiens fit")
