"""Backtracking: the first of the shortened steps that satisfies Armijo's inequality."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from gradiens.optim.line_search.backtracking import Backtracking
from gradiens.optim.minimiser import STUCK
from tests.optim.line_search.lines import lines, one, search_all, values


def test_oracle_on_204_lines(x64):
    """Nocedal & Wright (2006), Algorithm 3.1, with c₁ = 0.3 and τ = 0.4."""
    many, first = lines()
    found = search_all(Backtracking(c1=0.3, shrink=0.4), many, first)
    tried = np.asarray(first)[:, None] * 0.4 ** np.arange(20)
    start, slope = np.asarray(many.start.value), np.asarray(many.start.g)[:, 0]
    accepted = np.stack([values(many, alpha) <= start + 0.3 * alpha * slope for alpha in tried.T], axis=1)
    steps = accepted.argmax(axis=1)
    np.testing.assert_allclose(found.alpha, tried[np.arange(len(tried)), steps], rtol=1e-12)
    np.testing.assert_array_equal(found.counts.values, steps + 2)  # its trials, and the point that is kept
    np.testing.assert_array_equal(found.counts.gradients, 1)
    assert len(set(steps)) >= 4 and not found.trouble.any()


def test_it_gives_up(x64):
    """The slope says downhill, the values do not: 5 shortenings, and the start."""
    line = one(lambda t: jnp.where(t == 0, 0.0, 1.0) + jnp.exp(-t))
    found = Backtracking(most=5)(line, jnp.asarray(1.0))
    assert found.trouble == STUCK and found.alpha == 0 and found.point.theta == 0 and found.counts.values == 7
