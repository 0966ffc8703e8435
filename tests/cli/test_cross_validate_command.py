"""`gradiens cross-validate`: what it tells a person and a program, and what it refuses."""

from __future__ import annotations

import pytest
import typer

from gradiens.cli import app as frame
from gradiens.cli.cross_validate import cross_validate

QUICK = ("--target", "bought", "--epochs", "2", "--quiet")


@pytest.fixture
def command(gradiens, monkeypatch):
    """The command as the application runs it."""
    if not any(one.callback is cross_validate for one in frame.app.registered_commands):
        alone = typer.Typer()
        alone.command()(cross_validate)
        alone.callback()(lambda: None)
        monkeypatch.setattr(frame, "app", alone)
    monkeypatch.setattr("gradiens.cli.cross_validate.start", lambda *_: None)
    return lambda *words: gradiens("cross-validate", *words)


def test_json_has_every_fold_and_the_comparison(command, table):
    said = command(table, *QUICK, "--hidden", "4", "--folds", "3", "--json")
    assert said.code == 0, said.err
    found = said.json
    assert found["folds"] == 3 and found["rows"] == 120 and found["best_baseline"] == "logistic"
    assert len(found["scores"]["network"]["accuracy"]["folds"]) == 3
    low, high = found["comparisons"]["logistic"]["interval"]
    assert low <= found["comparisons"]["logistic"]["difference"] <= high
    again = command(table, *QUICK, "--hidden", "4", "--folds", "3", "--json").json
    assert again == found, "the same seed, the same result"


def test_a_person_sees_the_table_and_the_verdict(command, table):
    said = command(table, *QUICK, "--hidden", "4", "--folds", "3")
    assert said.code == 0, said.err
    for shown in (
        "120 rows",
        "3 folds of 40 rows",
        "network",
        "logistic",
        "accuracy",
        "±",
        "on the same folds:",
        "95% interval",
    ):
        assert shown in said.out, shown
    assert max(map(len, said.out.splitlines()[1:-2])) <= 80


def test_models_by_name_and_by_equation(command, table):
    linear = command(table, *QUICK, "--model", "linear", "--folds", "2", "--json").json
    written = command(table, *QUICK, "--model", "ŷ = σ(w·x + b)", "--folds", "2", "--json").json
    assert linear["scores"]["network"].keys() == written["scores"]["network"].keys()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--model", "liner"), "did you mean 'linear'"),
        (("--model", "linear", "--hidden", "3"), "the linear model alone"),
        (("--model", "ŷ = σ(w·x + b)", "--equation", "ŷ = σ(w·x)"), "one equation"),
        (("--folds", "1"), "got 1 folds of 120 rows"),
        (("--folds", "500"), "got 500 folds of 120 rows"),
        (("--gap", "3"), "use it together with time"),
        (("--groups", "town"), "column, got 'town'"),
    ],
)
def test_refused_in_one_line(command, table, words, says):
    said = command(table, *QUICK, *words)
    assert said.code == 2 and says in said.err and said.err.count("\n") == 1, said.err
