"""The table and the figures of a race."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.optim.bfgs import BFGS
from gradiens.optim.gauss_newton import GaussNewton
from gradiens.optim.laboratory import race
from gradiens.optim.minimiser import FirstOrder
from gradiens.optim.problems.quadratic import Quadratic
from gradiens.optim.sgd import SGD
from gradiens.report.optimization import figures_of, table_of

PROBLEMS = {"bowl": Quadratic(kappa=4.0), "round": Quadratic(kappa=1.0, d=3)}


@pytest.fixture(scope="module")
def found():
    with jax.enable_x64(True):
        methods = {"sgd": FirstOrder(SGD(jnp.asarray([1e-6, 0.3]))), "bfgs": BFGS(), "gauss_newton": GaussNewton()}
        return race(methods, PROBLEMS, steps=60)


def test_the_table_has_the_best_first_and_says_what_was_not_run(found):
    rows = table_of(found, "bowl", 1e-6)
    assert [row["method"] for row in rows] == ["bfgs", "sgd", "gauss_newton"]
    assert rows[2]["says"] == "it needs residuals" and "work" not in rows[2]
    assert rows[1]["setting"] == "lr 0.3" and rows[1]["reached"] == "1 of 1"
    assert rows[1]["work"] == 3 * (rows[1]["steps"] + 1) < rows[1]["with tuning"]
    assert rows[0]["work"] == rows[0]["with tuning"] and rows[0]["gap"] < 1e-12
    slow = table_of(found, "bowl", 1e-60)
    assert {row.get("steps") for row in slow if row["method"] == "sgd"} == {None}


def test_the_figures(found):
    with jax.enable_x64(True):
        (paths, gaps), (alone,), (profile, tuned) = figures_of(found, PROBLEMS, 1e-6)
    assert [s.label for s in paths.series] == ["log₁₀ of the gap", "sgd", "bfgs", "minimum"]
    np.testing.assert_allclose([paths.series[2].x[-1], paths.series[2].y[-1]], 0, atol=1e-6)
    assert "bfgs arrives after" in paths.says()
    assert gaps.log_x and gaps.log_y and min(s.y.min() for s in gaps.series) >= 1e-16
    assert alone.title == "Gap to the minimum of round"
    assert all(np.all(np.diff(s.y) >= 0) and s.y.max() <= 1 for s in (*profile.series, *tuned.series))
