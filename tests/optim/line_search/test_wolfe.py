"""Wolfe's conditions on nasty lines, and the bisection that finds them."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.optim.line_search.wolfe import Wolfe, in_order
from gradiens.optim.minimiser import FINE, STUCK
from tests.optim.line_search.lines import lines, one, search_all


def conditions(many, found, c1, c2):
    """Armijo's and Wolfe's inequality, each with room for rounding."""
    start, slope0 = np.asarray(many.start.value), np.asarray(many.start.g)[:, 0]
    alpha, slope = np.asarray(found.alpha), np.asarray(found.point.g)[:, 0]
    room = 1e-12 * np.abs(start)
    return np.asarray(found.point.value) <= start + c1 * alpha * slope0 + room, slope >= c2 * slope0


@pytest.mark.parametrize(("c1", "c2"), [(1e-4, 0.9), (0.2, 0.3)])
def test_both_inequalities_on_204_lines(x64, c1, c2):
    many, first = lines()
    found = search_all(Wolfe(c1=c1, c2=c2), many, first)
    armijo, wolfe = conditions(many, found, c1, c2)
    assert armijo.all() and wolfe.all() and (np.asarray(found.trouble) == FINE).all()
    assert (np.asarray(found.alpha) > 0).all() and int(found.counts.values.max()) <= 40


def bisection(phi, slope, first, c1, c2):
    """Lewis & Overton (2013), Algorithm 2.6, from t = first: t and the number of trials."""
    low, high, t, trials = 0.0, np.inf, first, 1
    while True:
        if not phi(t) <= phi(0) + c1 * t * slope(0):
            high = t
        elif not slope(t) >= c2 * slope(0):
            low = t
        else:
            return t, trials
        t, trials = ((low + high) / 2 if np.isfinite(high) else 2 * low), trials + 1


@pytest.mark.parametrize("first", [0.01, 0.7, 5.0, 300.0])
def test_oracle(x64, first):
    phi, slope = lambda t: t**4 / 4 - 2 * t, lambda t: t**3 - 2
    t, trials = bisection(phi, slope, first, 0.3, 0.4)
    found = Wolfe(c1=0.3, c2=0.4)(one(lambda t: t**4 / 4 - 2 * t), jnp.asarray(first))
    assert found.alpha == pytest.approx(t) and found.counts.values == found.counts.gradients == trials


def test_it_gives_up_with_the_start_where_nothing_is_lower(x64):
    line = one(lambda t: jnp.where(t == 0, 0.0, 1.0) + jnp.exp(-t))
    found = Wolfe(most=6)(line, jnp.asarray(1.0))
    assert found.trouble == STUCK and found.alpha == 0 and found.counts.values == 6


def test_without_bottom_it_goes_as_far_as_it_may(x64):
    found = Wolfe(most=11)(one(lambda t: -t), jnp.asarray(1.0))
    assert found.alpha == 2.0**10 and found.trouble == FINE


@pytest.mark.parametrize(("c1", "c2"), [(0.5, 0.4), (0.0, 0.5), (0.3, 0.3)])
def test_constants_out_of_order_are_a_mistake(c1, c2):
    with pytest.raises(Mistake, match="0 < c1 < c2 < 1"):
        Wolfe(c1=c1, c2=c2)
    in_order(0.1, 0.2)
