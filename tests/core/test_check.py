from __future__ import annotations

import pytest

from gradiens.core.check import Mistake, known, nearest


def test_a_mistake_is_one_line_with_expected_got_and_do():
    mistake = Mistake("a positive step size", -1, "try 0.01")
    assert str(mistake) == "expected a positive step size, got -1; try 0.01"


@pytest.mark.parametrize(("given", "meant"), [("incme", "income"), ("ADAM", "adam"), ("", ""), ("zzzz", "")])
def test_nearest(given, meant):
    assert nearest(given, ["income", "adam", "age"]) == meant


def test_known_passes_a_known_name_and_suggests_for_a_misspelt_one():
    assert known("optimizer", "adam", ["adam", "sgd"]) == "adam"
    with pytest.raises(Mistake, match="did you mean 'adam'"):
        known("optimizer", "adm", ["adam", "sgd"])
    with pytest.raises(Mistake, match="known: adam, sgd"):
        known("optimizer", "qqqq", ["adam", "sgd"])
    with pytest.raises(Mistake, match=r"known: a0, .*, a19$"):
        known("network", "qqqq", [f"a{i}" for i in range(20)])
    with pytest.raises(Mistake, match=r"known: none$"):
        known("column", "qqqq", [])
