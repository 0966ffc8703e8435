"""Every command does what its help says, and says it in JSON too."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import polars as pl
import pytest

QUICK = ("--hidden", "8", "--epochs", "3", "--quiet")


@pytest.fixture
def fitted(gradiens, table):
    said = gradiens("fit", table, "--target", "bought", *QUICK, "--out", "run", "--json")
    assert said.code == 0, said.err
    return said.json


def test_fit_json_is_one_object_with_the_promised_keys(fitted):
    assert {"run", "task", "test", "baselines", "seconds"} <= set(fitted)
    assert fitted["task"] == "binary"
    assert 0 <= fitted["test"]["accuracy"] <= 1
    assert set(fitted["baselines"]) == {"majority", "logistic"}
    assert {"compile", "train"} <= set(fitted["seconds"])


def test_fit_for_a_person_shows_data_equations_scores_and_the_report(gradiens, table):
    said = gradiens("fit", table, "--target", "bought", *QUICK)
    assert said.code == 0
    for shown in ("shop: 120 rows", "category", "ŷ = σ(W^[2] a^[1] + b^[2])", "logistic", "runs/shop-1/report.html"):
        assert shown in said.out
    assert "Traceback" not in said.err


def test_runs_are_numbered_and_listed(gradiens, table):
    for _ in range(2):
        gradiens("fit", table, "--target", "bought", *QUICK)
    listed = gradiens("runs", "--json").json["runs"]
    assert [one["run"] for one in listed] == ["runs/shop-1", "runs/shop-2"]
    assert {one["state"] for one in listed} == {"done"}
    assert "runs/shop-2" in gradiens("runs").out


def test_a_damaged_run_hides_no_other(gradiens, table, tmp_path):
    gradiens("fit", table, "--target", "bought", *QUICK)
    for name, content in (("a", "{"), ("b", '{"data": 1}'), ("c", "[1]")):
        (tmp_path / "runs" / name).mkdir()
        (tmp_path / "runs" / name / "spec.json").write_text(content)
    assert [one["state"] for one in gradiens("runs", "--json").json["runs"]] == ["damaged"] * 3 + ["done"]


def test_a_set_of_the_catalogue_is_predicted_by_its_name(gradiens):
    gradiens("fit", "iris", *QUICK, "--out", "run")
    assert gradiens("predict", "run", "iris", "--json").json["rows"] == 150


def test_predict_gives_every_row_its_class_and_probabilities(gradiens, fitted, table, tmp_path):
    said = gradiens("predict", fitted["run"], table, "--json").json
    assert said["rows"] == 120 == len(said["predictions"])
    first = said["predictions"][0]
    assert first["bought"] in ("yes", "no")
    assert first["p(no)"] + first["p(yes)"] == pytest.approx(1)
    told = gradiens("predict", fitted["run"], table, "--out", "made.csv", "--json").json
    written = pl.read_csv(told["path"])
    assert written["bought"].to_list() == [one["bought"] for one in said["predictions"]]
    assert gradiens("predict", fitted["run"], table).out.splitlines()[0] == "bought,p(no),p(yes)"
    model = gradiens("predict", f"{fitted['run']}/model.safetensors", table, "--json").json
    assert model["predictions"] == said["predictions"]


def test_predictions_of_a_number_are_in_the_units_of_the_target(gradiens, tmp_path):
    x = np.linspace(-1, 1, 200)
    pl.DataFrame({"x": x, "y": 5000 + 300 * x}).write_csv(tmp_path / "line.csv")
    said = gradiens(
        "fit", "line.csv", "--target", "y", "--hidden", "none", "--lr", "0.05", "--out", "r", "--json", "-q"
    )
    assert said.json["test"]["rmse"] < 5
    predictions = [one["y"] for one in gradiens("predict", "r", "line.csv", "--json").json["predictions"]]
    np.testing.assert_allclose(predictions, 5000 + 300 * x, atol=15)


@pytest.mark.parametrize(("notation", "shown"), [("unicode", "ŷ"), ("latex", r"\hat{y}"), ("mathml", "<math")])
def test_explain_prints_checked_equations_in_each_notation(gradiens, fitted, notation, shown):
    said = gradiens("explain", fitted["run"], "--as", notation)
    assert said.code == 0 and shown in said.out and "checked" in said.out
    equations = gradiens("explain", fitted["run"], "--as", notation, "--json").json["equations"]
    assert [one["title"] for one in equations] == ["model", "cost of one example", "gradient", "update, adam"]
    assert max(one["error"] for one in equations) <= 1e-9


def test_show_finds_any_object_of_the_catalogue(gradiens):
    said = gradiens("show", "adam", "--json").json
    assert said["file"] == "gradiens/optim/adam.py" and said["book"] == ["4.3"]
    assert said["options"]["beta"]["default"] == 0.9
    assert "v' = β v + (1 - β) g" in gradiens("show", "adam").out
    for name in ("relu", "dense", "mlp", "categorical_cross_entropy", "iris", "accuracy", "cosine"):
        assert gradiens("show", name).code == 0, name
    assert "adam" in {one["name"] for one in gradiens("show", "all", "--json").json["objects"]}


def test_doctor_tells_versions_device_and_caches(gradiens):
    said = gradiens("doctor", "--json").json
    assert said["missing"] == []
    assert {"jax", "device", "cache", "data", "python"} <= set(said)
    assert "precision" in gradiens("doctor").out


def test_resume_of_a_finished_run_tells_the_same(gradiens, fitted):
    again = gradiens("resume", fitted["run"], "--json").json
    assert again["test"] == fitted["test"]


def test_book_list_run_and_check(gradiens):
    listed = gradiens("book", "list", "--json").json["sections"]
    assert {"3.3", "4.3", "5.1"} <= {one["id"] for one in listed}
    said = gradiens("book", "run", "5.1", "--json").json
    assert set(said) >= {"id", "title", "claims", "values"}
    assert all(set(claim) >= {"name", "ok"} for claim in said["claims"])
    checked = gradiens("book", "check", "B")
    assert checked.code == 0 and "✓" in checked.out and "✗" not in checked.out


def test_the_program_as_a_process_keeps_stdout_for_the_json(table, tmp_path):
    words = [sys.executable, "-m", "gradiens", "fit", str(table), "--target", "bought", *QUICK, "--json", "--out", "r"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, timeout=300)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["run"] == "r"
    assert "120 rows" in done.stderr


def test_without_test_rows_the_model_is_not_judged_and_with_them_intervals_stand_below_the_scores(gradiens, table):
    said = gradiens("fit", table, "--target", "bought", *QUICK, "--test", "0")
    assert said.code == 0 and "no test rows were set apart" in said.out
    said = gradiens("fit", table, "--target", "bought", *QUICK)
    assert "95 % from" in said.out


def test_a_learning_curve_is_told_and_kept(gradiens, table):
    said = gradiens("fit", table, "--target", "bought", *QUICK, "--learning-curve", "--out", "run")
    assert "84 training rows: accuracy" in said.out
    found = gradiens("fit", table, "--target", "bought", *QUICK, "--json").json
    assert "learning_curve" not in found and {"intervals", "coefficients"} <= set(found)
