"""The second-order methods beside Optimistix: the same minima from the same starts."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.optim.bfgs import BFGS
from gradiens.optim.gauss_newton import GaussNewton
from gradiens.optim.lbfgs import LBFGS
from gradiens.optim.levenberg_marquardt import LevenbergMarquardt
from gradiens.optim.problems.beale import Beale
from gradiens.optim.problems.rosenbrock import Rosenbrock
from tests.optim.methods import end

optimistix = pytest.importorskip("optimistix")

PROBLEMS = [(Rosenbrock(), np.array([-1.2, 1.0])), (Beale(), np.array([1.0, 1.0]))]


@pytest.mark.parametrize(("problem", "start"), PROBLEMS, ids=["rosenbrock", "beale"])
@pytest.mark.parametrize("name", ["BFGS", "LBFGS", "LevenbergMarquardt", "GaussNewton"])
def test_the_same_minimum(x64, name, problem, start):
    """And at most as many steps as it needs, but for its Gauss-Newton, which has no search and may fail."""
    ours = {"BFGS": BFGS, "LBFGS": LBFGS, "LevenbergMarquardt": LevenbergMarquardt, "GaussNewton": GaussNewton}[name]
    least_squares = name in ("LevenbergMarquardt", "GaussNewton")
    run = optimistix.least_squares if least_squares else optimistix.minimise
    f = (lambda theta, _: problem.residuals(theta)) if least_squares else lambda theta, _: problem(theta)
    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        solver = getattr(optimistix, name)(rtol=1e-10, atol=1e-10)
        peer = run(f, solver, jnp.asarray(start), max_steps=2000, throw=False)
    state = end(ours(), problem.cost(), start)
    np.testing.assert_allclose(state.point.theta, problem.minimisers()[0], atol=1e-7)
    if peer.result == optimistix.RESULTS.successful:
        np.testing.assert_allclose(state.point.theta, peer.value, atol=1e-6)
        assert name == "GaussNewton" or int(state.t) <= int(peer.stats["num_steps"])
