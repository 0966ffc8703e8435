"""Growing parts of the training rows: nested, everything refitted on the part alone, judged on the same test rows."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from gradiens.classical.linear.least_squares import fit_linear
from gradiens.core.check import Mistake
from gradiens.core.run import Run
from gradiens.data.load import as_source
from gradiens.data.prepare import prepare
from gradiens.report.run_page import command
from gradiens.train.fit import fit, resume
from gradiens.train.learning_curve import prepare_rows
from gradiens.train.spec import make_spec

QUICK = {"hidden": (), "epochs": 4, "quiet": True, "lr": 0.05}


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3))
    y = x @ [1.0, -2.0, 0.5] + rng.normal(size=200)
    return pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "c": x[:, 2], "y": y})


def test_fewer_rows_lie_within_more_and_the_test_rows_stay(table):
    spec = make_spec(data="data frame", target="y")
    parts = {n: prepare_rows(spec, as_source(table), n) for n in (20, 60, None)}
    own = {n: part.preprocessing.decode_target(part.train.y).round(4) for n, part in parts.items()}
    assert [len(y) for y in own.values()] == [20, 60, 140]
    assert set(own[20]) < set(own[60]) < set(own[None])
    tests = [part.preprocessing.decode_target(part.test.y) for part in parts.values()]
    np.testing.assert_allclose(tests[0], tests[2], atol=1e-5)


def test_a_table_for_a_network_for_pictures_is_said(table):
    spec = make_spec(data="data frame", target="y", model="small_cnn")
    with pytest.raises(Mistake, match="pictures for the network small_cnn, got a table; leave out --model"):
        prepare_rows(spec, as_source(table))
    wrong = as_source(pl.DataFrame({"path": ["gone/a.png", "gone/b.png"], "y": ["u", "v"]}))
    with pytest.raises(
        Mistake, match=r"got column 'path' of names of pictures.*: looked for gone/a.png; check the paths"
    ):
        prepare_rows(spec, wrong)


def test_what_is_fitted_is_fitted_on_the_part_alone(table):
    """Rows that are in no part may be anything: the part's moments and encoded rows do not change."""
    source, keep = as_source(table), 25
    part = prepare(source, "y", seed=3, keep=keep)
    own = set(part.preprocessing.decode_target(part.train.y).round(3))
    outside = ~table["y"].round(3).is_in([float(y) for y in own])
    spoiled = table.with_columns([pl.when(outside).then(pl.col(c) + 1e3).otherwise(pl.col(c)).alias(c) for c in "abc"])
    other = prepare(as_source(spoiled), "y", seed=3, keep=keep)
    np.testing.assert_array_equal(other.train.x, part.train.x)
    assert other.preprocessing == part.preprocessing
    with pytest.raises(Mistake, match="from 1 to 140 training rows"):
        prepare(source, "y", keep=141)


def test_a_run_keeps_its_curve_whose_last_point_is_the_run(table, tmp_path):
    path = tmp_path / "t.csv"
    table.write_csv(path)
    fitted = fit(path, "y", out=tmp_path / "run", learning_curve=True, **QUICK)
    curve = fitted.summary["learning_curve"]
    assert [point["rows"] for point in curve] == [14, 28, 56, 98, 140]
    assert curve[-1]["test"] == fitted.summary["test"]["rmse"]
    assert curve[-1]["baselines"]["linear"] == fitted.summary["baselines"]["linear"]["rmse"]
    part = prepare_rows(fitted.spec, as_source(table), 28)
    linear = fit_linear(part.train.x, part.train.y).predict(part.test.x)
    decode = part.preprocessing.decode_target
    rmse = float(np.sqrt(np.mean((decode(linear) - decode(part.test.y)) ** 2)))
    assert curve[1]["baselines"]["linear"] == pytest.approx(rmse, rel=1e-4)
    assert Run(tmp_path / "run").summary["learning_curve"] == curve
    assert resume(tmp_path / "run", quiet=True).summary["learning_curve"] == curve
    assert "--learning-curve" in command(fitted.spec)


def test_a_frame_in_memory_has_a_curve_too_and_parts_without_a_second_class_are_left_out(table, monkeypatch):
    monkeypatch.setattr("gradiens.train.learning_curve.SHARES", (0.02, 0.4))
    rare = table.with_columns(y=pl.Series(["common"] * 190 + ["rare"] * 10))
    fitted = fit(rare, "y", learning_curve=True, seed=1, **QUICK)
    rows = [point["rows"] for point in fitted.summary["learning_curve"]]
    assert rows == [56, 140]  # not the two rows of one class
    assert all(0 <= point["train"] <= 1 for point in fitted.summary["learning_curve"])


def test_without_test_rows_there_is_nothing_to_draw(table):
    with pytest.raises(Mistake, match="test rows for a learning curve"):
        fit(table, "y", learning_curve=True, test=0.0, **QUICK)
