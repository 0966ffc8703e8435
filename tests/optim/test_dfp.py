"""DFP against Fletcher & Powell's formula, its duality with BFGS, and its theorems."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from gradiens.optim.bfgs import BFGS
from gradiens.optim.dfp import DFP
from gradiens.optim.line_search.exact import Exact
from tests.optim.methods import START, end, quadratic, rosenbrock, walk
from tests.optim.test_bfgs import triples


def mended(kind, *triple):
    return np.asarray(kind().mend(*map(jnp.asarray, triple)))


def test_oracle(x64):
    """Fletcher & Powell (1963): H' = H + σσᵀ/σᵀy - H y yᵀ H / yᵀH y."""
    for H, sigma, y in triples():
        expected = H + np.outer(sigma, sigma) / (sigma @ y) - (H @ np.outer(y, y) @ H) / (y @ H @ y)
        np.testing.assert_allclose(mended(DFP, H, sigma, y), expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())


def test_it_is_the_dual_of_bfgs(x64):
    """With s and y exchanged and the matrix inverted each formula is the other's."""
    for B, s, y in triples():
        other = np.linalg.inv(mended(BFGS, np.linalg.inv(B), y, s))
        np.testing.assert_allclose(mended(DFP, B, s, y), other, rtol=1e-6, atol=1e-6 * np.abs(other).max())


def test_the_secant_condition_and_positive_definiteness(x64):
    for B, s, y in triples():
        got = mended(DFP, B, s, y)
        np.testing.assert_allclose(got @ y, s, atol=1e-9 * np.abs(got).max())
        assert np.linalg.eigvalsh(got)[0] > 0


def test_with_exact_search_it_ends_in_d_steps_with_the_inverse_hessian(x64):
    cost, A, b = quadratic(seed=1, d=4)
    path = walk(DFP(search=Exact()), cost, np.ones(4), 4)
    np.testing.assert_allclose(path[4][0].theta, np.linalg.solve(A, b), atol=1e-10)
    np.testing.assert_allclose(path[4][1].B, np.linalg.inv(A), atol=1e-10)


def test_rosenbrock(x64):
    state = end(DFP(), rosenbrock(), START)
    assert state.done and state.t < 200
    np.testing.assert_allclose(state.point.theta, [1, 1], atol=1e-7)
