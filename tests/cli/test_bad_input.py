"""Bad input gets one clear line and exit code 2, and nothing on disk is damaged."""

from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from gradiens.cli import main
from gradiens.cli.app import run

GOOD = "a,b,y\n" + "".join(f"{i},{i % 7},{'u' if i % 2 else 'v'}\n" for i in range(40))


def refused(said, *words):
    assert said.code == 2, said.err
    lines = [line for line in said.err.splitlines() if line.startswith("gradiens: ")]
    assert len(lines) == 1 and lines[0].startswith("gradiens: expected ")
    assert "Traceback" not in said.err + said.out
    assert "Value error" not in lines[0]
    for word in words:
        assert word in lines[0], (word, lines[0])


FILES = {
    "empty": (b"", ["empty"]),
    "header only": (b"a,b,y\n", []),
    "one row": (b"a,b,y\n1,2,u\n", []),
    "not UTF-8": (b"a,b,y\n1,\xff\xfe,u\n2,3,v\n" * 9, ["UTF-8"]),
    "duplicate columns": (b"a,a,y\n1,2,u\n3,4,v\n", ["a"]),
    "one class": (b"a,b,y\n" + b"1,2,u\n2,3,u\n" * 20, ["'u'"]),
    "target with gaps": (GOOD.replace("u", "").encode(), ["missing"]),
    "column all missing": (b"a,b,y\n" + b"1,,u\n2,,v\n" * 20, ["b"]),
    "Inf": (b"a,b,y\n" + b"1,2,u\n2,3,v\n" * 20 + b"inf,3,u\n", ["a"]),
}


@pytest.mark.parametrize("name", FILES)
def test_bad_files(gradiens, tmp_path, name):
    content, words = FILES[name]
    (tmp_path / "t.csv").write_bytes(content)
    refused(gradiens("fit", "t.csv", "--target", "y", "--out", "run"), *words)
    assert not (tmp_path / "run" / "spec.json").exists()
    assert (tmp_path / "t.csv").read_bytes() == content


