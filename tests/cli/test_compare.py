"""`gradiens compare` says which run is better, in words and in JSON."""

from __future__ import annotations

import pytest


@pytest.fixture
def two(gradiens, table):
    for name, hidden in (("net", "8"), ("line", "none")):
        said = gradiens(
            "fit", table, "--target", "bought", "--hidden", hidden, "--epochs", "3", "--quiet", "--out", name
        )
        assert said.code == 0, said.err


def test_the_verdict_in_words_and_in_json(gradiens, two):
    said = gradiens("compare", "net", "line")
    assert said.code == 0, said.err
    assert "on the 18 test rows of shop: accuracy" in said.out
    assert any(words in said.out for words in ("net beats line", "line beats net", "net cannot be told from line"))
    assert "log_loss" in said.out and "P(no difference)" in said.out
    found = gradiens("compare", "net", "line", "--json").json
    assert found["rows"] == 18 and found["metric"] == "accuracy"
    assert [effect["metric"] for effect in found["effects"]] == ["accuracy", "log_loss"]
    assert found["effects"][0]["interval"][0] <= found["effects"][0]["difference"] <= found["effects"][0]["interval"][1]


def test_runs_on_other_rows_are_one_clear_line(gradiens, table, two):
    gradiens("fit", table, "--target", "bought", "--epochs", "1", "--quiet", "--out", "other", "--seed", "5")
    said = gradiens("compare", "net", "other")
    assert said.code == 2
    assert said.err.startswith(
        "gradiens: expected two runs judged on the same test rows, got other test rows; fit both"
    )
