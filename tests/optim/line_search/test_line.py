"""The line itself, Armijo's inequality with and without rounding, and what counts as found."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.optim.cost import Point
from gradiens.optim.line_search.line import Line, LineSearch, accepted
from gradiens.optim.minimiser import FINE, STUCK, UPHILL, Counts
from tests.optim.line_search.lines import one
from tests.optim.methods import rosen, rosen_der, rosenbrock


@pytest.fixture
def line(x64):
    cost = rosenbrock()
    return Line(cost, cost.at(jnp.asarray([0.8, 0.0])), jnp.asarray([-204.4, 128.0]))


def test_values_and_slopes(line):
    """The slice of the book's section 4.4: C = 41 at α = 0."""
    p, start = np.array([-204.4, 128.0]), np.array([0.8, 0.0])
    assert line.start.value == pytest.approx(41.0) and line.slope == pytest.approx(rosen_der(start) @ p)
    at = line.at(jnp.asarray(0.00165))
    np.testing.assert_allclose(at.theta, start + 0.00165 * p)
    assert at.value == pytest.approx(rosen(start + 0.00165 * p)) == pytest.approx(0.2895058, abs=1e-7)
    assert line.value(jnp.asarray(0.00165)) == at.value
    np.testing.assert_allclose(at.g, rosen_der(start + 0.00165 * p))


def test_armijo(line):
    """φ(α) ≤ φ(0) + c₁ α φ'(0), here φ(0) = 41, c₁ = ¼."""
    slope = float(line.slope)
    edge = 41.0 + 0.25 * 0.001 * slope
    armijo = lambda value: bool(line.armijo(jnp.asarray(0.001), jnp.asarray(value), None, 0.25))  # noqa: E731
    assert armijo(edge - 1e-9) and not armijo(edge + 1e-9) and not armijo(np.nan)


def test_armijo_in_rounding(x64):
    """Where φ no longer changes the slopes decide: φ'(α) ≤ (2 c₁ - 1) φ'(0), or without them how little is promised."""
    flat = one(lambda t: 1e8 + (t - 1e-4) ** 2)  # slope -2e-4 at 0
    alpha, same = jnp.asarray(4e-4), flat.start.value
    edge = (2 * 0.25 - 1) * float(flat.slope)  # 1e-4
    assert flat.armijo(alpha, same, jnp.asarray(0.9 * edge), 0.25)
    assert not flat.armijo(alpha, same, jnp.asarray(1.1 * edge), 0.25)
    assert flat.armijo(alpha, same, None, 0.25)  # it promises 8e-8, less than the rounding of 1e8
    assert not flat.armijo(jnp.asarray(1e3), same, None, 0.25)  # 0.2 would be seen
    above = same + 20 * np.finfo(float).eps * 1e8
    assert not flat.armijo(alpha, above, jnp.asarray(0.9 * edge), 0.25)
    below = same - 5 * np.finfo(float).eps * 1e8  # lower, but less so than was promised
    assert flat.armijo(jnp.asarray(1e3), below, jnp.asarray(0.9 * edge), 0.25)
    assert not flat.armijo(jnp.asarray(1e3), below, jnp.asarray(1.1 * edge), 0.25)


def test_what_counts_as_found(line):
    point, alpha, yes, no = line.at(jnp.asarray(1e-3)), jnp.asarray(1e-3), jnp.asarray(True), jnp.asarray(False)
    found = accepted(line, point, alpha, yes, Counts(3, 1))
    assert (
        found.trouble == FINE
        and found.alpha == 1e-3
        and found.point.value == point.value
        and found.counts == (3, 1, 0, 0)
    )
    bad = Point(point.theta, point.value, point.g.at[1].set(jnp.nan))
    for given, enough in ((point, no), (bad, yes)):
        found = accepted(line, given, alpha, enough, Counts(3, 1))
        assert found.trouble == STUCK and found.alpha == 0
        np.testing.assert_array_equal(found.point.theta, line.start.theta)
    bottomless = accepted(line, Point(point.theta, jnp.asarray(-jnp.inf), bad.g), alpha, yes, Counts())
    assert bottomless.trouble == FINE and bottomless.point.value == -jnp.inf
    uphill = Line(line.cost, line.start, -line.p)
    assert accepted(uphill, point, alpha, yes, Counts()).trouble == UPHILL


def test_the_base_has_no_rule(line):
    with pytest.raises(NotImplementedError):
        LineSearch()(line, jnp.asarray(1.0))
