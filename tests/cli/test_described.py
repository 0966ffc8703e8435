"""Objects without equations of their own are told by their documentation, the formulas of their file among it."""

from __future__ import annotations

import json

from gradiens.cli.described import described, signature
from gradiens.core.catalogue import find


def test_the_call_has_parameters_and_defaults_and_no_types():
    assert signature(find("fit_lasso").what) == "fit_lasso(x, y, penalty, intercept=True)"


def test_the_first_sentence_is_not_told_twice_and_the_formula_of_the_file_is_there():
    told = described(find("kl_divergence"))
    assert not told.startswith("Kullback-Leibler: the extra") and "KL(p ‖ q) = Σₖ pₖ log(pₖ / qₖ)" in told
    assert "Book:" not in told and "Source: Kullback & Leibler (1951)." in told


def test_show(gradiens):
    out = gradiens("show", "fit_lasso")
    assert out.code == 0 and "from gradiens.classical.linear.elastic_net import fit_lasso" in out.out
    said = json.loads(gradiens("show", "fit_lasso", "--json").out)
    assert said["call"].startswith("fit_lasso(x, y") and "‖w‖₁" in said["documentation"] and said["equations"] == []
    assert "call" not in json.loads(gradiens("show", "adam", "--json").out)  # its equations are read from the program
