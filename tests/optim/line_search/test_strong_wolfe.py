"""The strong Wolfe conditions on nasty lines and on Moré & Thuente's, and the cubic that finds them."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.optim.line_search.strong_wolfe import StrongWolfe, _End
from gradiens.optim.minimiser import FINE, STUCK
from tests.optim.line_search.lines import lines, more_thuente_lines, one, search_all


@pytest.mark.parametrize(("c1", "c2"), [(1e-4, 0.9), (1e-4, 0.1), (0.2, 0.3)])
def test_both_inequalities_on_204_lines(x64, c1, c2):
    many, first = lines()
    found = search_all(StrongWolfe(c1=c1, c2=c2), many, first)
    start, slope0 = np.asarray(many.start.value), np.asarray(many.start.g)[:, 0]
    room = 1e-12 * np.abs(start)
    assert np.all(np.asarray(found.point.value) <= start + c1 * np.asarray(found.alpha) * slope0 + room)
    assert np.all(np.abs(np.asarray(found.point.g)[:, 0]) <= -c2 * slope0)
    assert (np.asarray(found.trouble) == FINE).all() and (np.asarray(found.alpha) > 0).all()
    assert int(found.counts.values.max()) <= 40 and float(found.counts.values.mean()) <= 9


# The tolerances μ, η of the paper's tables 1 to 6 (where they are equal, η is a little larger here), and the largest number of
# trials of its own search there.
TABLES = [(1e-3, 0.1, 6), (0.1, 0.1 + 1e-6, 12), (0.1, 0.1 + 1e-6, 12), *[(1e-3, 1e-3 + 1e-8, 13)] * 3]


def test_more_and_thuente(x64):
    """From their four first steps, in at most three times the trials that their search takes at worst."""
    lines, first, which = more_thuente_lines()
    mu, eta, trials = np.array(TABLES)[which - 1].T
    found = search_all(StrongWolfe(c1=jnp.asarray(mu), c2=jnp.asarray(eta)), lines, first)
    slope0, alpha = np.asarray(lines.start.g)[:, 0], np.asarray(found.alpha)
    assert not found.trouble.any()
    assert np.all(np.asarray(found.point.value) <= np.asarray(lines.start.value) + mu * alpha * slope0 + 1e-12)
    assert np.all(np.abs(np.asarray(found.point.g)[:, 0]) <= -eta * slope0)
    assert np.all(np.asarray(found.counts.values) <= 3 * trials)


def test_the_next_trial_is_the_minimum_of_the_cubic(x64):
    """Of random cubics, with the interval to either side; a tenth of it off the ends at least."""
    rng, seen = np.random.default_rng(0), 0
    for _ in range(200):
        cubic = np.polynomial.Polynomial(rng.normal(size=4))
        a, b = rng.uniform(-2, 2, 2)
        stationary = cubic.deriv().roots()
        least = [float(t.real) for t in stationary if abs(t.imag) < 1e-12 and cubic.deriv(2)(t.real) > 0]
        if not least or not 0.1 < (least[0] - a) / (b - a) < 0.9:
            continue
        ends = [_End(*(jnp.asarray(f(t)) for f in (float, cubic, cubic.deriv()))) for t in (a, b)]
        assert StrongWolfe().next(*ends) == pytest.approx(least[0], rel=1e-6, abs=1e-8)
        seen += 1
    assert seen > 15


def test_the_next_trial_keeps_off_the_ends(x64):
    end = lambda *numbers: _End(*map(jnp.asarray, numbers))  # noqa: E731
    after = lambda low, high: float(StrongWolfe(grow=5.0).next(low, high))  # noqa: E731
    assert after(end(1.0, 0.0, -1e-9), end(3.0, 50.0, 50.0)) == pytest.approx(1.2)  # all but at the low end
    assert after(end(1.0, 0.0, -100.0), end(3.0, -100.0, 1e-9)) == pytest.approx(2.8)  # all but at the high end
    assert after(end(1.0, 0.0, -1.0), end(3.0, np.nan, np.nan)) == 2.0
    assert after(end(2.0, 0.0, -1.0), end(np.inf, 0.0, 0.0)) == 10.0


def test_trials_step_by_step(x64):
    """φ = (t-1)², from ¼ by threes: ¼ is steep, ¾ too, 2¼ is too high, then the cubic is φ itself: 1."""
    found = StrongWolfe(c2=0.1)(one(lambda t: (t - 1) ** 2), jnp.asarray(0.25))
    assert found.alpha == pytest.approx(1.0) and found.counts.values == found.counts.gradients == 4
    short = StrongWolfe(c2=0.1, most=2)(one(lambda t: (t - 1) ** 2), jnp.asarray(0.25))
    assert short.alpha == 0.75 and short.trouble == FINE  # lower, though still steep


def test_it_gives_up_with_the_start_where_nothing_is_lower(x64):
    found = StrongWolfe(most=6)(one(lambda t: jnp.where(t == 0, 0.0, 1.0) + jnp.exp(-t)), jnp.asarray(1.0))
    assert found.trouble == STUCK and found.alpha == 0 and found.counts.values == 6


def test_constants_out_of_order_are_a_mistake():
    with pytest.raises(Mistake, match="0 < c1 < c2 < 1"):
        StrongWolfe(c1=0.5, c2=0.4)
