"""Projections onto Gaussians: moments, and SciPy's search on the exact divergence."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import integrate, stats

from gradiens.classical.unsupervised.gaussian_projection import project_gaussian
from gradiens.core.check import Failure, Mistake
from gradiens.functions.information.density import nodes

GRID = nodes([-12.0, 0.0, 9.0, 16.0])


def bumps(x):
    """Weights 0.3 and 0.7, means 0 and 9, s.d. 1 and 0.5."""
    parts = [jnp.log(w) - ((x - m) / s) ** 2 / 2 - jnp.log(s * 2.5066282746310002)
             for w, m, s in ((0.3, 0.0, 1.0), (0.7, 9.0, 0.5))]  # fmt: skip
    return jax.nn.logsumexp(jnp.stack(parts), axis=0)


def test_forward_has_the_moments_of_the_law():
    found = project_gaussian(bumps, "forward", [(1.0, 1.0), (5.0, 3.0)], GRID)
    variance = 0.3 * (1 + 6.3**2) + 0.7 * (0.25 + 2.7**2)
    assert found.mean == pytest.approx(6.3, abs=1e-6) and found.sd == pytest.approx(np.sqrt(variance), abs=1e-6)
    p, q = (lambda x: np.exp(float(bumps(np.float64(x))))), stats.norm(6.3, np.sqrt(variance))
    with jax.enable_x64(True):
        exact = integrate.quad(lambda x: p(x) * (np.log(p(x)) - q.logpdf(x)), -8, 13, points=[0, 9], limit=200)[0]
    assert found.divergence == pytest.approx(exact, rel=1e-6)


def test_reverse_keeps_to_a_bump_and_the_heavier_is_nearer():
    found = project_gaussian(bumps, "reverse", [(0.0, 1.0), (9.0, 0.5)], GRID)
    assert found.mean == pytest.approx(9.0, abs=0.05) and found.sd == pytest.approx(0.5, rel=0.05)
    assert found.divergence == pytest.approx(-np.log(0.7), abs=0.01)
    assert found.starts[0, 2] == pytest.approx(-np.log(0.3), abs=0.02) and found.starts.shape == (2, 3)


def test_a_gaussian_is_its_own_projection():
    law = lambda x: -(((x - 1.5) / 0.7) ** 2) / 2 - np.log(0.7 * np.sqrt(2 * np.pi))  # noqa: E731
    for direction in ("forward", "reverse"):
        found = project_gaussian(law, direction, [(0.0, 2.0)], GRID)
        assert (found.mean, found.sd) == pytest.approx((1.5, 0.7), abs=1e-6)
        assert found.divergence == pytest.approx(0, abs=1e-9)


def test_bad_input():
    with pytest.raises(Mistake, match="did you mean 'forward'"):
        project_gaussian(bumps, "foward", [(0.0, 1.0)], GRID)
    with pytest.raises(Mistake, match="a positive"):
        project_gaussian(bumps, "reverse", [(0.0, 0.0)], GRID)
    with pytest.raises(Mistake, match="one start"):
        project_gaussian(bumps, "reverse", [], GRID)
    with pytest.raises(Failure, match="infinite from every start"):
        project_gaussian(lambda x: jnp.where(x > 0, -x, -jnp.inf), "reverse", [(-50.0, 0.1)], GRID)