OPTIONS = {
    "no such target": (["--target", "yy"], ["'y'"]),
    "no target": ([], ["--target"]),
    "negative step size": (["--target", "y", "--lr", "-0.1"], ["lr", "-0.1"]),
    "zero epochs": (["--target", "y", "--epochs", "0"], ["epochs"]),
    "unknown optimizer": (["--target", "y", "--optimizer", "adm"], ["'adam'"]),
    "unknown activation": (["--target", "y", "--activation", "rleu"], ["'relu'"]),
    "unknown loss": (["--target", "y", "--loss", "squard"], ["'squared'"]),
    "unknown knob": (["--target", "y", "--set", "betta=0.5"], ["'beta'"]),
    "the step size twice": (["--target", "y", "--set", "lr=5"], ["--lr"]),
    "a knob that is no number": (["--target", "y", "--set", "beta=x"], ["beta"]),
    "a width of zero": (["--target", "y", "--hidden", "8,0"], ["hidden"]),
    "a width that is no number": (["--target", "y", "--hidden", "8,x"], ["hidden"]),
    "no rows to train on": (["--target", "y", "--val", "0.6", "--test", "0.5"], ["val"]),
    "unknown flag": (["--target", "y", "--lrr", "1"], ["--lrr"]),
    "unknown column to drop": (["--target", "y", "--drop", "bb"], ["'b'"]),
    "a loss of another task": (["--target", "y", "--loss", "categorical_cross_entropy"], ["binary"]),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_bad_options(gradiens, tmp_path, name):
    words, expected = OPTIONS[name]
    (tmp_path / "t.csv").write_text(GOOD)
    refused(gradiens("fit", "t.csv", *words, "--out", "run"), *expected)
    assert not (tmp_path / "run" / "spec.json").exists()


def test_a_missing_file_and_an_unknown_data_set(gradiens, tmp_path):
    (tmp_path / "table.csv").write_text(GOOD)
    refused(gradiens("fit", "tabel.csv", "--target", "y"), "table.csv")
    refused(gradiens("fit", "irris"), "'iris'")


@pytest.fixture
def trained(gradiens, tmp_path):
    (tmp_path / "t.csv").write_text(GOOD)
    assert gradiens("fit", "t.csv", "--target", "y", "--epochs", "2", "--hidden", "4", "--out", "run").code == 0
    return tmp_path / "run"


def test_bad_data_at_prediction(gradiens, trained, tmp_path):
    files = {
        "missing": ("a\n1\n", ["'b'"]),
        "text": ("a,b\nhot,1\n", ["a"]),
        "inf": ("a,b\ninf,1\n", ["a"]),
    }
    for name, (content, words) in files.items():
        (tmp_path / f"{name}.csv").write_text(content)
        refused(gradiens("predict", trained, f"{name}.csv"), *words)


def test_an_extra_column_and_an_unseen_category_are_counted_not_refused(gradiens, tmp_path):
    rows = "".join(f"{i},{'red' if i % 3 else 'blue'},{'u' if i % 2 else 'v'}\n" for i in range(60))
    (tmp_path / "t.csv").write_text("a,colour,y\n" + rows)
    gradiens("fit", "t.csv", "--target", "y", "--epochs", "2", "--hidden", "4", "--out", "run")
    (tmp_path / "new.csv").write_text("a,colour,more\n1,green,x\n2,red,y\n3,green,z\n")
    said = gradiens("predict", "run", "new.csv", "--json")
    assert said.code == 0 and said.json["rows"] == 3
    notes = " ".join(said.json["notes"])
    assert "colour" in notes and "2" in notes and "more" in notes


def test_bad_runs_and_models(gradiens, trained, tmp_path):
    refused(gradiens("predict", "nowhere", "t.csv"))
    refused(gradiens("explain", "nowhere"))
    refused(gradiens("resume", "nowhere"), "run")
    refused(gradiens("fit", "t.csv", "--target", "y", "--out", trained), "resume")
    save_file({"w": np.zeros(3)}, tmp_path / "other.safetensors")
    refused(gradiens("predict", "other.safetensors", "t.csv"), "another program")
    content = (trained / "model.safetensors").read_bytes()
    (trained / "model.safetensors").write_bytes(content[: len(content) // 2])
    refused(gradiens("predict", trained, "t.csv"), "damaged")


def test_ctrl_c_outside_of_a_training_says_so(gradiens, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("gradiens.book.runner.run_section", interrupted)
    monkeypatch.setattr("gradiens.cli.book.run_section", interrupted, raising=False)
    said = gradiens("book", "run", "2.1", "--json")
    assert (said.code, said.err) == (130, "gradiens: interrupted\n")
    assert said.json["exit"] == 130


def test_ctrl_c_while_the_libraries_are_loaded_says_so(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "gradiens.cli.app", _Interrupting("app"))
    with pytest.raises(SystemExit, match="130"):
        main()
    assert capsys.readouterr().err == "gradiens: interrupted\n"


class _Interrupting(ModuleType):
    def __getattr__(self, name):
        raise KeyboardInterrupt


def test_bad_names_elsewhere(gradiens):
    refused(gradiens("show", "adamm"), "'adam'")
    refused(gradiens("explain", "x", "--as", "latx"))
    refused(gradiens("book", "run", "4.33"), "4.3")
    refused(gradiens("book", "run", "4.3", "--knob", "lrr=1"))
    refused(gradiens("book", "check", "four"))
    refused(gradiens("fitt"), "fit")


def test_a_run_that_diverges_fails_with_advice_and_keeps_the_last_good_checkpoint(gradiens, tmp_path):
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{i},{3.7 * i}\n" for i in range(60)))
    said = gradiens(
        "fit", "t.csv", "--target", "y", "--lr", "90", "--optimizer", "sgd", "--epochs", "50", "--out", "run"
    )
    assert said.code == 1
    assert "diverged" in said.err and "smaller step size" in said.err and "Traceback" not in said.err
    assert list((tmp_path / "run" / "checkpoints").glob("step-*"))


CELLS = st.one_of(
    st.integers(-(10**9), 10**9).map(str),
    st.floats(allow_nan=True, allow_infinity=True).map(str),
    st.text(max_size=6),
    st.sampled_from(["", "NA", "?", "red", "2024-01-31", "1e999", '"', "a,b", "true"]),
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    names=st.lists(st.text(max_size=5), min_size=1, max_size=4),
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=30),
)
def test_no_table_whatever_brings_a_traceback(tmp_path_factory, names, rows):
    folder = tmp_path_factory.mktemp("any")
    path = folder / "t.csv"
    path.write_bytes("\n".join(",".join(cells) for cells in [names, *rows]).encode("utf-8", "surrogatepass"))
    words = ["--epochs", "1", "--hidden", "2", "--out", str(folder / "run"), "-q"]
    code = run(["fit", str(path), "--target", names[-1] or "y", *words])
    assert code in (0, 2), code
    if code == 0:
        assert run(["predict", str(folder / "run"), str(path), "--json"]) in (0, 2)


def test_predictions_survive_a_parquet_file(gradiens, trained, tmp_path):
    pl.DataFrame({"a": [1.5, 2.5], "b": [1, 2]}).write_parquet(tmp_path / "new.parquet")
    assert gradiens("predict", trained, "new.parquet", "--json").json["rows"] == 2
