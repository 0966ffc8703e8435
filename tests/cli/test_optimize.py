"""`gradiens optimize`: the table, the page, and one line for every mistake."""

from __future__ import annotations

import json

import pytest

from gradiens.cli.app import run


@pytest.fixture
def page(tmp_path):
    return tmp_path / "page.html"


def test_methods_on_a_problem(page, capsys):
    words = ["--methods", "sgd,bfgs", "--set", "sgd.lr=0.001", "--steps", "60", "--start", "0.4,-0.2"]
    assert run(["optimize", "--problem", "rosenbrock", *words, "--out", str(page), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    first, second = said["problems"]["rosenbrock"]
    assert first["method"] == "bfgs" and first["reached"] == "1 of 1" and first["gap"] < 1e-12
    assert second["steps"] is None and second["reached"] == "0 of 1" and "setting" not in second
    assert "Paths on rosenbrock" in page.read_text(encoding="utf-8")


def test_tuned_from_several_starts(page, capsys):
    words = ["--methods", "sgd", "--tune", "10", "--starts", "2", "--steps", "60", "--set", "quadratic.kappa=2"]
    assert run(["optimize", "--problem", "quadratic", *words, "--out", str(page)]) == 0
    out = capsys.readouterr().out
    assert "2 of 2" in out and "lr" in out and str(page) in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--problem", "rosenbrok"], "rosenbrock"),
        (["--methods", "adm"], "adam"),
        (["--methods", ","], "at least one method"),
        (["--set", "lr=3"], "METHOD.KNOB=VALUE"),
        (["--set", "adam.lrr=3"], "'lr'"),
        (["--set", "sgd.lr=3"], "of this run"),
        (["--set", "adam.lr=-1"], "lr between"),
        (["--set", "bfgs.search=wolf"], "wolfe"),
        (["--start", "1,2,3"], "2 numbers"),
        (["--start", "a,b"], "numbers with commas"),
        (["--target", "2"], "target"),
        (["--methods", "secant"], "one parameter"),
    ],
)
def test_mistakes(words, says, page, capsys):
    assert run(["optimize", *words, "--out", str(page)]) == 2
    err = capsys.readouterr().err
    assert says in err and err.count("\n") == 1 and not page.exists()
