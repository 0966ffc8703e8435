"""Equations at the command line: a model written as one is fitted, predicted, explained, checked and exported."""

from __future__ import annotations

import pytest

from gradiens.core import catalogue
from gradiens.train import explain

TEXT = "ŷ = σ(vᵀ relu(W x + b) + c), W ∈ R^(8×n)"
QUICK = ("--epochs", "3", "--quiet")


@pytest.fixture
def written(gradiens, table):
    said = gradiens("fit", table, "--target", "bought", "--equation", TEXT, *QUICK, "--out", "run")
    assert said.code == 0, said.err
    return said


def test_before_training_the_parameters_are_told_with_their_shapes_and_starts(written):
    lines = [" ".join(line.split()) for line in written.out.splitlines()]
    first = lines.index("parameter space starts as")
    assert lines[first + 1 : first + 5] == ["W ℝ⁸ˣ⁷ He, before relu", "b ℝ⁸ zeros", "v ℝ⁸ Glorot", "c ℝ zeros"]
    assert first < next(at for at, line in enumerate(lines) if "on the test rows" in line)


def test_the_run_prints_reports_and_explains_the_equations_as_they_were_written(gradiens, written, tmp_path):
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    explained = gradiens("explain", "run").out
    for shown in (written.out, explained, page):
        assert "ŷ = σ(vᵀ relu(W x + b) + c)" in shown
    assert "checked" in page and "--equation" in page
    assert gradiens("explain", "run", "--json").json["equations"][0]["error"] <= 1e-9


def test_it_predicts_and_a_file_of_equations_gives_the_same(gradiens, written, table, tmp_path):
    (tmp_path / "model.eq").write_text(f"# a comment\n{TEXT}\n", encoding="utf-8")
    words = ("fit", table, "--target", "bought", "--equation", "model.eq", *QUICK, "--out", "other", "--json")
    assert gradiens(*words).json["parameters"] == 8 * 7 + 8 + 8 + 1
    (tmp_path / "model.eq").unlink()
    one, other = (gradiens("predict", run, table, "--json").json["predictions"] for run in ("run", "other"))
    assert one == other and len(one) == 120
    assert gradiens("resume", "other").code == 0


BAD = {
    "a bracket": ("ŷ = σ(vᵀ x", ["line 1"]),
    "an unknown function": ("ŷ = sigmod(vᵀ x)", ["sigmod"]),
    "an empty text": (" ", ["empty"]),
    "a file that is not there": ("model.eq", ["model.eq"]),
    "an ambiguous product": ("ŷ = σ(v x)", ["ambiguous"]),
    "a size that conflicts": ("ŷ = σ(vᵀ x), v ∈ R^3", ["3", "7"]),
    "a call of code": ("ŷ = __import__('os').system('true')", []),
}


@pytest.mark.parametrize("name", BAD)
def test_a_wrong_equation_gets_one_line_and_the_place_below(gradiens, table, tmp_path, name):
    text, words = BAD[name]
    said = gradiens("fit", table, "--target", "bought", "--equation", text, "--out", "run")
    assert said.code == 2 and "Traceback" not in said.err
    first, *below = [line for line in said.err.splitlines() if not line.startswith("·")]
    assert first.startswith("gradiens: ") and not any(line.startswith("gradiens: ") for line in below)
    assert all(word in said.err for word in words), said.err
    if "line 1" in first and text.strip():
        assert below[0].strip() == text.strip() and set(below[1].strip()) == {"^"}
    assert not (tmp_path / "run" / "spec.json").exists()


def test_the_place_is_in_the_json_too(gradiens, table):
    said = gradiens("fit", table, "--target", "bought", "--equation", "a = 1\nŷ = σ(v x)", "--json")
    assert said.code == said.json["exit"] == 2
    assert (said.json["error"]["line"], said.json["error"]["column"]) == (2, 7)


@pytest.mark.parametrize("flag", [("--hidden", "8"), ("--activation", "tanh")])
def test_an_equation_and_layers_are_refused(gradiens, table, flag):
    said = gradiens("fit", table, "--target", "bought", "--equation", TEXT, *flag)
    assert said.code == 2 and flag[0] in said.err


def test_show_check_says_what_was_compared(gradiens):
    said = gradiens("show", "rmsprop", "--check")
    assert said.code == 0
    lines = [line for line in said.out.splitlines() if line.startswith("checked: relative error")]
    assert ["float64" in line for line in lines] == [True, False] and "float32" in lines[1]
    (told,) = gradiens("show", "rmsprop", "--check", "--json").json["equations"]
    assert [check["dtype"] for check in told["checks"]] == ["float64", "float32"]


@pytest.mark.parametrize(("notation", "shown"), [("book", "W x + b"), ("index", "Σⱼ Wᵢⱼ xⱼ"), ("code", "W @ x + b")])
def test_the_notations(gradiens, notation, shown):
    said = gradiens("show", "softmax_regression", "--notation", notation)
    assert said.code == 0 and shown in said.out


def test_an_unknown_notation_is_refused(gradiens):
    said = gradiens("show", "softmax_regression", "--notation", "cod")
    assert said.code == 2 and "'code'" in said.err


def test_show_all_check_leaves_nothing_out_silently(gradiens, monkeypatch):
    few = [catalogue.find(name) for name in ("relu", "sgd", "iris", "accuracy", "glorot", "fit_linear", "cosine")]
    monkeypatch.setattr(catalogue, "everything", lambda: tuple(few))
    said = gradiens("show", "--all", "--check", "--json")
    found = said.json
    assert said.code == 0
    assert (found["total"], found["checked"], found["unprinted"]) == (3, 3, [])
    assert found["worst_error"] <= 1e-9
    assert found["without_equations"] == ["iris", "accuracy", "glorot", "fit_linear"]
    assert all(found["why"][kind] for kind in ("data set", "metric", "initialiser", "method"))
    assert "3 of 3 checked" in gradiens("show", "--all", "--check").out


def test_show_all_check_fails_where_a_print_is_not_its_program(gradiens, monkeypatch):
    true = explain.equations_of_entry
    wrong = true(catalogue.find("tanh"))[0][1]

    def swapped(entry):
        import dataclasses

        found = true(entry)
        if entry.name != "relu":
            return found
        return [(title, dataclasses.replace(one, program=wrong.program)) for title, one in found]

    few = tuple(catalogue.find(name) for name in ("relu", "sgd"))
    monkeypatch.setattr(catalogue, "everything", lambda: few)
    monkeypatch.setattr(explain, "equations_of_entry", swapped)
    said = gradiens("show", "--all", "--check", "--json")
    assert said.code == 1
    assert (said.json["total"], said.json["checked"], said.json["unequal"]) == (2, 1, ["relu"])
    assert gradiens("show", "relu", "--check").code == 1


def test_show_without_a_name_says_what_to_do(gradiens):
    said = gradiens("show")
    assert said.code == 2 and "--all" in said.err
    assert gradiens("show", "--all", "--json").json == gradiens("show", "all", "--json").json


def test_explain_checks_and_writes_latex(gradiens, written, tmp_path):
    said = gradiens("explain", "run", "--check")
    assert said.code == 0
    assert said.out.count("checked: relative error") == 2 * len(gradiens("explain", "run", "--json").json["equations"])
    told = gradiens("explain", "run", "--tex", "out.tex", "--json").json
    assert told["tex"] == "out.tex"
    text = (tmp_path / "out.tex").read_text(encoding="utf-8")
    assert r"\hat{y} &= \sigma" in text and "adam" in text and "shop" in text
