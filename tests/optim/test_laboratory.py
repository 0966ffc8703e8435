"""The laboratory: what it runs is what the loop runs, and its summaries are those of the definitions."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.iterate import iterate
from gradiens.optim.bfgs import BFGS
from gradiens.optim.laboratory import Race, Rows, race
from gradiens.optim.levenberg_marquardt import LevenbergMarquardt
from gradiens.optim.minimiser import FirstOrder, Minimise
from gradiens.optim.problems.quadratic import Quadratic
from gradiens.optim.problems.rosenbrock import Rosenbrock
from gradiens.optim.secant import Secant
from gradiens.optim.sgd import SGD

RATES = (0.001, 0.0005, 0.1)  # the last diverges


@pytest.fixture(scope="module")
def found():
    with jax.enable_x64(True):
        methods = {"sgd": FirstOrder(SGD(jnp.asarray(RATES))), "bfgs": BFGS(), "lm": LevenbergMarquardt()}
        starts = {"rosenbrock": jnp.asarray([[-1.2, 1.0], [0.4, -0.2]])}
        return race(methods, {"rosenbrock": Rosenbrock(), "bowl": Quadratic(kappa=4.0)}, starts, steps=40, rows=20)


def test_each_lane_is_the_run_of_the_loop(found, x64):
    for lane, rate in enumerate(RATES[:2]):
        problem = Minimise(Rosenbrock().cost(), FirstOrder(SGD(rate)), 0.0)
        alone = iterate(
            problem, jnp.asarray([0.4, -0.2]), steps=40, record=lambda s, i: (i.value, s.point.theta), quiet=True
        )
        rows = found.rows["sgd", "rosenbrock"]
        np.testing.assert_allclose(rows.value[lane, 1, 1:], alone.trace[0][1::2], rtol=1e-12)
        np.testing.assert_allclose(rows.theta[lane, 1, 1:], alone.trace[1][1::2], rtol=1e-12)
    np.testing.assert_array_equal(found.steps, np.arange(0, 41, 2))


def test_work_counts_what_was_asked(found):
    np.testing.assert_array_equal(found.rows["sgd", "rosenbrock"].work[0, 0], 3 * (1 + found.steps))
    lm = found.rows["lm", "rosenbrock"].work[0, 0]
    assert lm[1] - lm[0] == 2 * (1 + 2 + 4 * 2)  # two steps: a value, a gradient, a Hessian of two parameters


def test_a_lane_that_diverges_spoils_no_other(found):
    rows = found.rows["sgd", "rosenbrock"]
    assert not np.isfinite(rows.value[2, 0, -1]) and np.isfinite(rows.value[0]).all()
    assert found.best_lane("sgd", "rosenbrock", 1e-3) == 0


def test_what_does_not_suit_is_left_out_and_said(found):
    assert found.left_out == {("lm", "bowl"): "it needs residuals"}
    with pytest.raises(Mistake, match="secant on rosenbrock: it is for one parameter"):
        race({"secant": Secant()}, {"rosenbrock": Rosenbrock()})


def by_hand(values, work):
    """A race of given values, one start; work is a row number times `work`."""
    rows = {}
    for (method, problem), lanes in values.items():
        lanes = np.asarray(lanes, float)[:, None, :]
        asked = np.broadcast_to(work[method] * np.arange(lanes.shape[2]), lanes.shape)
        rows[method, problem] = Rows(lanes, lanes, asked, None)
    return Race(rows, np.arange(4), {"p": 0.0, "q": 0.0}, {"a": {}, "b": {}}, {}, {})


def test_summaries_by_hand():
    values = {
        ("a", "p"): [[8, 4, 0.5, 0.5], [8, 0.5, 0.1, 0.1]],
        ("b", "p"): [[8, 8, 8, 0.1]],
        ("a", "q"): [[8, 8, 8, 8], [8, 8, 8, 7]],
        ("b", "q"): [[8, 0.1, 0.1, 0.1]],
    }
    r = by_hand(values, {"a": 10, "b": 5})
    np.testing.assert_array_equal(r.work_to("a", "p", 0.1), [[20], [10]])
    assert r.best_lane("a", "p", 0.1) == 1 and r.best_lane("a", "q", 0.1) == 1
    np.testing.assert_array_equal([r.tuned("a", "p", 0.1), r.with_tuning("a", "p", 0.1)], [[10], [30]])
    assert r.tuned("b", "p", 0.1) == [15] and np.isinf(r.with_tuning("a", "q", 0.1))
    profile = r.profile(0.1, np.array([1.0, 1.5, 2.0]))
    np.testing.assert_array_equal(profile["a"], [0.5, 0.5, 0.5])  # first on p, never there on q
    np.testing.assert_array_equal(profile["b"], [0.5, 1.0, 1.0])
    tuning = r.profile(0.1, np.array([1.0, 1.5, 2.0]), tuning=True)
    np.testing.assert_array_equal(tuning["a"], [0, 0, 0.5])  # 30 against 15
    np.testing.assert_array_equal(tuning["b"], [1, 1, 1])
